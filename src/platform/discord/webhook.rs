//! The calls under an interaction's token: the first answer, the message that waits, and what follows.

use std::time::Duration;

use reqwest::Method;
use serde_json::Value;

use super::api::{Api, Call};
use super::inbound::EPHEMERAL;
use super::page::Packed;
use super::trouble::Trouble;

/// Discord may hear of an answer's second part before it heard of the first: how often, and how long, it is waited for.
const TOO_EARLY: u8 = 5;
const A_MOMENT: Duration = Duration::from_millis(300);

impl Api {
    /// Answers an interaction for the first time.
    pub(super) async fn respond(&self, interaction: &str, token: &str, answer: &Value) -> Result<(), Trouble> {
        let path = format!("/interactions/{interaction}/{}/callback", checked(token)?);
        self.call(&of_interaction(Method::POST, path, Some(answer), &[])).await.map(drop)
    }

    /// Fills the message that waits, or changes the one with the button.
    pub(super) async fn edit_original(&self, token: &str, packed: &Packed) -> Result<Value, Trouble> {
        let path = format!("/webhooks/{}/{}/messages/@original", self.application(), checked(token)?);
        self.soon(&of_interaction(Method::PATCH, path, Some(&packed.body), &packed.files)).await
    }

    /// Takes the message that waits away.
    pub(super) async fn delete_original(&self, token: &str) -> Result<(), Trouble> {
        let path = format!("/webhooks/{}/{}/messages/@original", self.application(), checked(token)?);
        self.soon(&of_interaction(Method::DELETE, path, None, &[])).await.map(drop)
    }

    /// One more message under an interaction.
    pub(super) async fn follow_up(&self, token: &str, packed: &Packed, is_ephemeral: bool) -> Result<(), Trouble> {
        let path = format!("/webhooks/{}/{}", self.application(), checked(token)?);
        let mut body = packed.body.clone();
        if is_ephemeral {
            body["flags"] = EPHEMERAL.into();
        }
        self.soon(&of_interaction(Method::POST, path, Some(&body), &packed.files)).await.map(drop)
    }

    /// One call, again in a moment while Discord has not heard of the first answer.
    async fn soon(&self, call: &Call<'_>) -> Result<Value, Trouble> {
        for _ in 1..TOO_EARLY {
            match self.call(call).await {
                Err(Trouble::Refused(10_008 | 10_015)) => tokio::time::sleep(A_MOMENT).await,
                answer => return answer,
            }
        }
        self.call(call).await
    }
}

/// A call under an interaction's token: the bot's own is not needed.
fn of_interaction<'a>(
    method: Method,
    path: String,
    body: Option<&'a Value>,
    files: &'a [(String, Vec<u8>)],
) -> Call<'a> {
    Call { route: format!("{method} {path}"), method, path, body, files, as_bot: false }
}

/// A token as Discord makes them: nothing that could lead elsewhere.
pub(super) fn checked(token: &str) -> Result<&str, Trouble> {
    let plain = |it: u8| it.is_ascii_alphanumeric() || b"-_.=".contains(&it);
    let fits = (1..=512).contains(&token.len()) && token.bytes().all(plain) && !token.contains("..");
    if fits { Ok(token) } else { Err(Trouble::Malformed) }
}
