//! What health, readiness and metrics are told from.

use std::sync::Arc;

use crate::claude::Reader;
use crate::clock::Clock;
use crate::store::Store;

/// What the operator's paths look at.
#[derive(Clone)]
pub struct Probe {
    /// The database.
    pub store: Store,
    /// Who asks whether the admin key is accepted.
    pub reader: Reader,
    /// How old an answer is.
    pub clock: Clock,
    /// Whether requests come in: true once every platform that is set listens, false again while the house closes.
    pub intake: Arc<dyn Fn() -> bool + Send + Sync>,
}
