//! Asks the platforms whether the addresses that accounts were linked with are still theirs, a few at a time.

use std::sync::Arc;
use std::time::Duration;

use super::Job;
use crate::change::Pipeline;

/// The job that looks at a few accounts a minute.
#[must_use]
pub fn addresses(pipeline: Arc<Pipeline>) -> Job {
    Job::every("addresses", Duration::from_mins(1), move || {
        let pipeline = Arc::clone(&pipeline);
        Box::pin(async move { pipeline.check_addresses().await.map(|_| ()) })
    })
}
