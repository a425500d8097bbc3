//! What becomes of all access by tokens of somebody who is frozen, or given back what a freeze took.

use serde::{Deserialize, Serialize};

use crate::domain::Called;

/// What becomes of all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AllTokens {
    /// Held back: what was on is off.
    Off,
    /// On again, what a freeze held back.
    Back,
}

/// All access of somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwitchTokens {
    /// Whose.
    pub owner: Called,
    /// What becomes of it.
    pub to: AllTokens,
    /// What is given back, by our ids. What is held back is everything that is on then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<String>,
}
