//! What members use of Claude Code by subscription: paid by the seat, and told by one report alone.

use crate::clock::Moment;
use serde::{Deserialize, Serialize};

/// What one member used of one model on one UTC day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    /// The member's address.
    pub email: String,
    /// The beginning of the day.
    pub day: Moment,
    /// The model.
    pub model: String,
    /// What went in; nothing of it came from a cache.
    pub input_tokens: i64,
    /// What came out.
    pub output_tokens: i64,
    /// What it would cost at list prices.
    pub cents: i64,
}
