//! Writing what was spent: hours, in place of what was known of them, and the days that they belong to, made anew.

use std::future::ready;
use std::sync::LazyLock;

use futures_util::TryStreamExt as _;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::many::Many;
use super::{Error, Store, Tx};
use crate::clock::{Moment, moment};
use crate::domain::{Amount, Basis, Tokens};

const DAY_MS: i64 = 86_400_000;

static HOURS: LazyLock<Many<10>> = LazyLock::new(|| {
    Many::new(
        "INSERT INTO spend_hour
            (hour_ms, series_id, input, cache_read, cache_5m, cache_1h, output, searches, unpriced, amount)",
    )
});

/// What one combination used in one hour, and what that costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HourFact {
    /// The beginning of the hour, UTC. What is known of a day as a whole stands at its noon.
    pub hour: Moment,
    /// The combination, by number; only one fact for each in an hour.
    pub series_id: i64,
    /// What was used.
    pub tokens: Tokens,
    /// Tokens that have no price.
    pub unpriced: i64,
    /// What it costs.
    pub amount: Amount,
}

/// What the figures of a day are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayState {
    /// How sure they are.
    pub basis: Basis,
    /// How far the data reaches.
    pub as_of: Moment,
    /// What they were reckoned from, as a fingerprint: with the same one there is nothing to reckon.
    pub settled: String,
}

