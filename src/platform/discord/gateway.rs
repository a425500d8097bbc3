//! The gateway: one connection that we open, held by one replica, watched, and begun anew within a budget.
//!
//! The crate keeps it, resumes it, and begins it anew by itself every five seconds, without an end and without telling. So a
//! connection that is not there soon is ended here, and begun again when the budget allows it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use reqwest::Method;
use secrecy::ExposeSecret;
use serenity::all::{ClientBuilder, GatewayError, GatewayIntents, HttpBuilder};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::api::Api;
use super::budget::Budget;
use super::events::Events;
use super::lease::Lease;
use super::listen::Intake;
use super::watch::{End, Watch};
use crate::platform::fields::text;

/// How often the lease is renewed.
const RENEW: Duration = Duration::from_secs(15);
/// How often it is looked whether the lease is free.
const TAKEN: Duration = Duration::from_secs(5);
/// How long a connection may take to end.
const TO_END: Duration = Duration::from_secs(2);
/// The pause after Discord did not say where the gateway is.
const NO_ADDRESS: Duration = Duration::from_secs(5);

/// How long things may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Until a connection is there, at the first attempt: shorter than the crate's own pause before it begins another.
    pub to_connect: Duration,
    /// The same at the attempts after one that failed.
    pub to_connect_later: Duration,
    /// How often it is looked at.
    pub look: Duration,
    /// The crate's own pause before it begins another.
    pub between: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            to_connect: Duration::from_millis(4_500),
            to_connect_later: Duration::from_secs(14),
            look: Duration::from_millis(250),
            between: Duration::from_secs(5),
        }
    }
}

/// What is known of the connection. Clones share it.
#[derive(Clone, Default)]
pub struct Connection(Arc<State>);

#[derive(Default)]
struct State {
    is_open: AtomicBool,
    begun: AtomicU64,
}

impl Connection {
    /// Whether it is open and was greeted.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.0.is_open.load(Ordering::SeqCst)
    }

    /// How often it was begun by this process.
    #[must_use]
    pub fn begun(&self) -> u64 {
        self.0.begun.load(Ordering::SeqCst)
    }

    fn set(&self, is_open: bool) {
        self.0.is_open.store(is_open, Ordering::SeqCst);
        metrics::gauge!("steward_discord_connections").set(if is_open { 1.0 } else { 0.0 });
    }
}

/// What keeps the connection.
pub(super) struct Gateway {
    pub(super) api: Api,
    pub(super) intake: Intake,
    pub(super) lease: Lease,
    pub(super) budget: Budget,
    pub(super) connection: Connection,
    pub(super) patience: Patience,
}

impl Gateway {
    /// Keeps the connection until `stop`.
    pub(super) async fn keep(&self, stop: CancellationToken) {
        let mut is_first = true;
        while !stop.is_cancelled() {
            let rest = match self.round(is_first, &stop).await {
                Ok(End::Stopped) => break,
                Ok(End::Fatal(why)) => {
                    tracing::error!(why, "Discord's gateway refuses this bot; it is not asked again before a restart");
                    break;
                }
                Ok(End::NotOurs) => TAKEN,
                Ok(End::Gone) => {
                    is_first = false;
                    metrics::counter!("steward_discord_reconnects_total").increment(1);
                    Duration::ZERO
                }
                Err(wait) => wait,
            };
            tokio::select! {
                () = stop.cancelled() => break,
                () = sleep(rest) => {}
            }
        }
        self.connection.set(false);
        self.lease.give_up().await;
    }

    /// One connection, from its lease to its end. `Err` says how long to wait for another try.
    async fn round(&self, is_first: bool, stop: &CancellationToken) -> Result<End, Duration> {
        if !self.lease.is_ours().await {
            return Err(TAKEN);
        }
        let url = self.address().await.ok_or(NO_ADDRESS)?;
        let patience = if is_first { self.patience.to_connect } else { self.patience.to_connect_later };
        // As often as the crate may begin it within that time.
        let count = 1 + usize::try_from(patience.as_millis() / self.patience.between.as_millis().max(1)).unwrap_or(9);
        if let Err(wait) = self.budget.take(count).await {
            tracing::warn!(seconds = wait.as_secs(), "the connection to Discord was begun too often; it is waited");
            return Err(wait.min(Duration::from_mins(1)));
        }
        self.connection.0.begun.fetch_add(1, Ordering::SeqCst);
        Ok(self.one(url, patience, stop).await)
    }

