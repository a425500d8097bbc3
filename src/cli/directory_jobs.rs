//! The jobs that keep the local copy of the organization, the requests and the links up to date, and those that compare it with what should be.

use std::sync::Arc;
use std::time::Duration;

use crate::change::Pipeline;
use crate::clock::Clock;
use crate::job::{Arrivals, Audience, DirectorySync, DriftWatch, Job, Leavers, Reports, prune, requests};
use crate::store::Store;

/// A full pass over all lists.
const FULL_PASS: Duration = Duration::from_mins(10);
/// The rolling pass over memberships, and the look for newcomers.
const MINUTE: Duration = Duration::from_mins(1);

/// All of them.
pub(super) fn directory_jobs(sync: &DirectorySync, pipeline: &Arc<Pipeline>) -> Vec<Job> {
    let arrivals = Arrivals::new(Arc::clone(pipeline));
    vec![
        full_pass(sync.clone(), arrivals.clone()),
        rolling_pass(sync.clone()),
        newcomers(sync.clone(), arrivals),
        requests(Arc::clone(pipeline)),
    ]
}

fn full_pass(sync: DirectorySync, arrivals: Arrivals) -> Job {
    Job::every("directory", FULL_PASS, move || {
        let (sync, arrivals) = (sync.clone(), arrivals.clone());
        Box::pin(async move {
            let passed = sync.full().await;
            arrivals.settle().await?;
            passed.map(|_| ())
        })
    })
}

fn rolling_pass(sync: DirectorySync) -> Job {
    Job::every("memberships", MINUTE, move || {
        let sync = sync.clone();
        Box::pin(async move { sync.roll().await.map(|_| ()) })
    })
}

fn newcomers(sync: DirectorySync, arrivals: Arrivals) -> Job {
    Job::every("newcomers", MINUTE, move || {
        let (sync, arrivals) = (sync.clone(), arrivals.clone());
        Box::pin(async move {
            let looked = sync.newcomers().await;
            arrivals.settle().await?;
            looked.map(|_| ())
        })
    })
}

/// The jobs that compare what is with what should be, the one that tells reports, and the one that forgets.
pub(super) fn watching_jobs(store: &Store, clock: &Clock, audience: &Audience) -> [Job; 4] {
    let drift = DriftWatch::new(store.clone(), clock.clone(), audience.clone());
    let leavers = Leavers::new(store.clone(), clock.clone(), audience.clone());
    [drift.job(), leavers.job(), Reports::new(store.clone(), clock.clone()).job(), prune(store.clone(), clock.clone())]
}
