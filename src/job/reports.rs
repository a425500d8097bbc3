//! Reports that channels get by themselves. Each time that one is due, one house tells it, once: its row moves on in the
//! transaction that posts it.

use std::time::Duration;

use super::Job;
use crate::change::Failure;
use crate::chat::{Message, Target};
use crate::clock::Clock;
use crate::domain::Subscription;
use crate::store::{Parcel, Store};
use crate::view;

/// The job's name.
pub const REPORTS: &str = "reports";

/// Tells reports.
#[derive(Clone)]
pub struct Reports {
    store: Store,
    clock: Clock,
}

impl Reports {
    /// Reads figures and subscriptions in `store`.
    #[must_use]
    pub fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock }
    }

    /// The job, once a minute.
    #[must_use]
    pub fn job(&self) -> Job {
        let reports = self.clone();
        Job::every(REPORTS, Duration::from_mins(1), move || {
            let reports = reports.clone();
            Box::pin(async move { reports.tell().await.map(|_| ()) })
        })
    }

    /// Tells what is due. What was missed while no house ran is told once, with the figures of its own time. Answers how many
    /// messages were posted.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] of the database. What was posted before stays so.
    pub async fn tell(&self) -> Result<usize, Failure> {
        let mut told = 0;
        for it in self.store.due_reports(self.clock.now()).await? {
            told += usize::from(self.tell_one(&it).await?);
        }
        Ok(told)
    }

    async fn tell_one(&self, it: &Subscription) -> Result<bool, Failure> {
        let now = self.clock.now();
        let message = if it.is_snoozed(now) { None } else { self.message(it).await? };
        let mut tx = self.store.begin().await?;
        if !self.store.move_report(&mut tx, it, it.beat.after(now)).await? {
            // Another house was faster, or somebody changed the subscription meanwhile.
            return Ok(false);
        }
        if let Some(message) = &message {
            let parcel =
                Parcel::Message { to: Target::Channel(it.channel.clone()), message: Box::new(message.clone()) };
            self.store.post(&mut tx, &format!("report {} {}", it.kind.as_str(), it.channel), &parcel, now).await?;
        }
        self.store.commit(tx).await?;
        Ok(message.is_some())
    }

    async fn message(&self, it: &Subscription) -> Result<Option<Message>, Failure> {
        let Some(due) = it.due else { return Ok(None) };
        let report = self.store.report(it.kind, &it.beat, due, it.names).await?;
        let worth = report.filter(|report| !it.quiet || report.is_notable());
        Ok(worth.map(|report| view::report::message(&report)))
    }
}
