//! The one HTTP client for everything but Anthropic's API: what chats are told beside their crates, and the webhooks of the
//! settings.
//!
//! Some of its addresses come from outside, so it is told beforehand which hosts it may speak to, and looks at the text of
//! an address before anything else does. It follows no redirect, asks no proxy, waits 15 seconds at most and reads 4 MiB at
//! most. Its errors are codes: an address can be a secret, and is never repeated.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue, USER_AGENT};
use reqwest::{Client, RequestBuilder, Response, redirect};
use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

/// How long connecting may take, TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// How long the whole call may take, the answer included.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(15);

/// The longest answer that is read, in bytes.
const LARGEST_ANSWER: usize = 4 * 1024 * 1024;

/// The longest address that is looked at, in bytes.
const LONGEST_URL: usize = 4096;

/// The hosts of this machine, as they must be written.
const LOOPBACK: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// Whom a client may speak to. Each use has a list and a client of its own, so that a webhook's host is not open to a
/// `response_url`.
#[derive(Clone, Debug, Default)]
pub struct AllowedHosts {
    names: BTreeSet<String>,
    loopback: bool,
}

impl AllowedHosts {
    /// Nobody.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// The hosts that Slack's `response_url`s name.
    #[must_use]
    pub fn slack_hooks() -> Self {
        Self::none().and("hooks.slack.com").and("hooks.slack-gov.com")
    }

    /// The hosts that take files for Slack.
    #[must_use]
    pub fn slack_files() -> Self {
        Self::none().and("files.slack.com").and("files.slack-gov.com")
    }

    /// Also `host`, exactly that one, over https on port 443. An IP address is not a name, and stays closed.
    #[must_use]
    pub fn and(mut self, host: &str) -> Self {
        self.names.insert(host.to_ascii_lowercase());
        self
    }

    /// Also this machine, on any port and without TLS: for simulations and tests, when a base URL of the settings says so.
    #[must_use]
    pub fn and_loopback(mut self) -> Self {
        self.loopback = true;
        self
    }

    /// Reads an address, if it is one of an allowed host.
    ///
    /// The text itself must show the host, letter by letter: nothing that a parser would have to decode, fold, lower or
    /// strip to arrive there is accepted.
    ///
    /// # Errors
    ///
    /// [`Error::NotAllowed`].
    pub fn check(&self, text: &str) -> Result<Url, Error> {
        if text.len() > LONGEST_URL || !text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') {
            return Err(Error::NotAllowed);
        }
        let (scheme, rest) = text.split_once("://").ok_or(Error::NotAllowed)?;
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if !self.permits(scheme, authority) {
            return Err(Error::NotAllowed);
        }
        let url = Url::parse(text).map_err(|_| Error::NotAllowed)?;
        let same_host = url.host_str() == Some(host_of(authority));
        let plain = url.scheme() == scheme && url.username().is_empty() && url.password().is_none();
        if same_host && plain { Ok(url) } else { Err(Error::NotAllowed) }
    }

    fn permits(&self, scheme: &str, authority: &str) -> bool {
        let host = host_of(authority);
        if LOOPBACK.contains(&host) {
            return self.loopback && matches!(scheme, "https" | "http");
        }
        let on_443 = authority == host || authority.strip_prefix(host) == Some(":443");
        let is_name = matches!(Host::parse(host), Ok(Host::Domain(_)));
        scheme == "https" && on_443 && is_name && self.names.contains(host)
    }
}