impl Store {
    /// Writes the facts of all hours from one to before another, in place of what was known of them. The days that they touch
    /// must be closed by [`Store::close_spend_day`] in the same transaction.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn put_spend_hours(
        &self,
        tx: &mut Tx<'_>,
        (from, to): (Moment, Moment),
        facts: &[HourFact],
    ) -> Result<(), Error> {
        sqlx::query("DELETE FROM spend_hour WHERE hour_ms >= $1 AND hour_ms < $2")
            .bind(from.as_millisecond())
            .bind(to.as_millisecond())
            .execute(&mut **tx)
            .await?;
        let rows: Vec<[i64; 10]> = facts
            .iter()
            .map(|it| {
                let Tokens { input, cache_read, cache_5m, cache_1h, output, searches } = it.tokens;
                let (hour, amount) = (it.hour.as_millisecond(), it.amount.0);
                [hour, it.series_id, input, cache_read, cache_5m, cache_1h, output, searches, it.unpriced, amount]
            })
            .collect();
        HOURS.write(self.engine, tx, &rows).await
    }

    /// Makes the day that begins at `day` anew from its hours.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn close_spend_day(&self, tx: &mut Tx<'_>, day: Moment, state: &DayState) -> Result<(), Error> {
        let day = day.as_millisecond();
        sqlx::query("DELETE FROM spend_day WHERE day_ms = $1").bind(day).execute(&mut **tx).await?;
        sqlx::query(
            "INSERT INTO spend_day (day_ms, series_id, tokens, unpriced, amount)
             SELECT CAST($1 AS BIGINT), series_id,
                    CAST(SUM(input + cache_read + cache_5m + cache_1h + output) AS BIGINT),
                    CAST(SUM(unpriced) AS BIGINT), CAST(SUM(amount) AS BIGINT)
               FROM spend_hour WHERE hour_ms >= $1 AND hour_ms < $2 GROUP BY series_id",
        )
        .bind(day)
        .bind(day + DAY_MS)
        .execute(&mut **tx)
        .await?;
        sqlx::query(
            "INSERT INTO spend_state (day_ms, basis, as_of_ms, settled) VALUES ($1, $2, $3, $4)
             ON CONFLICT (day_ms) DO UPDATE SET basis = $2, as_of_ms = $3, settled = $4",
        )
        .bind(day)
        .bind(state.basis.as_str())
        .bind(state.as_of.as_millisecond())
        .bind(&state.settled)
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// The facts of one day, by hour.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn spend_facts(&self, tx: &mut Tx<'_>, day: Moment) -> Result<Vec<HourFact>, Error> {
        // One by one: as a whole, the rows of a busy day would take a hundred times the room of the facts.
        let rows = sqlx::query(
            "SELECT hour_ms, series_id, input, cache_read, cache_5m, cache_1h, output, searches, unpriced, amount
               FROM spend_hour WHERE hour_ms >= $1 AND hour_ms < $2 ORDER BY hour_ms, series_id",
        )
        .bind(day.as_millisecond())
        .bind(day.as_millisecond() + DAY_MS)
        .fetch(&mut **tx);
        rows.map_err(Error::from).and_then(|row| ready(fact(&row))).try_collect().await
    }

    /// True of a day on which something cost something, as far as is known.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn is_dear(&self, tx: &mut Tx<'_>, day: Moment) -> Result<bool, Error> {
        let query =
            sqlx::query("SELECT 1 FROM spend_hour WHERE hour_ms >= $1 AND hour_ms < $2 AND amount <> 0 LIMIT 1");
        let query = query.bind(day.as_millisecond()).bind(day.as_millisecond() + DAY_MS);
        Ok(query.fetch_optional(&mut **tx).await?.is_some())
    }

    /// What the figures of a day are; none of a day that nothing is known of.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn spend_state(&self, tx: &mut Tx<'_>, day: Moment) -> Result<Option<DayState>, Error> {
        let query = sqlx::query("SELECT basis, as_of_ms, settled FROM spend_state WHERE day_ms = $1");
        let Some(row) = query.bind(day.as_millisecond()).fetch_optional(&mut **tx).await? else { return Ok(None) };
        let basis: String = row.try_get(0)?;
        Ok(Some(DayState { basis: Basis::stored(&basis), as_of: moment(row.try_get(1)?), settled: row.try_get(2)? }))
    }

    /// True of a day whose hours were forgotten: it cannot be reckoned any more, and stays as it is.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn is_without_hours(&self, tx: &mut Tx<'_>, day: Moment) -> Result<bool, Error> {
        let known: i64 = sqlx::query(
            "SELECT COUNT(*) FROM spend_day WHERE day_ms = $1 AND tokens > 0
                AND NOT EXISTS (SELECT 1 FROM spend_hour WHERE hour_ms >= $1 AND hour_ms < $2)",
        )
        .bind(day.as_millisecond())
        .bind(day.as_millisecond() + DAY_MS)
        .fetch_one(&mut **tx)
        .await?
        .try_get(0)?;
        Ok(known > 0)
    }

    /// Forgets the hours before `billed` of days that were billed, and before `all` of all days. Their days stay.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn forget_spend_hours(&self, billed: Moment, all: Moment) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "DELETE FROM spend_hour WHERE hour_ms < $2 OR (hour_ms < $1 AND EXISTS
                (SELECT 1 FROM spend_state t WHERE t.day_ms = hour_ms - hour_ms % 86400000 AND t.basis <> 'estimate'))",
        )
        .bind(billed.as_millisecond())
        .bind(all.as_millisecond())
        .execute(&mut *tx)
        .await?;
        self.commit(tx).await
    }

    /// The configuration's tags, in place of those of before.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn set_spend_tags(&self, tags: &[(String, String)]) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM spend_tag").execute(&mut *tx).await?;
        for (name, pattern) in tags {
            sqlx::query("INSERT INTO spend_tag (name, pattern) VALUES ($1, $2) ON CONFLICT (name, pattern) DO NOTHING")
                .bind(name)
                .bind(pattern)
                .execute(&mut *tx)
                .await?;
        }
        self.commit(tx).await
    }
}

fn fact(row: &AnyRow) -> Result<HourFact, Error> {
    Ok(HourFact {
        hour: moment(row.try_get(0)?),
        series_id: row.try_get(1)?,
        tokens: Tokens {
            input: row.try_get(2)?,
            cache_read: row.try_get(3)?,
            cache_5m: row.try_get(4)?,
            cache_1h: row.try_get(5)?,
            output: row.try_get(6)?,
            searches: row.try_get(7)?,
        },
        unpriced: row.try_get(8)?,
        amount: Amount(row.try_get(9)?),
    })
}
