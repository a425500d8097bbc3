//! What Slack says of a token: whose it is, and what it may do. For `init` and `doctor`.

use jiff::fmt::rfc2822;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::api::{Api, Trouble};
use super::team::Team;
use crate::clock::Moment;
use crate::outgoing::{self, AllowedHosts, Outgoing};
use crate::platform::fields::owned;

/// What the app must be allowed, and for what.
pub const SCOPES: [(&str, &str); 5] = [
    ("commands", "the slash command and the shortcuts"),
    ("chat:write", "answers and cards"),
    ("im:write", "direct messages"),
    ("users:read", "whether somebody is a colleague, a guest or a bot"),
    ("users:read.email", "linking by the address in the profile"),
];

/// What the app must be allowed as soon as user groups mean anything.
pub const GROUP_SCOPE: &str = "usergroups:read";

/// What a bot token opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// The workspace.
    pub team: Team,
    /// What the token may do; none if Slack did not say.
    pub scopes: Option<Vec<String>>,
    /// What Slack's clock says.
    pub date: Option<Moment>,
}

impl Inspection {
    /// The scopes among `wanted` that are missing. None are, as far as Slack did not say.
    #[must_use]
    pub fn missing<'a>(&self, wanted: &[&'a str]) -> Vec<&'a str> {
        let Some(scopes) = &self.scopes else { return Vec::new() };
        wanted.iter().copied().filter(|it| !scopes.iter().any(|scope| scope == it)).collect()
    }
}

/// Asks what the bot token opens, by our own call: what it may do stands in a header, which the crate does not show.
///
/// # Errors
///
/// [`Trouble`], such as a token that is not accepted.
pub async fn inspect(api_url: &str, token: &SecretString, hosts: AllowedHosts) -> Result<Inspection, Trouble> {
    let http = Outgoing::new(hosts).map_err(|_| Trouble::Unreachable)?;
    let url = format!("{}/auth.test", api_url.trim_end_matches('/'));
    let answer = http.post_with_token(&url, &json!({}), token).await.map_err(|error| match error {
        outgoing::Error::TimedOut => Trouble::TimedOut,
        outgoing::Error::Unreachable | outgoing::Error::Broken | outgoing::Error::NoClient => Trouble::Unreachable,
        outgoing::Error::NotAllowed | outgoing::Error::Redirected | outgoing::Error::TooLarge => Trouble::Malformed,
    })?;
    if !answer.is_success() {
        return Err(Trouble::Status(answer.status));
    }
    let said: Value = serde_json::from_slice(&answer.body).map_err(|_| Trouble::Malformed)?;
    if said["ok"] != true {
        return Err(Trouble::refused(owned(&said, "/error").as_deref().unwrap_or_default()));
    }
    let scopes = answer.header("x-oauth-scopes");
    let scopes = scopes.map(|it| it.split(',').map(|scope| scope.trim().to_owned()).collect());
    let date = answer.header("date").and_then(|it| rfc2822::parse(it).ok()).map(|it| it.timestamp());
    Ok(Inspection { team: Team::read(&said).ok_or(Trouble::Malformed)?, scopes, date })
}

/// Whether the app-level token opens connections. Nothing is connected: a connection would take part of what people do.
///
/// # Errors
///
/// [`Trouble`], such as a token that is not accepted, or one without `connections:write`.
pub async fn check_app_token(api_url: &str, token: &SecretString) -> Result<(), Trouble> {
    Api::new(api_url, token).call_patiently("apps.connections.open", &json!({})).await.map(drop)
}