/// `authority` without a port of plain digits.
fn host_of(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

/// The client. Cheap to clone; clones share its connections.
#[derive(Clone)]
pub struct Outgoing {
    allowed: AllowedHosts,
    client: Client,
}

impl Outgoing {
    /// A client that speaks to `allowed` and nobody else.
    ///
    /// # Errors
    ///
    /// [`Error::NoClient`] if TLS cannot be set up on this machine.
    pub fn new(allowed: AllowedHosts) -> Result<Self, Error> {
        Self::keeping(allowed, usize::MAX)
    }

    /// The same for secrets: no connection is kept. What is in its buffers is freed, and so wiped, with the answer, and does not
    /// wait for the next call.
    ///
    /// # Errors
    ///
    /// As [`Outgoing::new`].
    pub fn forgetful(allowed: AllowedHosts) -> Result<Self, Error> {
        Self::keeping(allowed, 0)
    }

    #[expect(clippy::disallowed_methods, reason = "this is the room that the lint sends everybody to")]
    fn keeping(allowed: AllowedHosts, idle_connections: usize) -> Result<Self, Error> {
        let client = Client::builder()
            .user_agent(concat!("steward/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .retry(reqwest::retry::never())
            .https_only(!allowed.loopback)
            .pool_max_idle_per_host(idle_connections)
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TOTAL_TIMEOUT)
            .build()
            .map_err(|_| Error::NoClient)?;
        Ok(Self { allowed, client })
    }

    /// Posts `body` once. Whatever status comes back is an answer, but for a redirect, which is an error.
    ///
    /// # Errors
    ///
    /// [`Error::NotAllowed`] before anything was connected to; the others as they say. Except for that one and
    /// [`Error::Unreachable`], the other side may have taken it in.
    pub async fn post_json(&self, url: &str, body: &serde_json::Value) -> Result<Answer, Error> {
        self.post(url, body.to_string().into_bytes(), None).await
    }

    /// The same for bytes that are no JSON, such as a file's.
    ///
    /// # Errors
    ///
    /// As [`Outgoing::post_json`].
    pub async fn post_bytes(&self, url: &str, body: Vec<u8>) -> Result<Answer, Error> {
        self.post_typed(url, body, "application/octet-stream", None).await
    }

    /// The same for whoever presents `token`, which goes into a header that no log and no error shows.
    ///
    /// # Errors
    ///
    /// As [`Outgoing::post_json`].
    pub async fn post_with_token(
        &self,
        url: &str,
        body: &serde_json::Value,
        token: &SecretString,
    ) -> Result<Answer, Error> {
        let bearer = format!("Bearer {}", token.expose_secret());
        self.post(url, body.to_string().into_bytes(), Some(("authorization", &bearer))).await
    }

    /// The same with a header over exactly these bytes, such as a stamp.
    ///
    /// # Errors
    ///
    /// As [`Outgoing::post_json`].
    pub async fn post_stamped(&self, url: &str, body: Vec<u8>, stamp: (&str, &str)) -> Result<Answer, Error> {
        self.post(url, body, Some(stamp)).await
    }

    /// The same, but it changes what is there, under the name that is asked for there: what Discord takes a late answer by.
    ///
    /// # Errors
    ///
    /// As [`Outgoing::post_json`].
    pub async fn patch_json(&self, url: &str, body: &serde_json::Value, agent: &'static str) -> Result<Answer, Error> {
        let url = self.allowed.check(url)?;
        let request = self.client.patch(url).header(CONTENT_TYPE, "application/json").header(USER_AGENT, agent);
        sent(request.body(body.to_string().into_bytes())).await
    }

    async fn post(&self, url: &str, body: Vec<u8>, header: Option<(&str, &str)>) -> Result<Answer, Error> {
        self.post_typed(url, body, "application/json", header).await
    }

    async fn post_typed(
        &self,
        url: &str,
        body: Vec<u8>,
        media_type: &'static str,
        header: Option<(&str, &str)>,
    ) -> Result<Answer, Error> {
        let url = self.allowed.check(url)?;
        let mut request = self.client.post(url).header(CONTENT_TYPE, media_type).body(body);
        if let Some((name, value)) = header {
            let mut value = HeaderValue::from_str(value).map_err(|_| Error::Broken)?;
            value.set_sensitive(true);
            request = request.header(name, value);
        }
        sent(request).await
    }
}

/// Sends a request whose address was checked.
async fn sent(request: RequestBuilder) -> Result<Answer, Error> {
    let response = request.send().await.map_err(|error| Error::of(&error))?;
    let status = response.status();
    if status.is_redirection() {
        return Err(Error::Redirected);
    }
    let headers = response.headers().clone();
    Ok(Answer { status: status.as_u16(), headers, body: read(response).await? })
}

/// Reads the answer to its end, which must come before [`LARGEST_ANSWER`].
async fn read(mut response: Response) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| Error::of(&error))? {
        if body.len() + chunk.len() > LARGEST_ANSWER {
            return Err(Error::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// What the other side said.
pub struct Answer {
    /// The HTTP status, never a redirect's.
    pub status: u16,
    headers: HeaderMap,
    /// The body, at most 4 MiB. It is from outside: not to be logged.
    pub body: Vec<u8>,
}

impl Answer {
    /// The first value of a header, if it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|it| it.to_str().ok())
    }

    /// Whether the status is one of success.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer {{ status: {}, body: {} bytes }}", self.status, self.body.len())
    }
}

/// Why there is no answer. The address is not repeated, nor what the other side said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The address is not one that this client may speak to. Nothing was connected to.
    #[error("the address is not one of the hosts that may be spoken to")]
    NotAllowed,
    /// No connection came about: name, network or certificate.
    #[error("the other side could not be reached")]
    Unreachable,
    /// It took longer than 3 seconds to connect or 15 seconds in all.
    #[error("the other side took too long")]
    TimedOut,
    /// It wanted to send us elsewhere, where we do not go.
    #[error("the other side answered with a redirect, which is not followed")]
    Redirected,
    /// The answer is longer than 4 MiB.
    #[error("the answer was too large")]
    TooLarge,
    /// The connection broke, or what came was no HTTP.
    #[error("the connection broke before the answer was complete")]
    Broken,
    /// TLS could not be set up.
    #[error("no HTTP client could be set up on this machine")]
    NoClient,
}

impl Error {
    /// The kind of `error`, whose text names the address and is dropped.
    fn of(error: &reqwest::Error) -> Self {
        if error.is_timeout() {
            Self::TimedOut
        } else if error.is_connect() {
            Self::Unreachable
        } else {
            Self::Broken
        }
    }
}
