//! What was answered, as the two things that it is written to: `steward.toml`, and files of secrets.

use secrecy::SecretString;
use toml::Value;

use super::discord::DiscordAnswers;
use super::slack::SlackAnswers;
use crate::seal::MasterKey;

/// The answers so far.
pub(in crate::cli) struct Answers {
    pub(in crate::cli) admin_key: SecretString,
    pub(in crate::cli) master_key: MasterKey,
    /// None for the usual one.
    pub(in crate::cli) database_url: Option<SecretString>,
    /// None for the usual one.
    pub(in crate::cli) base_url: Option<String>,
    pub(in crate::cli) verified_domains: Vec<String>,
    pub(in crate::cli) first_admins: Vec<String>,
    pub(in crate::cli) time_zone: String,
    pub(in crate::cli) slack: Option<SlackAnswers>,
    pub(in crate::cli) discord: Option<DiscordAnswers>,
}

impl Answers {
    /// `steward.toml`. No secret is in it.
    pub(in crate::cli) fn configuration(&self) -> String {
        [
            "# What Steward does. Secrets and addresses are not here, but in the secrets folder.\n".to_owned(),
            format!("time_zone = {}\n", Value::from(self.time_zone.as_str())),
            "\n# Whose addresses may link by themselves, to `member` at most.\n".to_owned(),
            list("verified_domains", &self.verified_domains, "example.com"),
            "\n# Who is an admin before anybody could make one.\n".to_owned(),
            list("first_admins", &self.first_admins, "slack:T01/U01ADA"),
        ]
        .concat()
    }

    /// The files of the secrets folder.
    pub(in crate::cli) fn secrets(&self) -> Vec<(&'static str, SecretString)> {
        let mut files =
            vec![("anthropic_admin_key", self.admin_key.clone()), ("steward_master_key", self.master_key.to_base64())];
        files.extend(self.database_url.clone().map(|it| ("database_url", it)));
        files.extend(self.base_url.as_deref().map(|it| ("anthropic_base_url", it.into())));
        if let Some(slack) = &self.slack {
            files.push(("slack_bot_token", slack.bot_token.clone()));
            files.push((slack.way_in.0, slack.way_in.1.clone()));
            files.extend(slack.api_url.as_deref().map(|it| ("slack_api_url", it.into())));
        }
        if let Some(discord) = &self.discord {
            files.push(("discord_token", discord.token.clone()));
            files.push(("discord_application_id", discord.application_id.as_str().into()));
            files.push(("discord_guild_id", discord.guild_id.as_str().into()));
            files.extend(discord.public_key.as_deref().map(|it| ("discord_public_key", it.into())));
            files.extend(discord.api_url.as_deref().map(|it| ("discord_api_url", it.into())));
        }
        files
    }
}

fn list(name: &str, items: &[String], example: &str) -> String {
    if items.is_empty() {
        // An empty list would be a mistake: it could be taken for everybody.
        return format!("# {name} = [\"{example}\"]\n");
    }
    let items: Vec<Value> = items.iter().map(|it| Value::from(it.as_str())).collect();
    format!("{name} = {}\n", Value::from(items))
}
