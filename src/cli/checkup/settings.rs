//! What the settings themselves show.

use super::finding::Finding;
use crate::settings::Settings;

pub(in crate::cli) fn configuration(settings: &Settings) -> Vec<Finding> {
    let file = settings.config_path.as_ref().map_or_else(
        || "there is no configuration file, so the defaults hold".to_owned(),
        |path| format!("{} is read without a mistake", path.display()),
    );
    let mut findings = vec![Finding::ok("configuration", file)];
    if settings.configuration.first_admins.is_empty() && settings.configuration.role_map.is_empty() {
        let todo = "Set `first_admins` in steward.toml, such as \"slack:T01/U01ADA\".";
        findings.push(Finding::warning("configuration", "nobody is an admin, so nobody can approve anything", todo));
    }
    findings.push(match &settings.master_key {
        Some(key) => Finding::ok("master key", format!("there, its name is {}", key.id())),
        None => Finding::failure(
            "master key",
            "STEWARD_MASTER_KEY is missing",
            "Run `steward init`, or put the key into the secrets folder as steward_master_key.",
        ),
    });
    for name in &settings.exposed_secrets {
        let found = format!("{name} comes from a variable, which child processes inherit");
        let todo = format!("Put it into the secrets folder as {}.", name.to_lowercase());
        findings.push(Finding::warning("secrets", found, todo));
    }
    findings
}

/// Which platforms are set.
pub(in crate::cli) fn platforms(settings: &Settings) -> Vec<Finding> {
    let check = "platforms";
    let mut findings = Vec::new();
    if settings.slack.is_none() && settings.discord.is_none() {
        let todo = "Set SLACK_BOT_TOKEN and SLACK_APP_TOKEN, or DISCORD_TOKEN and DISCORD_APPLICATION_ID; without a token, try the chat of `steward sandbox`.";
        findings.push(Finding::warning(
            check,
            "no platform is configured: `steward run` would have nobody to talk to",
            todo,
        ));
    }
    findings
}
