//! What Slack's platform is wired to; the caller brings it.

use std::sync::Arc;

use super::People;
use crate::chat::Vault;
use crate::clock::Clock;
use crate::platform::Answers;

/// What Slack's platform is wired to.
pub struct Parts {
    /// Who answers; [`crate::dispatch::Dispatch`].
    pub answers: Arc<dyn Answers>,
    /// Opens secrets for the person each is for.
    pub vault: Arc<dyn Vault>,
    /// What Slack says of people.
    pub people: People,
    /// The time.
    pub clock: Clock,
}
