//! How a connection fares, for whoever watches over it.

/// A look at one connection, shared by all its clones. Nothing is sent for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Whether the last calls all ended in an outage, so that only a probe now and then is sent.
    pub is_resting: bool,
    /// How many requests are sent in any 60 seconds at most: fewer than the settings say for a while after a 429.
    pub budget_per_minute: usize,
    /// What the settings say.
    pub full_budget_per_minute: usize,
    /// How many were sent in the last 60 seconds.
    pub sent_in_last_minute: usize,
}

impl Condition {
    /// Was a 429 answered a while ago?
    #[must_use]
    pub fn is_lowered(&self) -> bool {
        self.budget_per_minute < self.full_budget_per_minute
    }
}