    /// Where the gateway is, if that is an address that we speak to: Discord's own, or this machine for a simulated one.
    async fn address(&self) -> Option<String> {
        let told = self.api.bot(Method::GET, "/gateway".to_owned(), None).await;
        let told =
            told.map_err(|trouble| tracing::warn!(code = trouble.code(), "Discord did not say where its gateway is"));
        let url = text(&told.ok()?, "/url")?.to_owned();
        if is_allowed(self.api.base(), &url) {
            return Some(url);
        }
        tracing::error!("Discord named a gateway that is not its own; nothing was connected to");
        None
    }

    async fn one(&self, url: String, patience: Duration, stop: &CancellationToken) -> End {
        let events = Events::new(self.intake.clone(), self.api.clone());
        let readies = events.readies();
        let http = HttpBuilder::new(self.api.token().expose_secret())
            .client(self.api.client())
            .proxy(self.api.base())
            .ratelimiter_disabled(true)
            .build();
        let building = ClientBuilder::new_with_http(http, GatewayIntents::empty()).raw_event_handler(events).await;
        let Ok(mut client) = building else { return End::Gone };
        // Where the crate fails to ask, it takes the real address; and it need not be asked twice.
        *client.ws_url.lock().await = url;
        let manager = Arc::clone(&client.shard_manager);
        let mut running = tokio::spawn(async move { why(client.start().await.err().as_ref()) });
        let watch = Watch {
            manager: &manager,
            readies: &readies,
            budget: &self.budget,
            lease: &self.lease,
            patience,
            after_loss: self.patience.between + self.patience.to_connect,
            pause: self.patience.between,
            look: self.patience.look,
            renew: RENEW,
        };
        let tell = |is_open| self.connection.set(is_open);
        let end = tokio::select! {
            ended = &mut running => ended.unwrap_or(End::Gone),
            end = watch.until_lost(stop, &tell) => end,
        };
        self.connection.set(false);
        manager.shutdown_all().await;
        // One that ended by itself must not be waited for again.
        if !running.is_finished() && tokio::time::timeout(TO_END, &mut running).await.is_err() {
            running.abort();
        }
        end
    }
}

/// Why the crate gave a connection up.
fn why(error: Option<&serenity::Error>) -> End {
    match error {
        Some(serenity::Error::Gateway(GatewayError::InvalidAuthentication)) => {
            End::Fatal("the bot token is not accepted")
        }
        Some(serenity::Error::Gateway(
            GatewayError::InvalidGatewayIntents | GatewayError::DisallowedGatewayIntents,
        )) => End::Fatal("the intents are not accepted"),
        _ => End::Gone,
    }
}

/// Whether the gateway at `url` is one of whoever answers at `base`: Discord's own, or this machine for a simulated one.
fn is_allowed(base: &str, url: &str) -> bool {
    let (Ok(base), Ok(url)) = (Url::parse(base), Url::parse(url)) else { return false };
    let is_here = |it: &Url| matches!(it.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    let host = url.host_str().unwrap_or_default();
    if is_here(&base) {
        return is_here(&url) && matches!(url.scheme(), "ws" | "wss");
    }
    let is_discord = ["discord.gg", "discord.com"].iter().any(|it| host == *it || host.ends_with(&format!(".{it}")));
    let is_same = Some(host) == base.host_str();
    url.scheme() == "wss" && (is_discord || is_same) && url.username().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_other_gateway_is_spoken_to() {
        let (real, here) = ("https://discord.com", "http://127.0.0.1:8080");
        assert!(
            is_allowed(real, "wss://gateway.discord.gg") && is_allowed(real, "wss://gateway-us-east1-b.discord.gg/")
        );
        assert!(is_allowed(here, "ws://127.0.0.1:9/"));
        for other in
            ["ws://gateway.discord.gg", "wss://discord.gg.evil.example", "wss://evildiscord.gg", "wss://127.0.0.1", ""]
        {
            assert!(!is_allowed(real, other), "{other}");
        }
        assert!(!is_allowed(here, "wss://gateway.discord.gg"), "no test reaches the real one");
    }
}
