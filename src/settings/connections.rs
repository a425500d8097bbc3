//! Whom Steward speaks to and with which tokens, where it listens, what it logs: all from variables.

use std::net::{Ipv4Addr, SocketAddr};

use data_encoding::HEXLOWER_PERMISSIVE;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::environment::Environment;
use super::error::{Mistakes, Wrong, wrong};
use super::reference::snowflake;
use super::value;
use crate::outgoing::AllowedHosts;

/// The one variable that may be a secret or not.
pub(super) const DATABASE_URL: &str = "DATABASE_URL";

/// Anthropic's Admin API.
pub struct Claude {
    /// `ANTHROPIC_BASE_URL`; `https://api.anthropic.com`.
    pub base_url: Url,
    /// `ANTHROPIC_ADMIN_KEY`.
    pub admin_key: Option<SecretString>,
}

/// Slack, if its bot token is set.
pub struct Slack {
    /// `SLACK_API_URL`; `https://slack.com/api`.
    pub api_url: Url,
    /// `SLACK_BOT_TOKEN`.
    pub bot_token: SecretString,
    /// How events come in.
    pub mode: SlackMode,
}

/// How Slack's events come in: one way or the other, never both.
pub enum SlackMode {
    /// Over a socket that we open, with `SLACK_APP_TOKEN`.
    Socket {
        /// The app-level token.
        app_token: SecretString,
    },
    /// Over HTTP, signed with `SLACK_SIGNING_SECRET`.
    Http {
        /// The signing secret.
        signing_secret: SecretString,
    },
}

/// Discord, if its token is set.
pub struct Discord {
    /// `DISCORD_API_URL`; `https://discord.com`.
    pub api_url: Url,
    /// `DISCORD_TOKEN`.
    pub token: SecretString,
    /// `DISCORD_APPLICATION_ID`.
    pub application_id: u64,
    /// `DISCORD_GUILD_ID`: the company's server; the only one that the bot is in, if that is not said.
    pub guild_id: Option<u64>,
    /// How interactions come in.
    pub mode: DiscordMode,
}

/// How Discord's interactions come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiscordMode {
    /// Over the gateway.
    Gateway,
    /// Over HTTP, signed with the key whose public half is `DISCORD_PUBLIC_KEY`.
    Http {
        /// The Ed25519 public key.
        public_key: [u8; 32],
    },
}

/// Where Steward listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listeners {
    /// `STEWARD_LISTEN`: signed webhook paths only; `127.0.0.1:8081`.
    pub webhooks: SocketAddr,
    /// `STEWARD_OPS_LISTEN`: health, readiness, metrics; `127.0.0.1:9090`.
    pub ops: SocketAddr,
}

/// What is logged, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// `STEWARD_LOG`: a level, or levels of modules as in `info,steward::job=debug`; `info`.
    pub filter: String,
    /// `STEWARD_LOG_FORMAT`; `text`.
    pub format: LogFormat,
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// `text`: for people.
    Text,
    /// `json`: for collectors.
    Json,
}

impl Slack {
    /// The hosts that a `response_url` may name: Slack's, and this machine if the API is simulated here.
    #[must_use]
    pub fn response_hosts(&self) -> AllowedHosts {
        let hosts = AllowedHosts::slack_hooks();
        if value::is_loopback(&self.api_url) { hosts.and_loopback() } else { hosts }
    }

    /// The host of the Web API, for what is sent there without the crate.
    #[must_use]
    pub fn api_hosts(&self) -> AllowedHosts {
        let hosts = AllowedHosts::none().and(self.api_url.host_str().unwrap_or_default());
        if value::is_loopback(&self.api_url) { hosts.and_loopback() } else { hosts }
    }
}

impl Discord {
    /// The host of the API, for what is sent there without the crate.
    #[must_use]
    pub fn api_hosts(&self) -> AllowedHosts {
        let hosts = AllowedHosts::none().and(self.api_url.host_str().unwrap_or_default());
        if value::is_loopback(&self.api_url) { hosts.and_loopback() } else { hosts }
    }
}

/// Reads variables and collects what is wrong with them.
pub(super) struct Variables<'a> {
    pub(super) environment: &'a Environment,
    pub(super) mistakes: &'a Mistakes,
    /// Which secrets lie in a variable rather than a file.
    pub(super) exposed: Vec<&'static str>,
}

