//! How the settings name people, groups and channels of a chat: always by id, never by a name that somebody can take.

use std::fmt;

use crate::chat::{Account, Target};

/// A chat platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Platform {
    /// Slack.
    Slack,
    /// Discord.
    Discord,
    /// The chat page of the sandbox.
    Browser,
}

impl Platform {
    /// How it begins an account or a channel.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Discord => "discord",
            Self::Browser => "browser",
        }
    }

    /// How it begins a group.
    fn group_prefix(self) -> &'static str {
        match self {
            Self::Slack => "slack-group",
            Self::Discord => "discord-role",
            Self::Browser => "browser-group",
        }
    }
}

/// One person's account: `slack:T01/U01ADA`, `discord:80351110224678912`, `browser:ada`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountRef {
    /// Where.
    pub platform: Platform,
    /// The Slack team; nothing elsewhere.
    pub team: Option<String>,
    /// The platform's id of the account.
    pub id: String,
}

/// A channel: `slack:C0APPROVE`, `discord:80351110224678912`, `browser:approvals`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChannelRef {
    /// Where.
    pub platform: Platform,
    /// The platform's id of the channel.
    pub id: String,
}

/// A group of people: `slack-group:S0PLATFORM`, `discord-role:223344556677889900`, `browser-group:finance`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GroupRef {
    /// Where.
    pub platform: Platform,
    /// The platform's id of the group.
    pub id: String,
}

/// Whom a mapping or a list of approvers may name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// One person.
    Account(AccountRef),
    /// Everybody in a group.
    Group(GroupRef),
    /// Everybody with this role in the Claude organization: `claude-role:admin`.
    ClaudeRole(String),
}

/// The roles of the Claude organization. Source: the Admin API's user object.
const CLAUDE_ROLES: [&str; 5] = ["user", "claude_code_user", "developer", "billing", "admin"];

/// Why a text is no reference. It does not hold the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// No account.
    #[error("must be an account: `slack:TEAM/USER`, `discord:USER` or `browser:NAME`, with the platform's ids")]
    Account,
    /// No channel.
    #[error("must be a channel: `slack:CHANNEL`, `discord:CHANNEL` or `browser:NAME`, with the platform's ids")]
    Channel,
    /// Nobody.
    #[error(
        "must be a group or a person: `slack-group:`, `discord-role:`, `browser-group:`, `claude-role:`, `slack:TEAM/USER`, \
         `discord:USER` or `browser:NAME`, with the platform's ids"
    )]
    Subject,
}

impl AccountRef {
    /// Reads an account.
    ///
    /// # Errors
    ///
    /// [`Malformed::Account`].
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let (platform, id) = split(text).ok_or(Malformed::Account)?;
        match platform {
            "slack" => match id.split_once('/') {
                Some((team, user)) if slack_id(team, "TE") && slack_id(user, "UW") => {
                    Ok(Self { platform: Platform::Slack, team: Some(team.to_owned()), id: user.to_owned() })
                }
                _ => Err(Malformed::Account),
            },
            "discord" if snowflake(id) => Ok(Self { platform: Platform::Discord, team: None, id: id.to_owned() }),
            "browser" if word(id) => Ok(Self { platform: Platform::Browser, team: None, id: id.to_owned() }),
            _ => Err(Malformed::Account),
        }
    }
}

impl ChannelRef {
    /// Reads a channel. Slack's direct messages are none.
    ///
    /// # Errors
    ///
    /// [`Malformed::Channel`].
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let (platform, id) = match split(text) {
            Some(("slack", id)) if slack_id(id, "CG") => (Platform::Slack, id),
            Some(("discord", id)) if snowflake(id) => (Platform::Discord, id),
            Some(("browser", id)) if word(id) => (Platform::Browser, id),
            _ => return Err(Malformed::Channel),
        };
        Ok(Self { platform, id: id.to_owned() })
    }
}

impl Subject {
    /// Reads a group, a person or a role of the Claude organization.
    ///
    /// # Errors
    ///
    /// [`Malformed::Subject`].
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let (platform, id) = match split(text) {
            Some(("claude-role", role)) if CLAUDE_ROLES.contains(&role) => {
                return Ok(Self::ClaudeRole(role.to_owned()));
            }
            Some(("slack-group", id)) if slack_id(id, "S") => (Platform::Slack, id),
            Some(("discord-role", id)) if snowflake(id) => (Platform::Discord, id),
            Some(("browser-group", id)) if word(id) => (Platform::Browser, id),
            _ => return AccountRef::parse(text).map(Self::Account).map_err(|_| Malformed::Subject),
        };
        Ok(Self::Group(GroupRef { platform, id: id.to_owned() }))
    }

    /// Whether this is as good as everybody in the organization: the roles that people have who have no other.
    #[must_use]
    pub fn is_everybody(&self) -> bool {
        matches!(self, Self::ClaudeRole(role) if role == "user" || role == "claude_code_user")
    }
}

impl From<&AccountRef> for Account {
    fn from(account: &AccountRef) -> Self {
        match account.platform {
            Platform::Slack => Self::slack(account.team.as_deref().unwrap_or_default(), &account.id),
            Platform::Discord => Self::discord(&account.id),
            Platform::Browser => Self::browser(&account.id),
        }
    }
}

impl From<&ChannelRef> for Target {
    fn from(channel: &ChannelRef) -> Self {
        Self::Channel(channel.to_string())
    }
}

impl fmt::Display for AccountRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.team {
            Some(team) => write!(f, "{}:{team}/{}", self.platform.as_str(), self.id),
            None => write!(f, "{}:{}", self.platform.as_str(), self.id),
        }
    }
}

impl fmt::Display for ChannelRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.platform.as_str(), self.id)
    }
}

impl fmt::Display for GroupRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.platform.group_prefix(), self.id)
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(account) => account.fmt(f),
            Self::Group(group) => group.fmt(f),
            Self::ClaudeRole(role) => write!(f, "claude-role:{role}"),
        }
    }
}

fn split(text: &str) -> Option<(&str, &str)> {
    text.split_once(':')
}

/// One of Slack's ids: a letter that says of what, then capitals and digits.
fn slack_id(id: &str, kinds: &str) -> bool {
    let plain = id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    plain && (3..=32).contains(&id.len()) && id.starts_with(|first| kinds.contains(first))
}

/// One of Discord's ids: a 64-bit number in decimal, of 17 digits or more since 2015.
pub(super) fn snowflake(id: &str) -> bool {
    (17..=20).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit()) && id.parse::<u64>().is_ok()
}

/// A name of the sandbox's own making.
fn word(id: &str) -> bool {
    let plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    plain && (1..=64).contains(&id.len())
}
