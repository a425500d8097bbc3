//! A person: an internal id, with links to chat accounts and to at most one member of the organization.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Names a person in our own books: `person_…`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PersonId(pub String);

impl PersonId {
    /// As it is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Somebody we know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The internal id.
    pub id: PersonId,
    /// How people call them; shown, never trusted.
    pub name: String,
    /// The member they are, if they are one: `user_…`.
    pub member_id: Option<String>,
}

/// How a chat account belongs to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// Known by its profile only: a stranger who asked for something.
    Proposed,
    /// Theirs.
    Active,
    /// Held back until an admin looks: the address changed.
    Suspended,
}

impl LinkState {
    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }

    /// What was stored; anything unknown is held back.
    #[must_use]
    pub fn stored(text: &str) -> Self {
        match text {
            "proposed" => Self::Proposed,
            "active" => Self::Active,
            _ => Self::Suspended,
        }
    }
}

/// Why an account is held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// Its platform says another address than the one it was linked with.
    Address,
    /// Its person is being seen off.
    Frozen,
    /// The link was taken back.
    Removed,
    /// Its row was not written by this Steward.
    Edited,
    /// Nobody wrote down why.
    Unsaid,
}

impl Held {
    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Frozen => "frozen",
            Self::Removed => "removed",
            Self::Edited => "edited",
            Self::Unsaid => "unsaid",
        }
    }

    /// What was stored.
    #[must_use]
    pub fn stored(text: Option<&str>) -> Self {
        let all = [Self::Address, Self::Frozen, Self::Removed, Self::Edited];
        all.into_iter().find(|it| Some(it.as_str()) == text).unwrap_or(Self::Unsaid)
    }

    /// Why, as the end of a sentence.
    #[must_use]
    pub fn because(self) -> &'static str {
        match self {
            Self::Address => "the address in its chat profile changed",
            Self::Frozen => "access is being taken back",
            Self::Removed => "its link was taken back",
            Self::Edited => "its link was edited in the database",
            Self::Unsaid => "an admin has to look at it",
        }
    }
}