impl Variables<'_> {
    /// A variable that is no secret; a mistake counts as absent, and is noted.
    pub(super) fn read<T>(&self, name: &'static str, parse: impl Fn(&str) -> Result<T, Wrong>) -> Option<T> {
        let found = self.environment.find(name).unwrap_or_else(|mistake| {
            self.mistakes.note(mistake);
            None
        })?;
        parse(found.value.expose_secret()).map_err(|Wrong(why)| self.mistakes.note(format!("`{name}` {why}"))).ok()
    }

    /// A secret. `parse` checks its shape.
    pub(super) fn secret<T>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&SecretString) -> Result<T, Wrong>,
    ) -> Option<T> {
        let found = match self.environment.find(name) {
            Ok(found) => found?,
            Err(mistake) => {
                self.mistakes.note(mistake);
                return None;
            }
        };
        // The address of a database is a secret only with a password in it.
        if !found.in_file && (name != DATABASE_URL || found.value.expose_secret().contains('@')) {
            self.exposed.push(name);
        }
        parse(&found.value).map_err(|Wrong(why)| self.mistakes.note(format!("`{name}` {why}"))).ok()
    }

    /// A secret that goes into a header and begins with one of `prefixes`, if there are any.
    fn token(&mut self, name: &'static str, prefixes: &[&str]) -> Option<SecretString> {
        self.secret(name, |token| {
            let text = token.expose_secret();
            if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
                return wrong("must be the token alone, without spaces or line breaks");
            }
            if !prefixes.is_empty() && !prefixes.iter().any(|prefix| text.starts_with(prefix)) {
                return wrong(format!("must begin with `{}`: this is another kind of token", prefixes.join("` or `")));
            }
            Ok(token.clone())
        })
    }

    /// Whether `name` is set, be it well or badly.
    fn is_set(&self, name: &str) -> bool {
        !matches!(self.environment.find(name), Ok(None))
    }

    fn missing(&self, name: &str, beside: &str) {
        self.mistakes.note(format!("`{name}` is missing: `{beside}` is set, and needs it"));
    }

    pub(super) fn claude(&mut self) -> Claude {
        Claude {
            base_url: self
                .read("ANTHROPIC_BASE_URL", value::base_url)
                .unwrap_or_else(|| fixed("https://api.anthropic.com")),
            admin_key: self.token("ANTHROPIC_ADMIN_KEY", &["sk-ant-"]),
        }
    }

    pub(super) fn slack(&mut self) -> Option<Slack> {
        let api_url = self.read("SLACK_API_URL", value::base_url).unwrap_or_else(|| fixed("https://slack.com/api"));
        let bot_token = self.token("SLACK_BOT_TOKEN", &["xoxb-", "xoxe.xoxb-"]);
        let app_token = self.token("SLACK_APP_TOKEN", &["xapp-", "xoxe.xapp-"]);
        let signing_secret = self.secret("SLACK_SIGNING_SECRET", shared_secret);
        let [bot, app, signing] =
            ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"].map(|name| self.is_set(name));
        if app && signing {
            let both =
                "`SLACK_APP_TOKEN` (Socket Mode) and `SLACK_SIGNING_SECRET` (HTTP mode) are both set: choose one";
            self.mistakes.note(both.to_owned());
        }
        if !bot && (app || signing) {
            self.missing("SLACK_BOT_TOKEN", if app { "SLACK_APP_TOKEN" } else { "SLACK_SIGNING_SECRET" });
        }
        if bot && !app && !signing {
            self.missing("SLACK_APP_TOKEN` (Socket Mode) or `SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN");
        }
        let mode = match (app_token, signing_secret) {
            (Some(app_token), None) => SlackMode::Socket { app_token },
            (None, Some(signing_secret)) => SlackMode::Http { signing_secret },
            _ => return None,
        };
        Some(Slack { api_url, bot_token: bot_token?, mode })
    }

    pub(super) fn discord(&mut self) -> Option<Discord> {
        let api_url = self.read("DISCORD_API_URL", value::base_url).unwrap_or_else(|| fixed("https://discord.com"));
        let token = self.token("DISCORD_TOKEN", &[]);
        let application_id = self.read("DISCORD_APPLICATION_ID", |text| id(text, "application"));
        let guild_id = self.read("DISCORD_GUILD_ID", |text| id(text, "server"));
        let public_key = self.read("DISCORD_PUBLIC_KEY", public_key);
        let [has_token, has_id, has_key] =
            ["DISCORD_TOKEN", "DISCORD_APPLICATION_ID", "DISCORD_PUBLIC_KEY"].map(|name| self.is_set(name));
        if has_token && !has_id {
            self.missing("DISCORD_APPLICATION_ID", "DISCORD_TOKEN");
        }
        if !has_token && (has_id || has_key) {
            self.missing("DISCORD_TOKEN", if has_id { "DISCORD_APPLICATION_ID" } else { "DISCORD_PUBLIC_KEY" });
        }
        let mode = public_key.map_or(DiscordMode::Gateway, |public_key| DiscordMode::Http { public_key });
        Some(Discord { api_url, token: token?, application_id: application_id?, guild_id, mode })
    }

    pub(super) fn listeners(&self) -> Listeners {
        let or_local = |name, port| self.read(name, address).unwrap_or((Ipv4Addr::LOCALHOST, port).into());
        let listeners =
            Listeners { webhooks: or_local("STEWARD_LISTEN", 8081), ops: or_local("STEWARD_OPS_LISTEN", 9090) };
        if listeners.webhooks == listeners.ops && listeners.ops.port() != 0 {
            self.mistakes.note("`STEWARD_LISTEN` and `STEWARD_OPS_LISTEN` must be two different addresses".to_owned());
        }
        listeners
    }

    pub(super) fn log(&self) -> Log {
        let format = |text: &str| match text {
            "text" => Ok(LogFormat::Text),
            "json" => Ok(LogFormat::Json),
            _ => wrong("must be `text` or `json`"),
        };
        Log {
            filter: self.read("STEWARD_LOG", log_filter).unwrap_or_else(|| "info".to_owned()),
            format: self.read("STEWARD_LOG_FORMAT", format).unwrap_or(LogFormat::Text),
        }
    }
}

