//! Whose the bot token is.

use serde_json::Value;

use super::api::{Api, Trouble};
use crate::platform::fields::owned;

/// The Slack workspace that the bot token belongs to, and the bot in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    /// The workspace's id.
    pub id: String,
    /// Its name, for the operator.
    pub name: String,
    /// The bot's own user id.
    pub bot: String,
}

/// Asks whose the bot token is.
///
/// # Errors
///
/// [`Trouble`], such as a token that is not accepted.
pub async fn team(api: &Api) -> Result<Team, Trouble> {
    let answer = api.call_patiently("auth.test", &serde_json::json!({})).await?;
    Team::read(&answer).ok_or(Trouble::Malformed)
}

impl Team {
    /// What `auth.test` answers.
    pub(super) fn read(answer: &Value) -> Option<Self> {
        let of = |pointer: &str| owned(answer, pointer);
        Some(Self { id: of("/team_id")?, name: of("/team")?, bot: of("/user_id")? })
    }
}
