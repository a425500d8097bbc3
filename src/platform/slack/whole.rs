//! Slack's platform as a whole: what it is made from, and the two ways in.

use axum::Router;
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use super::api::Api;
use super::connections::{Connections, How};
use super::conversation::Conversation;
use super::listen::Intake;
use super::reveal::Reveal;
use super::share::Files;
use super::socket::Patience;
use super::team::Team;
use super::{http, parts};
use crate::outgoing::{self, AllowedHosts, Outgoing};
use crate::random::Random;

/// Where Slack is, and what may be spoken to there.
pub struct Address {
    /// The Web API, such as `https://slack.com/api`.
    pub api_url: String,
    /// The bot token.
    pub bot_token: SecretString,
    /// The hosts that a `response_url` may name.
    pub response_hosts: AllowedHosts,
    /// The host of the Web API.
    pub api_hosts: AllowedHosts,
}

/// Slack's platform.
pub struct Slack {
    intake: Intake,
    clock: crate::clock::Clock,
    connections: Connections,
}

impl Slack {
    /// The platform of `team`, wired to `parts`.
    ///
    /// # Errors
    ///
    /// [`outgoing::Error`] if no HTTP client can be set up on this machine.
    pub fn new(address: Address, api: Api, team: &Team, parts: parts::Parts) -> Result<Self, outgoing::Error> {
        let clock = parts.clock.clone();
        let conversation = Conversation {
            parts,
            files: Files::new(api.clone()),
            api,
            team: team.id.clone(),
            responses: Outgoing::new(address.response_hosts)?,
            reveal: Reveal::new(&address.api_url, address.bot_token, address.api_hosts)?,
        };
        Ok(Self { intake: Intake::new(conversation), clock, connections: Connections::default() })
    }

    /// The paths of HTTP mode.
    pub fn router(&self, signing_secret: &SecretString) -> Router {
        http::router(self.intake.clone(), signing_secret, self.clock.clone())
    }

    /// Keeps the connections of Socket Mode open until `stop`. `app` is the API with the app-level token.
    pub async fn listen(&self, app: Api, patience: Patience, random: Random, stop: CancellationToken) {
        self.connections.keep(app, self.intake.clone(), How { patience, random }, stop).await;
    }

    /// What is known of the connections of Socket Mode.
    #[must_use]
    pub fn connections(&self) -> Connections {
        self.connections.clone()
    }

    /// Waits until everything that was begun is finished, but not for ever.
    pub async fn finish(&self) {
        self.intake.finish().await;
    }
}
