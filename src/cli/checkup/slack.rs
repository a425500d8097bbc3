//! Slack: tokens, scopes, clock, and what could not be delivered there.

use secrecy::SecretString;

use super::finding::Finding;
use super::undelivered::undelivered;
use crate::cli::slack::refused;
use crate::clock::Clock;
use crate::platform::slack::{GROUP_SCOPE, Inspection, SCOPES, Trouble, check_app_token, inspect};
use crate::settings::{Settings, Slack, SlackMode};
use crate::store::Store;

/// A clock that is off by more has its signatures refused.
const MOST_DRIFT_MS: i64 = 120_000;

/// Everything about Slack, if it is set.
pub(in crate::cli) async fn slack(settings: &Settings, store: Option<&Store>, clock: &Clock) -> Vec<Finding> {
    let Some(slack) = &settings.slack else { return Vec::new() };
    let mut findings = Vec::new();
    match inspect(slack.api_url.as_str(), &slack.bot_token, slack.api_hosts()).await {
        Ok(inspection) => {
            findings
                .push(Finding::ok("slack", format!("the bot token is of the workspace {:?}", inspection.team.name)));
            findings.extend(scopes(settings, &inspection));
            findings.extend(drift(&inspection, clock));
        }
        Err(Trouble::Refused(code)) => {
            let told = refused(&code);
            findings.push(Finding::failure("slack", format!("the bot token is not accepted ({code})"), told));
        }
        Err(trouble) => findings.push(unreachable("slack", &trouble)),
    }
    findings.extend(way_in(slack).await);
    if let Some(store) = store {
        findings.extend(heard(settings, store).await);
        findings.extend(undelivered("slack messages", known, store, clock).await);
    }
    findings
}

fn unreachable(check: &'static str, trouble: &Trouble) -> Finding {
    Finding::failure(
        check,
        format!("Slack cannot be asked: {trouble}"),
        "Check the network of this machine, its firewall, and SLACK_API_URL.",
    )
}

fn scopes(settings: &Settings, inspection: &Inspection) -> Vec<Finding> {
    let names: Vec<&str> = SCOPES.iter().map(|(name, _)| *name).collect();
    let missing = inspection.missing(&names);
    let mut findings: Vec<Finding> = SCOPES
        .iter()
        .filter(|(name, _)| missing.contains(name))
        .map(|(name, what)| {
            let found = format!("the scope {name} is missing, for {what}");
            Finding::failure("slack scopes", found, "Add it under OAuth & Permissions, and install the app again.")
        })
        .collect();
    let needs_groups = settings.rules().is_ok_and(|rules| rules.name_groups("slack-group:"));
    if needs_groups && !inspection.missing(&[GROUP_SCOPE]).is_empty() {
        let found = format!("the scope {GROUP_SCOPE} is missing, and the configuration names user groups");
        let todo = "Add it under OAuth & Permissions, and install the app again: until then nobody is in a group.";
        findings.push(Finding::failure("slack scopes", found, todo));
    }
    if findings.is_empty() {
        let found = if inspection.scopes.is_some() { "all that are needed are granted" } else { "Slack did not say" };
        findings.push(Finding::ok("slack scopes", found));
    }
    findings
}

fn drift(inspection: &Inspection, clock: &Clock) -> Option<Finding> {
    let ahead_ms = clock.now().as_millisecond() - inspection.date?.as_millisecond();
    (ahead_ms.abs() > MOST_DRIFT_MS).then(|| {
        let which = if ahead_ms > 0 { "ahead of" } else { "behind" };
        let found = format!("this machine's clock is {} seconds {which} Slack's", ahead_ms.abs() / 1_000);
        Finding::warning(
            "slack clock",
            found,
            "Let the machine set its clock by itself (NTP): signed requests are refused.",
        )
    })
}

/// Socket Mode: the app-level token. HTTP mode: what Slack must be told.
async fn way_in(slack: &Slack) -> Option<Finding> {
    match &slack.mode {
        SlackMode::Socket { app_token } => Some(app(slack, app_token).await),
        SlackMode::Http { .. } => Some(Finding::ok(
            "slack http",
            "HTTP mode: /slack/command, /slack/interaction and /slack/event must be reachable for Slack, over https",
        )),
    }
}

async fn app(slack: &Slack, token: &SecretString) -> Finding {
    let check = "slack socket";
    match check_app_token(slack.api_url.as_str(), token).await {
        Ok(()) => Finding::ok(check, "the app-level token opens connections"),
        Err(Trouble::Refused(code)) => {
            let todo = match code.as_str() {
                "missing_scope" => {
                    "Give the app-level token the scope connections:write (Basic Information, App-Level Tokens)."
                }
                "not_allowed_token_type" => "SLACK_APP_TOKEN is the app-level token, which begins with xapp-.",
                _ => "Make an app-level token with the scope connections:write, and switch Socket Mode on.",
            };
            Finding::failure(check, format!("the app-level token opens no connection ({code})"), todo)
        }
        Err(trouble) => unreachable(check, &trouble),
    }
}

/// Whether a command ever came in: another app may have taken its name.
async fn heard(settings: &Settings, store: &Store) -> Option<Finding> {
    let root = &settings.configuration.command;
    match store.last_heard_from("slack:").await.ok()? {
        Some(_) => None,
        None => Some(Finding::warning(
            "slack command",
            "nothing came in from Slack yet",
            format!(
                "Type {root} help there. If another app answers, it has taken the name: set `command`, write the manifest anew and update the app."
            ),
        )),
    }
}

fn known(code: &str) -> Option<(&'static str, &'static str)> {
    const INVITE: &str = "Invite the app there (/invite @steward), or correct the channel in steward.toml.";
    Some(match code {
        "channel_not_found" | "not_in_channel" => ("the app is not in a channel", INVITE),
        "is_archived" => ("a channel is archived", "Name another channel in steward.toml."),
        "messages_tab_disabled" => (
            "the app's Messages tab is off",
            "Switch it on: App Home, Show Tabs, Messages Tab, and allow messages. A manifest does not do it for an app that is there.",
        ),
        "missing_scope" => ("a scope is missing", "See the scopes above, and install the app again."),
        "restricted_action" => ("the workspace does not let apps post there", "Ask a workspace admin."),
        _ => return None,
    })
}
