//! Discord's REST API: one call in, JSON or a number out. Bounded in time, in size and in repetition.
//!
//! By our own client, not the crate's: the crate's limiter works for discord.com alone, so that no test would run what runs in
//! earnest; its spans hold bodies, which can be more than a log may know; and it has no time limit.

use std::sync::Arc;
use std::time::Duration;

use reqwest::multipart::{Form, Part};
use reqwest::{Client, Method, Response, redirect};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::time::sleep;

use super::markdown::is_id;
use super::notes::Notes;
use super::pace::{Pace, Told};
use super::page::Packed;
use super::trouble::Trouble;

/// How a program names itself to Discord, which may turn away whoever does it otherwise.
/// <https://docs.discord.com/developers/reference#user-agent>
pub(super) const AGENT: &str = concat!("DiscordBot (https://steward.invalid, ", env!("CARGO_PKG_VERSION"), ")");
/// How long connecting and one call may take.
const TO_CONNECT: Duration = Duration::from_secs(3);
const PATIENCE: Duration = Duration::from_secs(10);
/// A pause up to this long is made, in all; a longer one is told.
const SHORT_PAUSE: Duration = Duration::from_secs(6);
/// How often a call is repeated after a pause.
const REPEATS: u8 = 3;
/// The longest answer that is read, in bytes.
const LARGEST_ANSWER: usize = 4 * 1024 * 1024;
/// The pause where Discord asks for one and does not say how long.
const UNTOLD_PAUSE: Duration = Duration::from_secs(1);

/// The client, with one bot token. Clones share everything. No `Debug`: it holds the token.
#[derive(Clone)]
pub struct Api(Arc<Inner>);

struct Inner {
    client: Client,
    base: String,
    token: SecretString,
    application: String,
    pace: Pace,
    notes: Notes,
}

/// What is asked.
pub(super) struct Call<'a> {
    pub(super) method: Method,
    /// Below `/api/v10`, with what the limit counts by.
    pub(super) path: String,
    pub(super) route: String,
    pub(super) body: Option<&'a Value>,
    pub(super) files: &'a [(String, Vec<u8>)],
    /// Whether the bot token is presented. The token of an interaction stands in the path and needs no other.
    pub(super) as_bot: bool,
}

impl Api {
    /// A client for Discord at `base`, such as `https://discord.com`.
    ///
    /// Plain HTTP is for loopback; the settings see to that.
    ///
    /// # Errors
    ///
    /// [`Trouble::Unreachable`] if TLS cannot be set up on this machine.
    #[expect(clippy::disallowed_methods, reason = "redirects are off, the host is pinned, time and size are bounded")]
    pub fn new(base: &str, token: &SecretString, application: u64) -> Result<Self, Trouble> {
        let client = Client::builder()
            .user_agent(AGENT)
            .redirect(redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .retry(reqwest::retry::never())
            .https_only(base.starts_with("https:"))
            .connect_timeout(TO_CONNECT)
            .timeout(PATIENCE)
            .build()
            .map_err(|_| Trouble::Unreachable)?;
        Ok(Self(Arc::new(Inner {
            client,
            base: base.trim_end_matches('/').to_owned(),
            token: token.clone(),
            application: application.to_string(),
            pace: Pace::default(),
            notes: Notes::default(),
        })))
    }

    /// Where it is.
    pub(super) fn base(&self) -> &str {
        &self.0.base
    }

    pub(super) fn token(&self) -> &SecretString {
        &self.0.token
    }

    /// The client below, for the crate.
    pub(super) fn client(&self) -> Client {
        self.0.client.clone()
    }

    /// The application's id.
    pub(super) fn application(&self) -> &str {
        &self.0.application
    }

    /// What was shown lately.
    pub(super) fn notes(&self) -> &Notes {
        &self.0.notes
    }

    /// Whether the bot token is accepted, as far as that is known.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        !self.0.pace.is_unauthorized()
    }

    /// One call. Short pauses that Discord asks for are made; nothing else is repeated.
    ///
    /// # Errors
    ///
    /// [`Trouble`]. After [`Trouble::TimedOut`], [`Trouble::Status`] and [`Trouble::Malformed`] it may have taken effect.
    pub(super) async fn call(&self, call: &Call<'_>) -> Result<Value, Trouble> {
        let mut paused = Duration::ZERO;
        for _ in 0..REPEATS {
            match self.once(call).await {
                Err(Trouble::Busy(after)) if paused + after <= SHORT_PAUSE => {
                    paused += after;
                    sleep(after).await;
                }
                answer => return answer,
            }
        }
        self.once(call).await
    }

    async fn once(&self, call: &Call<'_>) -> Result<Value, Trouble> {
        let Inner { client, base, token, pace, .. } = &*self.0;
        if call.as_bot && pace.is_unauthorized() {
            return Err(Trouble::Unauthorized);
        }
        pace.take(&call.route, call.as_bot).map_err(Trouble::Busy)?;
        let mut request = client.request(call.method.clone(), format!("{base}/api/v10{}", call.path));
        if call.as_bot {
            let mut bearer = reqwest::header::HeaderValue::from_str(&format!("Bot {}", token.expose_secret()))
                .map_err(|_| Trouble::Malformed)?;
            bearer.set_sensitive(true);
            request = request.header(reqwest::header::AUTHORIZATION, bearer);
        }
        request = match call.body {
            Some(body) if call.files.is_empty() => request.json(body),
            Some(body) => request.multipart(form(body, call.files)?),
            None => request,
        };
        let response = request.send().await.map_err(|error| told_by(&error))?;
        self.answer(call, response).await
    }

