//! What time does to requests: expiry, reminders, going on after a crash or an outage.

use std::sync::Arc;
use std::time::Duration;

use super::Job;
use crate::change::Pipeline;

/// The name of the job that sweeps the requests.
pub const REQUESTS: &str = "requests";

/// The job that sweeps the requests, four times a minute.
#[must_use]
pub fn requests(pipeline: Arc<Pipeline>) -> Job {
    Job::every(REQUESTS, Duration::from_secs(15), move || {
        let pipeline = Arc::clone(&pipeline);
        Box::pin(async move { pipeline.sweep().await.map(|_| ()) })
    })
}
