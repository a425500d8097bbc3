//! What happens without anybody asking: the scheduler and its jobs, and the outbox.

mod activity;
mod activity_pairing;
mod activity_telling;
mod activity_trace;
mod activity_words;
mod addresses;
mod arrivals;
mod audience;
mod audit_head;
mod audit_webhook;
mod directory_sync;
mod head_file;
mod organization;
mod outbox;
mod prune;
mod queries;
mod requests;
mod scheduler;

pub use activity::ActivityWatch;
pub use addresses::addresses;
pub use arrivals::Arrivals;
pub use audience::Audience;
pub use audit_head::{AuditHead, HeadPlaces};
pub use audit_webhook::{AuditWebhook, Webhook, as_json};
pub use directory_sync::{DirectorySync, Passed};
pub use head_file::HeadFile;
pub use organization::{recall_organization, remember_organization, same_organization};
pub use outbox::{Messengers, Outbox};
pub use prune::prune;
pub use queries::{Queries, Query};
pub use requests::{REQUESTS, requests};
pub use scheduler::{Job, Scheduler};
