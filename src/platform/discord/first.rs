//! The first answer to an interaction, which fixes what may follow it.

use serde_json::{Value, json};

use super::inbound::{Act, EPHEMERAL};
use super::limits::TOKEN_MS;
use crate::clock::Moment;

/// What was answered first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum First {
    /// Words, for the asker alone.
    Told,
    /// "Thinking", in a message that the answer will stand in. Whether others see it is fixed with that.
    Waits {
        /// Whether the asker alone sees it.
        is_ephemeral: bool,
    },
    /// Nothing yet: the message with the button will change.
    Changes,
}

impl First {
    /// The acknowledgement. <https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object>
    pub(super) fn deferral(self) -> Value {
        match self {
            Self::Waits { is_ephemeral: true } => json!({ "type": 5, "data": { "flags": EPHEMERAL } }),
            Self::Waits { is_ephemeral: false } => json!({ "type": 5 }),
            Self::Told | Self::Changes => json!({ "type": 6 }),
        }
    }
}

/// Where one answer goes.
pub(super) struct Way<'a> {
    pub(super) act: &'a Act,
    pub(super) first: First,
    since: Moment,
    /// Whether the message that waits was filled.
    pub(super) is_filled: bool,
}

impl<'a> Way<'a> {
    pub(super) fn of(act: &'a Act, first: First, since: Moment) -> Self {
        Self { act, first, since, is_filled: false }
    }

    /// Whether Discord still takes answers under the interaction's token.
    pub(super) fn is_alive(&self, now: Moment) -> bool {
        now.as_millisecond() - self.since.as_millisecond() < TOKEN_MS
    }
}
