//! Somebody who seems to have left, while what is theirs goes on.

use super::PersonId;
use crate::chat::Account;
use crate::clock::Moment;

/// What was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaverSign {
    /// Their chat account was switched off, or is no longer of the company.
    Account,
    /// They are no longer a member of the organization.
    Member,
}

impl LeaverSign {
    /// The name in the store and in the trail.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Member => "member",
        }
    }

    /// What was stored.
    #[must_use]
    pub fn stored(text: &str) -> Option<Self> {
        [Self::Account, Self::Member].into_iter().find(|it| it.as_str() == text)
    }
}

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaverState {
    /// Told, and nobody did anything.
    Open,
    /// Not now: told again later.
    Later,
    /// They are back, or nothing of theirs goes on.
    Over,
}

impl LeaverState {
    /// The name in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Later => "later",
            Self::Over => "over",
        }
    }

    /// What was stored.
    #[must_use]
    pub fn stored(text: &str) -> Option<Self> {
        [Self::Open, Self::Later, Self::Over].into_iter().find(|it| it.as_str() == text)
    }
}

/// Somebody who seems to have left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaver {
    /// Who.
    pub person: PersonId,
    /// Their name.
    pub name: String,
    /// Their address in the organization, if they are or were known there.
    pub email: Option<String>,
    /// The member they are, or were.
    pub member: Option<String>,
    /// What was seen.
    pub sign: LeaverSign,
    /// The chat account that it was seen of, or that still counts.
    pub account: Account,
    /// Where it stands.
    pub state: LeaverState,
    /// Who said not now.
    pub settled_by: Option<String>,
    /// Until when they said so.
    pub later_until: Option<Moment>,
}
