//! Runs each job when it is due, on one replica at a time.
//!
//! A job's row says when it is due; whoever moves the row on runs it. Nothing sleeps here: the caller ticks, once a second in
//! `run`, and as the test or the sandbox's clock says elsewhere.

use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::change::Failure;
use crate::clock::{Clock, Moment, moment};
use crate::store::{Error, Store};

type Run = Box<dyn Fn() -> BoxFuture<'static, Result<(), Failure>> + Send + Sync>;

/// Something that is done again and again.
pub struct Job {
    name: &'static str,
    every: Duration,
    run: Run,
}

impl Job {
    /// A job that runs at start and then `every` so often.
    pub fn every(
        name: &'static str,
        every: Duration,
        run: impl Fn() -> BoxFuture<'static, Result<(), Failure>> + Send + Sync + 'static,
    ) -> Self {
        Self { name, every, run: Box::new(run) }
    }
}

/// The jobs and their rows.
pub struct Scheduler {
    store: Store,
    clock: Clock,
    jobs: Vec<Job>,
}

impl Scheduler {
    /// A scheduler of these jobs, each due at once if it never ran.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn start(store: Store, clock: Clock, jobs: Vec<Job>) -> Result<Self, Error> {
        for job in &jobs {
            store.plan_job(job.name, clock.now()).await?;
        }
        Ok(Self { store, clock, jobs })
    }

    /// Runs every job that is due, once. Answers their names.
    ///
    /// A job that fails is noted and due again at its usual time; the others run all the same.
    ///
    /// # Errors
    ///
    /// [`Error`] if the schedule itself could not be read.
    pub async fn tick(&self) -> Result<Vec<&'static str>, Error> {
        let mut ran = Vec::new();
        for due in self.store.schedule().await? {
            let now = self.clock.now();
            let Some(job) = self.jobs.iter().find(|job| job.name == due.job) else { continue };
            if due.at > now || !self.store.claim_job(&due, after(due.at, now, job.every)).await? {
                continue;
            }
            let outcome = (job.run)().await;
            let trouble = outcome.err().map(|failure| failure.logged());
            if let Some(trouble) = &trouble {
                tracing::warn!(job = job.name, %trouble, "a job could not be done");
            }
            self.store.job_ran(job.name, now, trouble.as_deref()).await?;
            ran.push(job.name);
        }
        Ok(ran)
    }

    /// When the job of this name runs for the first time at or after `at`. None if there is no such job.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn beat(&self, name: &str, at: Moment) -> Result<Option<Moment>, Error> {
        let Some(job) = self.jobs.iter().find(|job| job.name == name) else { return Ok(None) };
        let due = self.store.schedule().await?.into_iter().find(|due| due.job == name).map(|due| due.at);
        Ok(due.map(|due| if due >= at { due } else { after(due, moment(at.as_millisecond() - 1), job.every) }))
    }
}

/// The next run: on the job's own beat, and never twice for what was missed.
fn after(due: Moment, now: Moment, every: Duration) -> Moment {
    let every_ms = i64::try_from(every.as_millis()).unwrap_or(i64::MAX).max(1);
    let missed = (now.as_millisecond() - due.as_millisecond()) / every_ms;
    moment(due.as_millisecond() + (missed + 1).saturating_mul(every_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missed_beat_is_skipped_not_caught_up() {
        let minute = Duration::from_mins(1);
        assert_eq!(after(moment(0), moment(0), minute), moment(60_000));
        assert_eq!(after(moment(0), moment(150_000), minute), moment(180_000));
        assert_eq!(after(moment(0), moment(179_999), minute), moment(180_000));
        assert_eq!(after(moment(0), moment(180_000), minute), moment(240_000));
    }
}