/// A secret that signs messages: long enough not to be guessed.
pub(super) fn shared_secret(secret: &SecretString) -> Result<SecretString, Wrong> {
    let text = secret.expose_secret();
    if text.len() < 16 || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return wrong("must be at least 16 characters, without spaces or line breaks");
    }
    Ok(secret.clone())
}

/// The address of the database, which may hold a password.
pub(super) fn database_url(url: &SecretString) -> Result<SecretString, Wrong> {
    let known = ["sqlite:", "postgres://", "postgresql://"];
    if known.iter().any(|scheme| url.expose_secret().starts_with(scheme)) {
        return Ok(url.clone());
    }
    wrong("must begin with `sqlite:` or `postgres://`")
}

fn address(text: &str) -> Result<SocketAddr, Wrong> {
    text.parse().map_err(|_| Wrong("must be an IP address and a port, such as `127.0.0.1:8081`".to_owned()))
}

fn id(text: &str, whose: &str) -> Result<u64, Wrong> {
    match text.parse() {
        Ok(id) if snowflake(text) => Ok(id),
        _ => wrong(format!("must be the {whose}'s id, a number of 17 digits or more")),
    }
}

fn public_key(text: &str) -> Result<[u8; 32], Wrong> {
    let bytes = HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok();
    let key = bytes.and_then(|bytes| bytes.try_into().ok());
    key.map_or_else(|| wrong("must be the application's public key, 64 hexadecimal digits"), Ok)
}

/// Levels alone, or of modules. Stricter than the log library, which takes a mistyped level for the name of a module.
fn log_filter(text: &str) -> Result<String, Wrong> {
    let level =
        |it: &str| ["off", "error", "warn", "info", "debug", "trace"].contains(&it.to_ascii_lowercase().as_str());
    let module =
        |it: &str| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_:-".contains(&byte));
    let directive = |it: &str| match it.split_once('=') {
        None => level(it),
        Some((target, its)) => module(target) && level(its),
    };
    if text.split(',').map(str::trim).all(directive) {
        return Ok(text.to_owned());
    }
    wrong(
        "must be a level (`off`, `error`, `warn`, `info`, `debug`, `trace`) or levels of modules, as in `info,steward::job=debug`",
    )
}

fn fixed(url: &str) -> Url {
    Url::parse(url).expect("it is written above, and is an address")
}
