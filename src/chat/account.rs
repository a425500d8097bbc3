//! Who speaks: an account on one platform, and what that platform says of it at this moment.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Where an account lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Platform {
    /// A Slack workspace; accounts carry its team id.
    Slack,
    /// Discord; user ids are unique everywhere.
    Discord,
    /// The sandbox's chat page.
    Browser,
    /// The command line: `operator:<os user>`.
    Operator,
}

impl Platform {
    /// The name in references such as `slack:T01/U01ADA`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Discord => "discord",
            Self::Browser => "browser",
            Self::Operator => "operator",
        }
    }
}

/// An account: the platform, its team where ids are unique only within one, and the user id. Never a name or an address.
///
/// Written `slack:T01/U01ADA`, `discord:80351110224678912`, `browser:ada`, `operator:root`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Account {
    platform: Platform,
    team: Option<String>,
    id: String,
}

/// A text that names no account. The text is not quoted: people paste all sorts of things.
#[derive(Debug, thiserror::Error)]
#[error("an account is written slack:TEAM/USER, discord:USER, browser:NAME or operator:NAME")]
pub struct BadAccount;

impl Account {
    /// A person of the Slack workspace `team`.
    #[must_use]
    pub fn slack(team: &str, user: &str) -> Self {
        Self { platform: Platform::Slack, team: Some(team.into()), id: user.into() }
    }

    /// A Discord user.
    #[must_use]
    pub fn discord(user: &str) -> Self {
        Self { platform: Platform::Discord, team: None, id: user.into() }
    }

    /// A person of the sandbox's chat page.
    #[must_use]
    pub fn browser(id: &str) -> Self {
        Self { platform: Platform::Browser, team: None, id: id.into() }
    }

    /// Somebody at the command line, named by the operating system.
    #[must_use]
    pub fn operator(os_user: &str) -> Self {
        Self { platform: Platform::Operator, team: None, id: os_user.into() }
    }

    /// Steward itself: for what it asks by itself. Nobody at the command line is called so.
    #[must_use]
    pub fn steward() -> Self {
        Self::operator("steward")
    }

    /// The door for scanners that report leaks. Nobody at the command line is called so.
    #[must_use]
    pub fn leak_hook() -> Self {
        Self::operator("leak-hook")
    }

    /// Where the account lives.
    #[must_use]
    pub fn platform(&self) -> Platform {
        self.platform
    }

    /// Slack's team id; none elsewhere.
    #[must_use]
    pub fn team(&self) -> Option<&str> {
        self.team.as_deref()
    }

    /// The user id on its platform.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.team {
            Some(team) => write!(f, "{}:{team}/{}", self.platform.as_str(), self.id),
            None => write!(f, "{}:{}", self.platform.as_str(), self.id),
        }
    }
}

impl FromStr for Account {
    type Err = BadAccount;

    fn from_str(text: &str) -> Result<Self, BadAccount> {
        let (platform, rest) = text.split_once(':').ok_or(BadAccount)?;
        let plain = |id: &str| {
            !id.is_empty() && id.len() <= 64 && id.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
        };
        match (platform, rest.split_once('/')) {
            ("slack", Some((team, user))) if plain(team) && plain(user) => Ok(Self::slack(team, user)),
            ("discord", None) if plain(rest) => Ok(Self::discord(rest)),
            ("browser", None) if plain(rest) => Ok(Self::browser(rest)),
            ("operator", None) if plain(rest) => Ok(Self::operator(rest)),
            _ => Err(BadAccount),
        }
    }
}

impl TryFrom<String> for Account {
    type Error = BadAccount;

    fn try_from(text: String) -> Result<Self, BadAccount> {
        text.parse()
    }
}

impl From<Account> for String {
    fn from(account: Account) -> Self {
        account.to_string()
    }
}

/// What sort of account it is. Whatever is not clearly a person of one's own company has no rights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A full member of one's own company's chat.
    Person,
    /// A guest, restricted to some channels.
    Guest,
    /// A program.
    Bot,
    /// Switched off in the chat.
    Deactivated,
    /// Somebody of another company, in a shared channel or on another server.
    Outsider,
    /// The platform did not say. Unknown means no.
    #[default]
    Unknown,
}

/// What the platform says of an account at this moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// What sort of account it is.
    pub kind: Kind,
    /// How people see it. Shown, never trusted.
    pub name: String,
    /// The profile's address, where the platform has one. Only ever a proposal for a link.
    pub email: Option<String>,
    /// Groups and roles it is in, written as in the configuration: `slack-group:S0ML`, `browser-group:platform`.
    pub groups: Vec<String>,
}
