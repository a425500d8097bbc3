//! `steward run`: the bot, on every platform whose tokens are set.

use anyhow::Context;
use tokio::net::TcpListener;

use super::arguments::RunArgs;
use super::exit::{Exit, Misuse};
use crate::settings::Settings;

/// Runs the bot.
///
/// # Errors
///
/// [`Misuse`] if no platform is configured: there would be nobody to talk to.
pub async fn run(_args: RunArgs, settings: Settings) -> anyhow::Result<Exit> {
    settings.master_key()?;
    settings.admin_key()?;
    settings.rules()?;
    // A taken address is told as well, so that the operator hears of it before the tokens are there.
    TcpListener::bind(settings.listeners.ops)
        .await
        .with_context(|| format!("{} cannot be listened on", settings.listeners.ops))?;
    let tokens = match (&settings.slack, &settings.discord) {
        (None, None) => "No chat platform is configured: neither a Slack token nor a Discord token is set.",
        _ => {
            "A chat platform is configured, but this version speaks to none yet: Slack and Discord come with later versions."
        }
    };
    Err(Misuse(format!("{tokens} Nothing was started. To see everything without one: steward sandbox")).into())
}
