//! `steward run`: the bot, on every platform whose tokens are set.

use anyhow::Context;

use super::exit::{Exit, Misuse};
use super::output::say;
use super::running::Running;
use crate::clock::Clock;
use crate::settings::Settings;

/// Runs the bot until it is told to stop: Ctrl-C, or SIGTERM.
///
/// # Errors
///
/// [`Misuse`] if no platform is configured: there would be nobody to talk to. Otherwise as [`Running::start`].
pub async fn run(settings: Settings) -> anyhow::Result<Exit> {
    settings.master_key()?;
    settings.admin_key()?;
    settings.rules()?;
    if settings.slack.is_none() && settings.discord.is_none() {
        return Err(Misuse(NOBODY.to_owned()).into());
    }
    let mut ends = Ends::listen()?;
    let running = tokio::select! {
        running = Running::start(&settings, Clock::system()) => running?,
        () = ends.next() => return Ok(Exit::Done),
    };
    let _unheard = say(&running.said);
    ends.next().await;
    tracing::info!("stopping: the doors are closed, what came in is finished");
    running.stop().await;
    Ok(Exit::Done)
}

const NOBODY: &str = "No chat platform is configured: neither a Slack token nor a Discord token is set. Nothing was started. To see everything without one: steward sandbox";

/// What ends the bot: Ctrl-C, and SIGTERM where there is one.
struct Ends {
    #[cfg(unix)]
    term: tokio::signal::unix::Signal,
}

impl Ends {
    fn listen() -> anyhow::Result<Self> {
        #[cfg(unix)]
        let term = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
        Ok(Self {
            #[cfg(unix)]
            term: term.context("SIGTERM cannot be listened to")?,
        })
    }

    async fn next(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = self.term.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
    }
}
