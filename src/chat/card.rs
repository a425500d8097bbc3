//! How a message feels at a glance. Never the only carrier of a meaning: the words say it too.

use serde::{Deserialize, Serialize};

/// The colour of a message's edge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// An answer.
    #[default]
    Neutral,
    /// Somebody has to decide.
    Waiting,
    /// Done.
    Good,
    /// Look at it.
    Warning,
    /// Refused or failed.
    Bad,
}

/// A short word beside the headline, such as `approved`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Badge {
    /// The word.
    pub label: String,
    /// Its colour.
    pub tone: Tone,
}
