//! What the page is wired to; the caller brings it.

use std::sync::Arc;

use super::Room;
use crate::chat::Vault;
use crate::platform::Answers;
use crate::random::Random;

/// What the page is wired to.
pub struct Parts {
    /// The room.
    pub room: Arc<Room>,
    /// Who answers; [`crate::dispatch::Dispatch`].
    pub answers: Arc<dyn Answers>,
    /// Opens secrets for the person each is for.
    pub vault: Arc<dyn Vault>,
    /// For the ids of invocations.
    pub random: Random,
    /// The root command, `/claude`.
    pub command: String,
    /// The simulated organization's admin key, shown so that the real client can be tried against it.
    pub admin_key: String,
    /// Where the simulated Admin API is.
    pub anthropic_base_url: String,
}
