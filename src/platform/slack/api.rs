//! Slack's Web API: one call in, JSON or a code out. Bounded in time; what the crate's errors quote never leaves this file.

use std::time::Duration;

use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use slack_morphism::errors::SlackClientError;
use slack_morphism::hyper_tokio::SlackClientHyperConnector;
use slack_morphism::{SlackApiToken, SlackApiTokenValue, SlackClient};
use tokio::time::{sleep, timeout};

use crate::chat::SendError;

/// How long one call may take. The crate waits for ever.
const PATIENCE: Duration = Duration::from_secs(10);
/// Somebody waits for the answer: a pause that Slack asks for is made if it is at most this long, in all.
const SHORT_PAUSE: Duration = Duration::from_secs(6);
/// How often a call that somebody waits for is repeated after a 429.
const REPEATS: u8 = 2;
/// The pause after trouble that may pass, where Slack names none.
const LATER_MS: u64 = 2_000;
/// The pause after trouble that an operator has to mend, such as a missing scope.
const MUCH_LATER_MS: u64 = 60_000;

/// Codes of Slack after which trying again changes nothing: the person, the channel or the message cannot be reached.
const CLOSED: [&str; 22] = [
    "cannot_dm_bot",
    "cant_delete_message",
    "cant_update_message",
    "channel_not_found",
    "edit_window_closed",
    "invalid_arguments",
    "invalid_blocks",
    "invalid_blocks_format",
    "is_archived",
    "is_inactive",
    "message_not_found",
    "messages_tab_disabled",
    "msg_blocks_too_long",
    "msg_too_long",
    "no_text",
    "not_in_channel",
    "restricted_action",
    "user_disabled",
    "user_not_found",
    "user_not_visible",
    "users_not_found",
    "user_is_restricted",
];

/// Codes that an operator has to mend.
const OPERATORS: [&str; 9] = [
    "account_inactive",
    "ekm_access_denied",
    "invalid_auth",
    "missing_scope",
    "not_allowed_token_type",
    "not_authed",
    "org_login_required",
    "token_expired",
    "token_revoked",
];

/// Why a call came to nothing. Slack's code, or ours; never a body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Slack said no, with this code.
    #[error("Slack answers {0}")]
    Refused(String),
    /// Too many calls; again after this long.
    #[error("Slack asks for a pause")]
    Busy(Duration),
    /// An HTTP status that is no answer.
    #[error("Slack answers with status {0}")]
    Status(u16),
    /// No answer in time.
    #[error("Slack does not answer in time")]
    TimedOut,
    /// No connection.
    #[error("Slack cannot be reached")]
    Unreachable,
    /// An answer that is none of Slack's.
    #[error("what answered is not Slack's API")]
    Malformed,
}

impl Trouble {
    /// Slack's code, or a word of ours.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Refused(code) => code,
            Self::Busy(_) => "ratelimited",
            Self::Status(_) => "http_status",
            Self::TimedOut => "timed_out",
            Self::Unreachable => "unreachable",
            Self::Malformed => "malformed",
        }
    }

    /// True if Slack refused the layout, so that a plainer one may pass.
    #[must_use]
    pub fn is_layout(&self) -> bool {
        matches!(self.code(), "invalid_blocks" | "invalid_blocks_format" | "msg_blocks_too_long")
    }

    /// What the outbox is to do.
    #[must_use]
    pub fn to_send_error(&self) -> SendError {
        let code = self.code().to_owned();
        let after_ms = match self {
            Self::Busy(after) => u64::try_from(after.as_millis()).unwrap_or(MUCH_LATER_MS),
            Self::Refused(code) if CLOSED.contains(&code.as_str()) => {
                return SendError::Closed { code: code.clone() };
            }
            Self::Refused(code) if OPERATORS.contains(&code.as_str()) => MUCH_LATER_MS,
            _ => LATER_MS,
        };
        SendError::Later { after_ms, code }
    }

    /// Slack's no, if the word is one of its codes.
    pub(super) fn refused(code: &str) -> Self {
        Self::Refused(as_code(code))
    }

    fn of(error: &SlackClientError) -> Self {
        match error {
            SlackClientError::ApiError(it) if it.code == "ratelimited" => Self::Busy(Duration::from_secs(1)),
            SlackClientError::ApiError(it) => Self::Refused(as_code(&it.code)),
            SlackClientError::RateLimitError(it) => Self::Busy(it.retry_after.unwrap_or(Duration::from_secs(1))),
            SlackClientError::HttpError(it) => Self::Status(it.status_code.as_u16()),
            SlackClientError::ProtocolError(_) | SlackClientError::SocketModeProtocolError(_) => Self::Malformed,
            SlackClientError::HttpProtocolError(_)
            | SlackClientError::EndOfStream(_)
            | SlackClientError::SystemError(_) => Self::Unreachable,
        }
    }
}

