//! Slack as `steward run` wires it: tokens from the settings, people and messages for the house, and the doors.

use anyhow::Context;
use axum::Router;
use tokio_util::sync::CancellationToken;

use super::exit::Misuse;
use crate::clock::Clock;
use crate::platform::slack::{Address, Api, Parts, Patience, People, Slack, SlackMessenger, Team, Trouble, team};
use crate::random::Random;
use crate::settings;

/// The pause before Slack is asked again who we are, while it cannot be reached.
const AGAIN: std::time::Duration = std::time::Duration::from_secs(3);

/// Slack before there is a house: who we are there, who is who, how messages go out.
pub(super) struct SlackSide {
    pub(super) team: Team,
    pub(super) people: People,
    pub(super) messenger: SlackMessenger,
    api: Api,
    clock: Clock,
}

impl SlackSide {
    /// Asks Slack whose the bot token is. Waits while Slack cannot be reached, until `stop`.
    ///
    /// # Errors
    ///
    /// [`Misuse`] if Slack does not accept the token; otherwise that the end was called.
    pub(super) async fn meet(slack: &settings::Slack, clock: &Clock, stop: &CancellationToken) -> anyhow::Result<Self> {
        let api = Api::new(slack.api_url.as_str(), &slack.bot_token);
        let team = loop {
            let trouble = match team(&api).await {
                Ok(team) => break team,
                Err(trouble) => trouble,
            };
            if let Trouble::Refused(code) = &trouble {
                return Err(Misuse(refused(code)).into());
            }
            tracing::warn!(code = trouble.code(), "Slack does not answer; it is asked again in a moment");
            tokio::select! {
                () = stop.cancelled() => anyhow::bail!("stopped before Slack answered"),
                () = tokio::time::sleep(AGAIN) => {}
            }
        };
        let people = People::new(api.clone(), &team.id);
        let messenger = SlackMessenger::new(api.clone(), &team.id, clock.clone());
        Ok(Self { team, people, messenger, api, clock: clock.clone() })
    }

    /// The platform, wired to a house.
    pub(super) fn platform(&self, slack: &settings::Slack, parts: Parts) -> anyhow::Result<Slack> {
        let address = Address {
            api_url: slack.api_url.to_string(),
            bot_token: slack.bot_token.clone(),
            response_hosts: slack.response_hosts(),
            api_hosts: slack.api_hosts(),
        };
        let slack = Slack::new(address, self.api.clone(), &self.team, parts);
        slack.context("no HTTP client for Slack can be set up on this machine")
    }

    /// What the platform is wired to.
    pub(super) fn clock(&self) -> Clock {
        self.clock.clone()
    }
}

/// How events come in: paths for the listener of webhooks, or connections that are kept.
pub(super) enum Door {
    /// HTTP mode.
    Paths(Router),
    /// Socket Mode.
    Socket(Api),
}

impl Door {
    pub(super) fn of(slack: &settings::Slack, platform: &Slack) -> Self {
        match &slack.mode {
            settings::SlackMode::Http { signing_secret } => Self::Paths(platform.router(signing_secret)),
            settings::SlackMode::Socket { app_token } => Self::Socket(Api::new(slack.api_url.as_str(), app_token)),
        }
    }
}

/// Keeps the connections of Socket Mode open.
pub(super) async fn keep_connected(platform: &Slack, app: Api, stop: CancellationToken) {
    platform.listen(app, Patience::default(), Random::system(), stop).await;
}

/// What to do about a bot token that Slack does not take.
pub(super) fn refused(code: &str) -> String {
    let todo = match code {
        "invalid_auth" | "not_authed" => {
            "Copy the bot token again (Slack: your app, OAuth & Permissions) into the secrets folder as slack_bot_token."
        }
        "account_inactive" | "token_revoked" => {
            "The app was removed from the workspace, or the token was revoked: install the app again and copy the new bot token."
        }
        "token_expired" => {
            "Token rotation is on for this app, which Steward does not renew: make the app from the manifest, with rotation off."
        }
        "not_allowed_token_type" => "This is another kind of token: the bot token begins with xoxb-.",
        _ => "Run `steward doctor`.",
    };
    format!("Slack does not accept the bot token ({code}). Nothing was started. {todo}")
}
