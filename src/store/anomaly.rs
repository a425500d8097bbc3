//! Unusual spend: what was told of it, once a day, and what somebody expects.

use std::collections::BTreeSet;

use jiff::civil::Date;
use sqlx::Row;

use super::{Error, Store, Tx};
use crate::clock::Moment;
use crate::domain::Scope;

impl Store {
    /// Writes down that a day of `scope` is told of as unusual. True for one alone, who tells it in the same transaction.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn tell_anomaly(&self, tx: &mut Tx<'_>, (scope, day): (&Scope, Date), at: Moment) -> Result<bool, Error> {
        let done = sqlx::query(
            "INSERT INTO anomaly (scope, day, told_at_ms) VALUES ($1, $2, $3) ON CONFLICT (scope, day) DO NOTHING",
        )
        .bind(scope.to_string())
        .bind(day.to_string())
        .bind(at.as_millisecond())
        .execute(&mut **tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Whose spend needs no word on a day: it was told of, or is expected at `now`.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn quiet_spend(&self, day: Date, now: Moment) -> Result<BTreeSet<String>, Error> {
        let rows = sqlx::query(
            "SELECT scope FROM anomaly WHERE day = $1 UNION SELECT scope FROM expected_spend WHERE until_ms > $2",
        )
        .bind(day.to_string())
        .bind(now.as_millisecond())
        .fetch_all(&self.reader)
        .await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// Nothing unusual is told of `scope` until a moment.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn expect_spend(
        &self,
        tx: &mut Tx<'_>,
        (scope, until): (&Scope, Moment),
        (reason, by): (Option<&str>, &str),
        at: Moment,
    ) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO expected_spend (scope, until_ms, reason, made_by, made_at_ms) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (scope) DO UPDATE SET until_ms = excluded.until_ms, reason = excluded.reason,
                 made_by = excluded.made_by, made_at_ms = excluded.made_at_ms",
        )
        .bind(scope.to_string())
        .bind(until.as_millisecond())
        .bind(reason)
        .bind(by)
        .bind(at.as_millisecond())
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// Forgets what was told, and what was expected, before a moment.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn forget_anomalies(&self, before: Moment) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        for query in ["DELETE FROM anomaly WHERE told_at_ms < $1", "DELETE FROM expected_spend WHERE until_ms < $1"] {
            sqlx::query(query).bind(before.as_millisecond()).execute(&mut *tx).await?;
        }
        self.commit(tx).await
    }
}
