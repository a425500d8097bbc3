//! When each job ran and is due again.

use sqlx::Row;

use super::{Error, Store};
use crate::clock::{Moment, moment};

/// When a job is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The job.
    pub job: String,
    /// When it should run.
    pub at: Moment,
    /// When it ran last.
    pub ran_at: Option<Moment>,
    /// What stopped the last run.
    pub trouble: Option<String>,
}

impl Store {
    /// Adds a job that has no row yet, due at `first`.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn plan_job(&self, job: &str, first: Moment) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        sqlx::query("INSERT INTO schedule (job, due_at_ms) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(job)
            .bind(first.as_millisecond())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Every job and when it is due, the next one first.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn schedule(&self) -> Result<Vec<Due>, Error> {
        let rows = sqlx::query("SELECT job, due_at_ms, ran_at_ms, trouble FROM schedule ORDER BY due_at_ms, job")
            .fetch_all(&self.reader)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(Due {
                    job: row.try_get(0)?,
                    at: moment(row.try_get(1)?),
                    ran_at: row.try_get::<Option<i64>, _>(2)?.map(moment),
                    trouble: row.try_get(3)?,
                })
            })
            .collect()
    }

    /// Claims a due job by moving its next run to `next`. False if another replica was faster.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn claim_job(&self, due: &Due, next: Moment) -> Result<bool, Error> {
        let mut tx = self.begin().await?;
        let done = sqlx::query("UPDATE schedule SET due_at_ms = $1 WHERE job = $2 AND due_at_ms = $3")
            .bind(next.as_millisecond())
            .bind(&due.job)
            .bind(due.at.as_millisecond())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Notes how a run ended.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn job_ran(&self, job: &str, at: Moment, trouble: Option<&str>) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE schedule SET ran_at_ms = $1, trouble = $2 WHERE job = $3")
            .bind(at.as_millisecond())
            .bind(trouble)
            .bind(job)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }
}