/// A code as Slack writes them. Anything else is not repeated: who knows what it quotes.
fn as_code(text: &str) -> String {
    let plain = text.len() <= 64 && text.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_');
    if plain && !text.is_empty() { text.to_owned() } else { "unknown_error".to_owned() }
}

/// The client, with one token. Clones share its connections.
#[derive(Clone)]
pub struct Api {
    client: std::sync::Arc<SlackClient<SlackClientHyperConnector<HttpsConnector<HttpConnector>>>>,
    token: std::sync::Arc<SlackApiToken>,
    base: std::sync::Arc<str>,
}

impl Api {
    /// A client for the API at `base`, such as `https://slack.com/api`, with a bot token or an app-level one.
    ///
    /// Plain HTTP is for loopback; the settings see to that.
    #[must_use]
    pub fn new(base: &str, token: &SecretString) -> Self {
        let https = HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().build();
        let connector = SlackClientHyperConnector::with_connector(https).with_slack_api_url(base.trim_end_matches('/'));
        let token = SlackApiToken::new(SlackApiTokenValue(token.expose_secret().to_owned()));
        Self { client: SlackClient::new(connector).into(), token: token.into(), base: base.into() }
    }

    /// Where it is.
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// One call of `method`, once.
    ///
    /// # Errors
    ///
    /// [`Trouble`]. Except for [`Trouble::Refused`] and [`Trouble::Busy`], it may have taken effect.
    pub async fn call(&self, method: &str, arguments: &Value) -> Result<Value, Trouble> {
        let session = self.client.open_session(&self.token);
        let call = session.http_session_api.http_post::<Value, Value>(method, arguments, None);
        let answer = timeout(PATIENCE, call).await.map_err(|_| Trouble::TimedOut)?;
        Self::checked(answer.map_err(|error| Trouble::of(&error)))
    }

    /// One call of a `method` that only reads, which Slack takes arguments of in the address.
    ///
    /// # Errors
    ///
    /// [`Trouble`].
    pub async fn read(&self, method: &str, arguments: &[(&str, &str)]) -> Result<Value, Trouble> {
        let session = self.client.open_session(&self.token);
        let arguments: Vec<(&str, Option<&str>)> = arguments.iter().map(|(name, it)| (*name, Some(*it))).collect();
        let call = session.http_session_api.http_get::<Value, _, _>(method, &arguments, None);
        let answer = timeout(PATIENCE, call).await.map_err(|_| Trouble::TimedOut)?;
        Self::checked(answer.map_err(|error| Trouble::of(&error)))
    }

    /// As [`Api::call`], but somebody waits: short pauses that Slack asks for are made.
    ///
    /// # Errors
    ///
    /// As [`Api::call`].
    pub async fn call_patiently(&self, method: &str, arguments: &Value) -> Result<Value, Trouble> {
        let mut paused = Duration::ZERO;
        for _ in 0..REPEATS {
            match self.call(method, arguments).await {
                Err(Trouble::Busy(after)) if paused + after <= SHORT_PAUSE => {
                    paused += after;
                    sleep(after).await;
                }
                answer => return answer,
            }
        }
        self.call(method, arguments).await
    }

    /// The crate takes an answer without `error` for a good one; Slack says `ok`.
    fn checked(answer: Result<Value, Trouble>) -> Result<Value, Trouble> {
        let answer = answer?;
        if answer["ok"] == true { Ok(answer) } else { Err(Trouble::Malformed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_repeated_and_nothing_else_is() {
        assert_eq!(as_code("channel_not_found"), "channel_not_found");
        assert_eq!(as_code("sk-ant-api03-secret"), "unknown_error");
        assert_eq!(as_code(""), "unknown_error");
    }

    #[test]
    fn what_cannot_be_reached_is_given_up_and_the_rest_waits() {
        let closed = Trouble::Refused("not_in_channel".into()).to_send_error();
        assert_eq!(closed, SendError::Closed { code: "not_in_channel".into() });
        let busy = Trouble::Busy(Duration::from_secs(7)).to_send_error();
        assert_eq!(busy, SendError::Later { after_ms: 7_000, code: "ratelimited".into() });
        let scope = Trouble::Refused("missing_scope".into()).to_send_error();
        assert_eq!(scope, SendError::Later { after_ms: MUCH_LATER_MS, code: "missing_scope".into() });
        let unknown = Trouble::Refused("something_new".into()).to_send_error();
        assert_eq!(unknown, SendError::Later { after_ms: LATER_MS, code: "something_new".into() });
    }
}
