//! `POST /v1/oauth/token`: an assertion that a registered issuer signed becomes a token that lives for a while.
//!
//! It needs no credential, and none goes along: the Admin key has no business there. Sent once each time, because an assertion
//! is taken once only; whoever tries again signs another one.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;

use super::call::Call;
use super::connect::{Settings, line};
use super::error::Error;
use super::http::Http;
use super::time::Time;

/// How an assertion is offered, as RFC 7523 calls it.
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// The longest token that is taken, in characters.
const LONGEST: usize = 4_096;
/// No token lives longer, in seconds.
const LONGEST_LIFE_S: u64 = 86_400;

/// Exchanges assertions for tokens. Cheap to clone.
#[derive(Clone)]
pub struct Exchange {
    http: Http,
}

/// What is offered, and what for. No `Debug`: whoever has the assertion can use it once.
pub struct TokenOrder<'a> {
    /// The signed assertion.
    pub assertion: &'a SecretString,
    /// `fdrl_…`, the rule that is to take it.
    pub rule_id: &'a str,
    /// The organization, a UUID.
    pub organization_id: &'a str,
    /// `svac_…`, whom the token is to act as.
    pub service_account_id: &'a str,
    /// `wrkspc_…`, where it is to work.
    pub workspace_id: &'a str,
}

/// A token. It has no `Debug`, and nothing keeps it.
pub struct Minted {
    /// `sk-ant-oat01-…`, to be sent as `Authorization: Bearer`.
    pub token: SecretString,
    /// How long it lives from now on.
    pub lives: Duration,
}

/// A token as it travels.
#[derive(Deserialize)]
struct Wire {
    access_token: String,
    token_type: String,
    expires_in: u64,
}

impl Exchange {
    /// Connects to where `settings` say, without their key. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`Error::Settings`], which names what is wrong and quotes nothing.
    pub fn connect(settings: &Settings, time: Arc<dyn Time>) -> Result<Self, Error> {
        Ok(Self { http: line(settings, None, time)? })
    }

    /// Exchanges an assertion. A denial never says why: it is a 401, whatever was wrong.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of a change; a token that was made all the same dies unseen.
    pub async fn token(&self, order: &TokenOrder<'_>) -> Result<Minted, Error> {
        let body = json!({
            "grant_type": GRANT,
            "assertion": order.assertion.expose_secret(),
            "federation_rule_id": order.rule_id,
            "organization_id": order.organization_id,
            "service_account_id": order.service_account_id,
            "workspace_id": order.workspace_id,
        });
        let call = Call::post("a token", &["token"], body).below("oauth");
        let answer = self.http.send::<Wire>(&call).await?.refine(|it| {
            let is_word = !it.access_token.is_empty()
                && it.access_token.len() <= LONGEST
                && it.access_token.bytes().all(|byte| byte.is_ascii_graphic());
            let is_bearer = it.token_type.eq_ignore_ascii_case("bearer");
            if is_word && is_bearer && (1..=LONGEST_LIFE_S).contains(&it.expires_in) {
                Ok(it)
            } else {
                Err("it is no token that can be used")
            }
        })?;
        let Wire { access_token, expires_in, .. } = answer.value;
        Ok(Minted { token: access_token.into(), lives: Duration::from_secs(expires_in) })
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").field("origin", &self.http.origin()).finish_non_exhaustive()
    }
}
