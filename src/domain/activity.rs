//! What was done in the organization, as Anthropic's activity feed tells it.

use crate::clock::Moment;

/// Something that the feed told, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    /// `activity_…`
    pub id: String,
    /// What sort of thing, as the feed calls it: `org_user_invite_sent`.
    pub kind: String,
    /// About what: an address, an id.
    pub about: String,
    /// Who did it: a member's id, a key's id, or what else the feed knows.
    pub who: String,
    /// What was done, as people say it: "invited lea@example.com as developer".
    pub what: String,
    /// True if it was done with Steward's own admin key.
    pub own_key: bool,
    /// When.
    pub at: Moment,
}

/// A call of Steward's that the feed should show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unseen {
    /// The change that it is a part of.
    pub change: String,
    /// What it did, as people say it.
    pub what: String,
    /// When it was done.
    pub at: Moment,
}

/// Whether the feed answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedState {
    /// Nobody has asked yet.
    Unknown,
    /// It does.
    On,
    /// It is switched off, or the admin key may not see it.
    Off,
}

impl FeedState {
    /// The word in the row.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::On => "on",
            Self::Off => "off",
        }
    }

    /// The state that a word stands for.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        [Self::Unknown, Self::On, Self::Off].into_iter().find(|it| it.as_str() == word)
    }
}
