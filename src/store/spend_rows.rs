//! The rows behind a figure.

use sqlx::Row;

use super::spend_series::series;
use super::{Error, Series, Store};
use crate::clock::{Moment, moment};
use crate::domain::{Amount, Basis, SpendQuery, Tokens};

/// What one combination used on one UTC day, and what that costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpendRow {
    /// The combination.
    pub series: Series,
    /// The beginning of the day.
    pub day: Moment,
    /// How sure its amount is.
    pub basis: Basis,
    /// What was used.
    pub tokens: Tokens,
    /// What it costs.
    pub amount: Amount,
}

impl Store {
    /// Models that had no price since a moment, and how many tokens each: most first.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn unpriced_models(&self, since: Moment) -> Result<Vec<(String, i64)>, Error> {
        let rows = sqlx::query(
            "SELECT s.model, CAST(SUM(d.unpriced) AS BIGINT) AS tokens FROM spend_day d JOIN spend_series s ON s.id = d.series_id
              WHERE d.day_ms >= $1 AND d.unpriced > 0 GROUP BY s.model ORDER BY tokens DESC, s.model",
        )
        .bind(since.as_millisecond())
        .fetch_all(&self.reader)
        .await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }

    /// The rows that a question is answered from, as far as hours are kept.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn spend_rows(&self, query: &SpendQuery) -> Result<Vec<SpendRow>, Error> {
        let whose = self.whose_spend(query).await?;
        let rows = sqlx::query(
            "SELECT s.key_id, s.actor, s.workspace_id, s.model, s.tier, s.geo, s.context, s.kind,
                    f.day, f.basis, f.input, f.cache_read, f.cache_5m, f.cache_1h, f.output, f.searches, f.amount
               FROM (SELECT h.series_id AS series_id, COALESCE(t.basis, 'estimate') AS basis,
                            h.hour_ms - h.hour_ms % 86400000 AS day, CAST(SUM(h.input) AS BIGINT) AS input,
                            CAST(SUM(h.cache_read) AS BIGINT) AS cache_read, CAST(SUM(h.cache_5m) AS BIGINT) AS cache_5m,
                            CAST(SUM(h.cache_1h) AS BIGINT) AS cache_1h, CAST(SUM(h.output) AS BIGINT) AS output,
                            CAST(SUM(h.searches) AS BIGINT) AS searches, CAST(SUM(h.amount) AS BIGINT) AS amount
                       FROM spend_hour h LEFT JOIN spend_state t ON t.day_ms = h.hour_ms - h.hour_ms % 86400000
                      WHERE h.hour_ms >= $1 AND h.hour_ms < $2 GROUP BY 1, 2, 3) f
               JOIN spend_series s ON s.id = f.series_id ORDER BY f.day, f.series_id",
        )
        .bind(query.from.as_millisecond())
        .bind(query.to.as_millisecond())
        .fetch_all(&self.reader)
        .await?;
        let mut found = Vec::new();
        for row in &rows {
            let series = series(row, 0)?;
            let of = [&*series.key_id, &*series.actor, &*series.workspace_id, &*series.model];
            if !whose.is_within(&query.scope, of) {
                continue;
            }
            let basis: String = row.try_get(9)?;
            let tokens = Tokens {
                input: row.try_get(10)?,
                cache_read: row.try_get(11)?,
                cache_5m: row.try_get(12)?,
                cache_1h: row.try_get(13)?,
                output: row.try_get(14)?,
                searches: row.try_get(15)?,
            };
            let (day, amount) = (moment(row.try_get(8)?), Amount(row.try_get(16)?));
            found.push(SpendRow { series, day, basis: Basis::stored(&basis), tokens, amount });
        }
        Ok(found)
    }
}
