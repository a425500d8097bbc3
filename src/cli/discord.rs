//! Discord as `steward run` wires it: token from the settings, people and messages for the house, and the doors.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use tokio_util::sync::CancellationToken;

use super::exit::Misuse;
use crate::chat::{Memory, SendError};
use crate::platform::discord::{
    Api, Discord, DiscordMessenger, NoServer, Parts, People, Scope, Server, Trouble, register, server,
};
use crate::settings;

/// The pause before Discord is asked again who we are, while it cannot be reached.
const AGAIN: Duration = Duration::from_secs(3);

/// The longest pause between two attempts to tell the commands.
const LONGEST: Duration = Duration::from_mins(10);

/// Discord before there is a house: whose the bot is, who is who, how messages go out.
pub(super) struct DiscordSide {
    pub(super) server: Server,
    pub(super) people: People,
    pub(super) messenger: DiscordMessenger,
    api: Api,
}

impl DiscordSide {
    /// Asks Discord whose the bot token is and which server is the company's. Waits while Discord cannot be reached, until
    /// `stop`.
    ///
    /// # Errors
    ///
    /// [`Misuse`] if the token is not accepted or the server is not clear; otherwise that the end was called.
    pub(super) async fn meet(discord: &settings::Discord, stop: &CancellationToken) -> anyhow::Result<Self> {
        let api = api(discord)?;
        let server = loop {
            let trouble = match server(&api, discord.guild_id).await {
                Ok(server) => break server,
                Err(NoServer::Trouble(trouble)) if trouble != Trouble::Unauthorized => trouble,
                Err(why) => return Err(Misuse(refused(&why)).into()),
            };
            tracing::warn!(code = trouble.code(), "Discord does not answer; it is asked again in a moment");
            tokio::select! {
                () = stop.cancelled() => anyhow::bail!("stopped before Discord answered"),
                () = tokio::time::sleep(AGAIN) => {}
            }
        };
        let people = People::new(api.clone(), &server.id);
        Ok(Self { server, people, messenger: DiscordMessenger::new(api.clone()), api })
    }

    /// The platform, wired to a house.
    pub(super) fn platform(&self, discord: &settings::Discord, parts: Parts) -> anyhow::Result<Discord> {
        let platform = Discord::new(self.api.clone(), discord.api_hosts(), parts);
        platform.context("no HTTP client for Discord can be set up on this machine")
    }

    /// Tells Discord the commands, once per process and only if they are others than before. Tried again while that may help.
    pub(super) async fn register(&self, scope: &Scope, memory: &Arc<dyn Memory>, root: &str) {
        let mut pause = AGAIN;
        loop {
            let trouble = match register(&self.api, memory, root, scope).await {
                Ok(true) => return tracing::info!("Discord was told the commands"),
                Ok(false) => return,
                Err(trouble) => trouble,
            };
            let may_help = matches!(trouble.to_send_error(), SendError::Later { .. }) && pause <= LONGEST;
            if !may_help {
                return tracing::error!(
                    code = trouble.code(),
                    "Discord did not take the commands; see `steward doctor`"
                );
            }
            tracing::warn!(code = trouble.code(), "Discord did not take the commands; they are told again in a while");
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
    }
}

/// Discord's API, as the settings say.
pub(super) fn api(discord: &settings::Discord) -> anyhow::Result<Api> {
    let api = Api::new(discord.api_url.as_str(), &discord.token, discord.application_id);
    api.context("no HTTP client for Discord can be set up on this machine")
}

/// Where the commands are registered: in the server that is named, otherwise everywhere.
pub(super) fn scope(discord: &settings::Discord) -> Scope {
    discord.guild_id.map_or(Scope::Global, |id| Scope::Server(id.to_string()))
}

/// The paths of HTTP mode.
///
/// # Errors
///
/// [`Misuse`] if the public key is no key.
pub(super) fn paths(platform: &Discord, public_key: &[u8; 32]) -> anyhow::Result<Router> {
    let wrong = "DISCORD_PUBLIC_KEY is no public key: copy it from the application's General Information.";
    platform.router(public_key).ok_or_else(|| Misuse(wrong.to_owned()).into())
}

/// What to do about a token or a server.
pub(super) fn refused(why: &NoServer) -> String {
    let todo = match why {
        NoServer::Trouble(_) => {
            "Reset the token (Discord: your application, Bot, Reset Token) and put it into the secrets folder as discord_token."
        }
        NoServer::OtherApplication => "Copy both from the same application: General Information, and Bot.",
        NoServer::Nowhere => "Add it to the company's server with the link that `steward doctor` prints.",
        NoServer::NotThere => "Correct DISCORD_GUILD_ID, or add the bot to that server.",
        NoServer::Several => "Set DISCORD_GUILD_ID, and switch Public Bot off so that nobody else adds it to theirs.",
    };
    format!("Discord: {why}. Nothing was started. {todo}")
}
