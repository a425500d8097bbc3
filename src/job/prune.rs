//! Forgets what has served its time: de-duplication rows, buttons, delivered messages, warnings of long ago. Never changes, never the audit trail.

use std::time::Duration;

use super::Job;
use crate::clock::{Clock, moment};
use crate::store::Store;

const DAY_MS: i64 = 86_400_000;
/// Platforms repeat a delivery within minutes; a week is generous.
const INVOCATIONS_MS: i64 = 7 * DAY_MS;
/// A button older than this says that it is too old.
const PRESSES_MS: i64 = 180 * DAY_MS;
const PARCELS_MS: i64 = 30 * DAY_MS;
/// What was told of one day is not asked after it.
const ANOMALIES_MS: i64 = 30 * DAY_MS;
/// The feed is read a day back at most; whoever looks into a case has longer.
const ACTIVITIES_MS: i64 = 90 * DAY_MS;
/// Longer than any period of a limit: what was told in one that runs is never forgotten.
const TOLD_MS: i64 = 400 * DAY_MS;

/// The daily job that forgets.
#[must_use]
pub fn prune(store: Store, clock: Clock) -> Job {
    Job::every("prune", Duration::from_hours(24), move || {
        let (store, clock) = (store.clone(), clock.clone());
        Box::pin(async move {
            let before = |span_ms: i64| moment(clock.now().as_millisecond() - span_ms);
            store.forget_invocations(before(INVOCATIONS_MS)).await?;
            store.forget_presses(before(PRESSES_MS)).await?;
            store.forget_parcels(before(PARCELS_MS)).await?;
            store.forget_activities(before(ACTIVITIES_MS)).await?;
            store.forget_anomalies(before(ANOMALIES_MS)).await?;
            store.forget_codes(before(DAY_MS)).await?;
            store.forget_limits_told(before(TOLD_MS)).await?;
            Ok(())
        })
    })
}