    async fn answer(&self, call: &Call<'_>, response: Response) -> Result<Value, Trouble> {
        let pace = &self.0.pace;
        let status = response.status();
        let limits = limits(&response);
        let body = read(response).await?;
        let said: Value = serde_json::from_slice(&body).unwrap_or_default();
        if status == 429 {
            pace.refused();
            let seconds = said["retry_after"].as_f64().filter(|it| it.is_finite() && (0.0..86_400.0).contains(it));
            let (header, is_global) = limits.pause.unwrap_or((UNTOLD_PAUSE, false));
            let pause = seconds.map_or(header, Duration::from_secs_f64).max(Duration::from_millis(50));
            pace.heed(
                &call.route,
                Told { pause: Some((pause, is_global || said["global"] == true)), ..Told::default() },
            );
            return Err(Trouble::Busy(pause));
        }
        pace.heed(&call.route, Told { pause: None, ..limits });
        if status.is_success() {
            return if body.is_empty() {
                Ok(Value::Null)
            } else {
                serde_json::from_slice(&body).map_err(|_| Trouble::Malformed)
            };
        }
        if status == 401 || status == 403 {
            pace.refused();
        }
        if status == 401 && call.as_bot {
            pace.unauthorized();
            tracing::error!("Discord does not accept the bot token; it is not presented again for five minutes");
            return Err(Trouble::Unauthorized);
        }
        match said["code"].as_u64().filter(|it| *it > 0) {
            Some(code) => Err(Trouble::Refused(code)),
            None => Err(Trouble::Status(status.as_u16())),
        }
    }

    /// A call as the bot, without files.
    pub(super) async fn bot(&self, method: Method, path: String, body: Option<&Value>) -> Result<Value, Trouble> {
        let route = format!("{method} {}", major(&path));
        self.call(&Call { method, path, route, body, files: &[], as_bot: true }).await
    }

    /// The same for a message with its files.
    pub(super) async fn bot_message(&self, method: Method, path: String, packed: &Packed) -> Result<Value, Trouble> {
        let route = format!("{method} {}", major(&path));
        let (body, files) = (Some(&packed.body), packed.files.as_slice());
        self.call(&Call { method, path, route, body, files, as_bot: true }).await
    }

    /// The member `user` of `guild`.
    pub(super) async fn member(&self, guild: &str, user: &str) -> Result<Value, Trouble> {
        if !is_id(user) || !is_id(guild) {
            return Err(Trouble::Malformed);
        }
        self.bot(Method::GET, format!("/guilds/{guild}/members/{user}"), None).await
    }
}

/// What the limit counts by: the path up to its first id; messages of a channel count together.
fn major(path: &str) -> String {
    let mut parts = path.split('/').map(|it| it.split('?').next().unwrap_or_default());
    let head: Vec<&str> = parts.by_ref().take(3).collect();
    let tail = parts.map(|it| if is_id(it) { "*" } else { it });
    head.into_iter().chain(tail).collect::<Vec<_>>().join("/")
}

/// A message with its files. <https://docs.discord.com/developers/reference#uploading-files>
fn form(body: &Value, files: &[(String, Vec<u8>)]) -> Result<Form, Trouble> {
    let json = Part::text(body.to_string()).mime_str("application/json").map_err(|_| Trouble::Malformed)?;
    let form = Form::new().part("payload_json", json);
    Ok(files.iter().enumerate().fold(form, |form, (at, (name, bytes))| {
        form.part(format!("files[{at}]"), Part::bytes(bytes.clone()).file_name(name.clone()))
    }))
}

fn limits(response: &Response) -> Told {
    let header = |name: &str| response.headers().get(name).and_then(|it| it.to_str().ok());
    let seconds = |name: &str| {
        let read: f64 = header(name)?.parse().ok()?;
        (read.is_finite() && (0.0..86_400.0).contains(&read)).then(|| Duration::from_secs_f64(read))
    };
    let left = header("x-ratelimit-remaining").and_then(|it| it.parse().ok()).zip(seconds("x-ratelimit-reset-after"));
    let is_global = header("x-ratelimit-global").is_some() || header("x-ratelimit-scope") == Some("global");
    let most = header("x-ratelimit-limit").and_then(|it| it.parse().ok());
    Told { left, most, pause: seconds("retry-after").map(|it| (it, is_global)) }
}

async fn read(mut response: Response) -> Result<Vec<u8>, Trouble> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| told_by(&error))? {
        if body.len() + chunk.len() > LARGEST_ANSWER {
            return Err(Trouble::Malformed);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The kind of an error, whose text names the address and is dropped.
fn told_by(error: &reqwest::Error) -> Trouble {
    if error.is_timeout() {
        Trouble::TimedOut
    } else if error.is_connect() {
        Trouble::Unreachable
    } else {
        Trouble::Malformed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_counts_by_the_first_id() {
        assert_eq!(major("/channels/12/messages/34"), "/channels/12/messages/*");
        assert_eq!(major("/users/@me/channels"), "/users/@me/channels");
        assert_eq!(major("/users/@me/guilds?limit=2"), "/users/@me/guilds");
    }
}
