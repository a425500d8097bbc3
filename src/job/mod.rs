//! What happens without anybody asking: the scheduler and its jobs, and the outbox.

mod arrivals;
mod directory_sync;
mod organization;
mod outbox;
mod prune;
mod queries;
mod requests;
mod scheduler;

pub use arrivals::Arrivals;
pub use directory_sync::{DirectorySync, Passed};
pub use organization::{recall_organization, remember_organization, same_organization};
pub use outbox::{Messengers, Outbox};
pub use prune::prune;
pub use queries::{Queries, Query};
pub use requests::{REQUESTS, requests};
pub use scheduler::{Job, Scheduler};
