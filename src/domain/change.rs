//! A change: something about the organization that somebody asked for, and where it stands.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Digest;

/// The id that people see: a number, and the beginning of the plan's digest, so that an approval names what it approves.
///
/// Written `C17-k3f9`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ChangeId {
    number: i64,
    digest: String,
}

/// A text that names no change.
#[derive(Debug, thiserror::Error)]
#[error("a request is named like C17-k3f9")]
pub struct BadChangeId;

impl ChangeId {
    /// The id of change `number` with this plan.
    #[must_use]
    pub fn new(number: i64, digest: &Digest) -> Self {
        Self { number, digest: digest.short().to_owned() }
    }

    /// Counts up from 1.
    #[must_use]
    pub fn number(&self) -> i64 {
        self.number
    }
}

impl fmt::Display for ChangeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "C{}-{}", self.number, self.digest)
    }
}

impl FromStr for ChangeId {
    type Err = BadChangeId;

    fn from_str(text: &str) -> Result<Self, BadChangeId> {
        let text = text.trim().trim_start_matches('#');
        let rest = text.strip_prefix(['C', 'c']).ok_or(BadChangeId)?;
        let (number, digest) = rest.split_once('-').ok_or(BadChangeId)?;
        let digest = digest.to_ascii_lowercase();
        if digest.len() != 4
            || !digest.bytes().all(|it| it.is_ascii_alphanumeric())
            || number.is_empty()
            || !number.bytes().all(|it| it.is_ascii_digit())
        {
            return Err(BadChangeId);
        }
        Ok(Self { number: number.parse().map_err(|_| BadChangeId)?, digest })
    }
}

impl TryFrom<String> for ChangeId {
    type Error = BadChangeId;

    fn try_from(text: String) -> Result<Self, BadChangeId> {
        text.parse()
    }
}

impl From<ChangeId> for String {
    fn from(id: ChangeId) -> Self {
        id.to_string()
    }
}

macro_rules! states {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// Where a change stands.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum State { $($(#[$doc])* $name,)* }

        impl State {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// As it is stored and shown.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

states! {
    /// On somebody's card.
    Waiting = "waiting",
    /// Decided; nothing was sent yet.
    Approved = "approved",
    /// Its calls are being made.
    Applying = "applying",
    /// Done.
    Applied = "applied",
    /// A call was refused. What was done before it is said.
    Failed = "failed",
    /// Somebody said no.
    Denied = "denied",
    /// Nobody decided in time.
    Expired = "expired",
    /// The asker took it back.
    Withdrawn = "withdrawn",
    /// The world moved between plan and apply.
    Lapsed = "lapsed",
    /// Taken back by a later change.
    Undone = "undone",
}

impl State {
    /// What was stored.
    #[must_use]
    pub fn stored(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.as_str() == text)
    }

    /// True while something will still happen by itself or by a press on the card.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Waiting | Self::Approved | Self::Applying)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What an approver says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Yes.
    Approve,
    /// No.
    Deny,
}

impl Verdict {
    /// The state that follows.
    #[must_use]
    pub fn state(self) -> State {
        match self {
            Self::Approve => State::Approved,
            Self::Deny => State::Denied,
        }
    }
}
