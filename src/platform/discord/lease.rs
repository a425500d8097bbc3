//! Whose turn the gateway is: two replicas would answer everything twice.

use std::sync::Arc;

use crate::chat::{LeaseAnswer, Memory};
use crate::clock::{Clock, moment};

/// The name of the lease.
const LEASE: &str = "discord gateway";
/// How long it is taken for.
const LEASE_MS: i64 = 60_000;

/// Takes and renews the lease for one holder.
pub(super) struct Lease {
    pub(super) memory: Arc<dyn Memory>,
    pub(super) clock: Clock,
    pub(super) holder: String,
}

impl Lease {
    /// Takes or renews it. False if it is somebody else's, or if that cannot be found out.
    pub(super) async fn is_ours(&self) -> bool {
        let until = moment(self.clock.now().as_millisecond() + LEASE_MS);
        matches!(self.memory.lease(LEASE, &self.holder, until).await, LeaseAnswer::Held { .. })
    }

    /// Gives it up, so that the next holder need not wait.
    pub(super) async fn give_up(&self) {
        let _left = self.memory.lease(LEASE, &self.holder, self.clock.now()).await;
    }
}
