//! How the organization is billed.

use serde::{Deserialize, Serialize};

/// How this organization is billed.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Bill {
    /// The Usage and Cost Analytics API is not on.
    pub(super) no_analytics: bool,
    /// A discount on everything, in percent.
    pub(super) discount: i64,
}
