//! Discord: token, server, commands, channels, what could not be delivered there, and how often it may be begun.

use super::finding::Finding;
use super::undelivered::undelivered;
use crate::cli::discord::{api, refused, scope};
use crate::clock::Clock;
use crate::platform::discord::{Api, MOST_A_DAY, NoServer, Trouble, identifies, invite_link, missing, sees, server};
use crate::settings::{Discord, DiscordMode, Settings};
use crate::store::Store;

/// Fewer beginnings than this are few.
const FEW: u64 = 100;

/// Everything about Discord, if it is set.
pub(in crate::cli) async fn discord(settings: &Settings, store: Option<&Store>, clock: &Clock) -> Vec<Finding> {
    let Some(discord) = &settings.discord else { return Vec::new() };
    let Ok(api) = api(discord) else {
        let todo = "Look at the certificates of this machine.";
        return vec![Finding::failure("discord", "no HTTP client can be set up on this machine", todo)];
    };
    let mut findings = Vec::new();
    match server(&api, discord.guild_id).await {
        Ok(server) => findings.push(Finding::ok("discord", format!("the bot is in the server {:?}", server.name))),
        Err(NoServer::Trouble(trouble)) if trouble != Trouble::Unauthorized => {
            findings.push(unreachable("discord", &trouble));
            return findings;
        }
        Err(why) => {
            let link = format!("{} The link: {}", refused(&why), invite_link(&discord.application_id.to_string()));
            findings.push(Finding::failure("discord", why.to_string(), link));
            return findings;
        }
    }
    findings.push(commands(settings, discord, &api).await);
    findings.push(way_in(discord, &api).await);
    findings.extend(channels(settings, store, &api).await);
    if let Some(store) = store {
        findings.extend(undelivered("discord messages", known, store, clock).await);
    }
    findings
}

fn unreachable(check: &'static str, trouble: &Trouble) -> Finding {
    let todo = "Check the network of this machine, its firewall, and DISCORD_API_URL.";
    Finding::failure(check, format!("Discord cannot be asked: {trouble}"), todo)
}

async fn commands(settings: &Settings, discord: &Discord, api: &Api) -> Finding {
    let check = "discord commands";
    match missing(api, &settings.configuration.command, &scope(discord)).await {
        Ok(missing) if missing.is_empty() => Finding::ok(check, "they are registered"),
        Ok(missing) => {
            let found = format!("not registered: {}", missing.join(", "));
            Finding::warning(
                check,
                found,
                "`steward run` registers them when it starts; global ones may take an hour to show.",
            )
        }
        Err(trouble) => unreachable(check, &trouble),
    }
}

async fn way_in(discord: &Discord, api: &Api) -> Finding {
    if let DiscordMode::Http { .. } = discord.mode {
        let found = "HTTP mode: /discord/interaction must be reachable for Discord, over https";
        return Finding::ok("discord http", found);
    }
    let check = "discord gateway";
    match identifies(api).await {
        Ok((left, total)) if left < FEW => {
            let found = format!("only {left} of {total} connections may be begun today");
            Finding::warning(
                check,
                found,
                "Find out what restarts Steward so often: at none, Discord takes the token away.",
            )
        }
        Ok((left, total)) => {
            let found =
                format!("{left} of {total} connections may be begun today; Steward begins {MOST_A_DAY} at most");
            Finding::ok(check, found)
        }
        Err(trouble) => unreachable(check, &trouble),
    }
}

/// Every channel that the configuration names, or that a report is subscribed for.
async fn channels(settings: &Settings, store: Option<&Store>, api: &Api) -> Vec<Finding> {
    let file = &settings.configuration;
    let of_workspaces = file.workspaces.values().filter_map(|it| it.approvers_channel.as_ref());
    let named = file.approvers_channel.iter().chain(&file.audit.head_channel).chain(of_workspaces);
    let subscribed = match store {
        Some(store) => store.subscriptions().await.unwrap_or_default(),
        None => Vec::new(),
    };
    let named = named.map(ToString::to_string).chain(subscribed.into_iter().map(|it| it.channel));
    let mut named: Vec<String> = named.filter(|it| it.starts_with("discord:")).collect();
    named.sort();
    named.dedup();
    let mut findings = Vec::new();
    for channel in named {
        let check = "discord channels";
        findings.push(match sees(api, &channel).await {
            Ok(()) => Finding::ok(check, format!("the bot sees {channel}")),
            Err(Trouble::Refused(_)) => {
                let todo = "Let the bot view the channel and send messages there, or correct it in steward.toml; `report unsubscribe` ends a report.";
                Finding::failure(check, format!("the bot does not see {channel}"), todo)
            }
            Err(trouble) => unreachable(check, &trouble),
        });
    }
    findings
}

fn known(code: &str) -> Option<(&'static str, &'static str)> {
    Some(match code {
        "discord_conversation_closed" => (
            "somebody takes no direct messages",
            "They can allow them: the server's name, Privacy Settings, Direct Messages. What waits for them stands in `home`.",
        ),
        "discord_missing_access" | "discord_missing_permissions" => (
            "the bot may not write in a channel",
            "Let it view the channel, send messages, embed links and attach files.",
        ),
        "discord_unknown_channel" => ("a channel is not there", "Correct it in steward.toml."),
        "discord_no_server_in_common" => ("somebody has left the server", "Unlink their account."),
        "discord_unauthorized" => {
            ("the bot token is not accepted", "Reset the token and put it into the secrets folder.")
        }
        _ => return None,
    })
}
