//! What was told of limits: written in the transaction that tells it, so that it is told once, whoever looks.

use std::collections::BTreeMap;

use sqlx::Row;

use super::{Error, Store, Tx};
use crate::clock::{Moment, moment};
use crate::domain::{Amount, LimitId, Told};

/// A threshold that is reached.
#[derive(Clone, Copy, Debug)]
pub struct Telling<'a> {
    /// Of which limit.
    pub limit: &'a LimitId,
    /// In the period that begins then.
    pub period: Moment,
    /// The threshold, and the limit as it is now.
    pub told: Told,
    /// How much is spent.
    pub spent: Amount,
}

impl Store {
    /// Writes down that a threshold is told. False if it was before: then nothing is to be told.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn tell_limit(&self, tx: &mut Tx<'_>, it: &Telling<'_>, at: Moment) -> Result<bool, Error> {
        let done = sqlx::query(
            "INSERT INTO limit_told (limit_id, period_ms, percent, amount_microcents, spent_microcents, told_at_ms)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        )
        .bind(it.limit.to_string())
        .bind(it.period.as_millisecond())
        .bind(i64::from(it.told.percent))
        .bind(it.told.amount.0)
        .bind(it.spent.0)
        .bind(at.as_millisecond())
        .execute(&mut **tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// What was told since `since` in periods that had begun by then or begin later, by limit and beginning of the period, with
    /// when it was told.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn limits_told(&self, since: Moment) -> Result<BTreeMap<(String, Moment), Vec<(Told, Moment)>>, Error> {
        let rows = sqlx::query(
            "SELECT limit_id, period_ms, percent, amount_microcents, told_at_ms FROM limit_told WHERE period_ms >= $1
              ORDER BY told_at_ms, percent",
        );
        let mut told: BTreeMap<(String, Moment), Vec<(Told, Moment)>> = BTreeMap::new();
        for row in rows.bind(since.as_millisecond()).fetch_all(&self.reader).await? {
            let percent = u32::try_from(row.try_get::<i64, _>("percent")?).map_err(|_| Error::Corrupt("limit_told"))?;
            let it = Told { percent, amount: Amount(row.try_get("amount_microcents")?) };
            let key = (row.try_get("limit_id")?, moment(row.try_get("period_ms")?));
            told.entry(key).or_default().push((it, moment(row.try_get("told_at_ms")?)));
        }
        Ok(told)
    }

    /// Forgets what was told before `before`.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn forget_limits_told(&self, before: Moment) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        let query = sqlx::query("DELETE FROM limit_told WHERE told_at_ms < $1");
        query.bind(before.as_millisecond()).execute(&mut *tx).await?;
        self.commit(tx).await
    }
}
