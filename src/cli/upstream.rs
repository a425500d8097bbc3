//! The Admin API as the operator's commands see it: who answers, and what to do if nobody does.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use secrecy::SecretString;

use crate::claude::{self, Exchange, Organization, Reader, Time, Writer, connect};
use crate::clock::Clock;
use crate::random::Random;

/// How long an operator waits for an answer, its repetitions included.
const PATIENCE: Duration = Duration::from_secs(20);

/// The time of the client: ours, and real pauses.
pub struct ClientTime(pub Clock);

impl Time for ClientTime {
    fn now_ms(&self) -> i64 {
        self.0.now().as_millisecond()
    }

    fn sleep(&self, pause: Duration) -> BoxFuture<'static, ()> {
        tokio::time::sleep(pause).boxed()
    }
}

/// The three ways to Anthropic. The exchange shows no credential, and has a budget of its own.
pub(super) fn connected(settings: claude::Settings, time: Arc<dyn Time>) -> anyhow::Result<(Reader, Writer, Exchange)> {
    const TROUBLE: &str = "the connection to Anthropic cannot be set up";
    let exchange = Exchange::connect(&settings, Arc::clone(&time)).context(TROUBLE)?;
    let (reader, writer) = connect(settings, time).context(TROUBLE)?;
    Ok((reader, writer, exchange))
}

/// What went wrong with a call, and what to do about it.
pub(super) struct Trouble {
    pub(super) what: String,
    pub(super) todo: &'static str,
    /// It answers, only not now: nothing is known to be wrong.
    pub(super) is_passing: bool,
}

/// The half of the client that only looks.
pub(super) fn reader(base_url: &str, key: &SecretString, clock: &Clock) -> Result<Reader, Trouble> {
    let seed = Random::system().below(u64::MAX);
    let settings = claude::Settings { base_url: base_url.to_owned(), ..claude::Settings::new(key.clone(), seed) };
    let (reader, _) = connect(settings, Arc::new(ClientTime(clock.clone()))).map_err(|error| Trouble {
        what: format!("The Admin API cannot be used: {error}."),
        todo: "Correct ANTHROPIC_BASE_URL or ANTHROPIC_ADMIN_KEY.",
        is_passing: false,
    })?;
    Ok(reader)
}

/// Whose the key is.
pub(super) async fn organization(reader: &Reader) -> Result<Organization, Trouble> {
    match tokio::time::timeout(PATIENCE, reader.organization()).await {
        Ok(answer) => answer.map_err(|error| trouble(&error)),
        // It asked for a pause that lasts longer: a Steward that runs beside this may have used up the minute.
        Err(_) if reader.condition().is_lowered() => Err(pause()),
        Err(_) => Err(trouble(&claude::Error::TimedOut)),
    }
}

fn pause() -> Trouble {
    let what = "The Admin API answers, but asks for a pause: too many calls for this organization within a minute.";
    Trouble { what: what.to_owned(), todo: "Try again in a minute.", is_passing: true }
}

/// One sentence about a failed call, and one about what to do.
fn trouble(error: &claude::Error) -> Trouble {
    const NETWORK: &str = "Check the network of this machine, its firewall, and ANTHROPIC_BASE_URL.";
    const NEW_KEY: &str = "Make an admin key in the Claude Console, under Settings, Admin keys, and put it into the secrets \
                           folder as anthropic_admin_key.";
    let (what, todo) = match (error.status(), error) {
        (Some(401), _) => ("The Admin API does not accept the admin key.".to_owned(), NEW_KEY),
        (Some(403), _) => ("The Admin API knows the key, but does not let it do this.".to_owned(), NEW_KEY),
        (Some(429), _) | (_, claude::Error::Busy { .. }) => return pause(),
        (Some(status), claude::Error::Redirected { .. }) => (
            format!("The address of the Admin API answers with a redirect ({status}), which is not followed."),
            "Set ANTHROPIC_BASE_URL to where the Admin API itself answers.",
        ),
        (Some(404), _) => (
            "There is no Admin API at this address (404).".to_owned(),
            "Correct ANTHROPIC_BASE_URL, or remove it to use the real organization.",
        ),
        (Some(status), _) if status >= 500 => {
            (format!("The Admin API has troubles of its own ({status})."), "Try again in a few minutes.")
        }
        (_, claude::Error::Unreachable) => ("The Admin API cannot be reached.".to_owned(), NETWORK),
        (_, claude::Error::TimedOut | claude::Error::Cut) => {
            ("The Admin API did not answer in time.".to_owned(), NETWORK)
        }
        (_, claude::Error::Malformed { .. } | claude::Error::TooLarge) => (
            "What answers there is not the Admin API.".to_owned(),
            "Correct ANTHROPIC_BASE_URL; look for a proxy in between.",
        ),
        _ => (format!("The Admin API could not be asked: {error}."), NETWORK),
    };
    Trouble { what, todo, is_passing: false }
}
