//! What Discord's platform is wired to; the caller brings it.

use std::sync::Arc;

use super::People;
use crate::chat::{Memory, Vault};
use crate::clock::Clock;
use crate::platform::Answers;

/// What Discord's platform is wired to.
pub struct Parts {
    /// Who answers; [`crate::dispatch::Dispatch`].
    pub answers: Arc<dyn Answers>,
    /// Opens secrets for the person each is for.
    pub vault: Arc<dyn Vault>,
    /// What is remembered across restarts and replicas: the lease of the gateway, its budget, what was registered.
    pub memory: Arc<dyn Memory>,
    /// What Discord says of people.
    pub people: People,
    /// The time.
    pub clock: Clock,
}
