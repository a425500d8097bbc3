//! Whose the bot token is, and which server is the company's.

use reqwest::Method;
use serde_json::Value;

use super::api::Api;
use super::payload::id;
use super::trouble::Trouble;
use crate::platform::fields::owned;

/// Servers that are asked for; Discord gives no more at once.
const MOST: usize = 200;

/// The company's server, and the bot in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// The server's id.
    pub id: String,
    /// Its name, for the operator.
    pub name: String,
}

/// Why there is no company's server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoServer {
    /// Discord was not to be asked.
    #[error("{0}")]
    Trouble(#[from] Trouble),
    /// The token is of another application than the settings say.
    #[error("the bot token belongs to another application than DISCORD_APPLICATION_ID")]
    OtherApplication,
    /// The bot is in no server.
    #[error("the bot is in no server yet")]
    Nowhere,
    /// The bot is not in the one that is set.
    #[error("the bot is not in the server that DISCORD_GUILD_ID names")]
    NotThere,
    /// The bot is in several, and none is set. Anybody may have added it to theirs: none of them is believed.
    #[error("the bot is in several servers, and DISCORD_GUILD_ID does not say which is the company's")]
    Several,
}

/// Asks which server is the company's: the one that is set, or the only one that the bot is in.
///
/// # Errors
///
/// [`NoServer`].
pub async fn server(api: &Api, set: Option<u64>) -> Result<Server, NoServer> {
    let application = api.bot(Method::GET, "/applications/@me".to_owned(), None).await?;
    if id(&application, "/id").as_deref() != Some(api.application()) {
        return Err(NoServer::OtherApplication);
    }
    let all = api.bot(Method::GET, format!("/users/@me/guilds?limit={MOST}"), None).await?;
    let all = all.as_array().ok_or(Trouble::Malformed)?;
    let of = |it: &Value| Some(Server { id: id(it, "/id")?, name: owned(it, "/name").unwrap_or_default() });
    match (set.map(|it| it.to_string()), all.as_slice()) {
        (Some(set), all) => {
            let found = all.iter().filter_map(of).find(|it| it.id == set);
            found.ok_or(NoServer::NotThere)
        }
        (None, []) => Err(NoServer::Nowhere),
        (None, [one]) => of(one).ok_or(NoServer::Trouble(Trouble::Malformed)),
        (None, _) => Err(NoServer::Several),
    }
}
