//! Whether this process can do its work: database, audit trail, admin key, intake.
//!
//! Answers are kept for some seconds, so that however often somebody asks, the database and the Admin API are left in peace.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::probe::Probe;
use crate::clock::Moment;

/// How long an answer about the database is kept, and one about a key that was not accepted.
const KEEP_MS: i64 = 3_000;
/// How long an accepted key is believed. Asking costs a call of the budget that the organization has.
const KEEP_KEY_MS: i64 = 30_000;
/// How long a check may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// What a check says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ready {
    /// As it should be.
    Ok,
    /// Not so.
    Failed,
    /// Nobody knows: the Admin API did not say.
    Unknown,
}

/// All checks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Readiness {
    /// Whether it can work.
    pub ready: bool,
    /// `database`, `audit`, `admin_key`, `intake`.
    pub checks: BTreeMap<&'static str, Ready>,
}

/// The checks, with what they said last.
pub(super) struct Watch {
    probe: Probe,
    last: Mutex<Last>,
}

#[derive(Default)]
struct Last {
    database: Option<(Moment, [Ready; 2])>,
    key: Option<(Moment, Ready)>,
}

impl Watch {
    pub(super) fn new(probe: Probe) -> Self {
        Self { probe, last: Mutex::default() }
    }

    /// All checks, each not older than some seconds. Who asks meanwhile waits for the same answer.
    pub(super) async fn look(&self) -> Readiness {
        let mut last = self.last.lock().await;
        let now = self.probe.clock.now();
        let fresh = |at: Moment, keep_ms: i64| (0..keep_ms).contains(&(now.as_millisecond() - at.as_millisecond()));
        let [database, audit] = match last.database {
            Some((at, said)) if fresh(at, KEEP_MS) => said,
            _ => {
                let said = self.database(now).await;
                last.database = Some((now, said));
                said
            }
        };
        let key = match last.key {
            Some((at, said)) if fresh(at, if said == Ready::Ok { KEEP_KEY_MS } else { KEEP_MS }) => said,
            before => {
                let said = self.key(before.map(|(_, said)| said)).await;
                last.key = Some((now, said));
                said
            }
        };
        drop(last);
        let intake = if (self.probe.intake)() { Ready::Ok } else { Ready::Failed };
        let checks = BTreeMap::from([("database", database), ("audit", audit), ("admin_key", key), ("intake", intake)]);
        Readiness { ready: checks.values().all(|it| *it == Ready::Ok), checks }
    }

    /// Can the database be written, and the audit trail be continued?
    async fn database(&self, now: Moment) -> [Ready; 2] {
        match timeout(PATIENCE, self.probe.store.can_append(now)).await {
            Ok(Ok(true)) => [Ready::Ok, Ready::Ok],
            Ok(Ok(false)) => [Ready::Ok, Ready::Failed],
            Ok(Err(_)) | Err(_) => [Ready::Failed, Ready::Unknown],
        }
    }

    /// Is the key accepted? While the Admin API cannot say, what it said last holds: its outage must not stop a bot that
    /// still takes requests in.
    async fn key(&self, before: Option<Ready>) -> Ready {
        match timeout(PATIENCE, self.probe.reader.background().organization()).await {
            Ok(Ok(_)) => Ready::Ok,
            Ok(Err(error)) if error.is_unauthorized() || error.is_forbidden() => Ready::Failed,
            Ok(Err(_)) | Err(_) => before.unwrap_or(Ready::Unknown),
        }
    }
}
