//! How many tokens each key used: by hour for the last weeks, by day for longer. What is read again replaces what was there, so
//! that late data counts and nothing counts twice.

use std::collections::BTreeMap;

use sqlx::Row;

use super::{Error, Store, Tx};
use crate::clock::{Moment, moment};

/// A day.
const DAY_MS: i64 = 86_400_000;
/// Traffic is told for so many days.
const WEEK_DAYS: i64 = 7;

/// How far a reading has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsageMark {
    /// The hours before this moment are known for good.
    HoursTo,
    /// The days from this one on are known.
    DaysFrom,
}

impl UsageMark {
    fn as_str(self) -> &'static str {
        match self {
            Self::HoursTo => "key hours to",
            Self::DaysFrom => "key days from",
        }
    }
}

/// What one key used in one hour, or on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyTraffic {
    /// `apikey_…`.
    pub key_id: String,
    /// The beginning of the hour or the day, UTC.
    pub at: Moment,
    /// Tokens of every class.
    pub tokens: i64,
}

/// When a key was used, as far as is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyUse {
    /// The beginning of the last hour in which it was; of the day, if that is long ago.
    pub last: Option<Moment>,
    /// Tokens of the last seven days, today included.
    pub week: i64,
}

impl Store {
    /// Writes what was used in all hours from one to before another, in place of what was known of them, and of their days.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn put_key_hours(
        &self,
        tx: &mut Tx<'_>,
        (from, to): (Moment, Moment),
        rows: &[KeyTraffic],
    ) -> Result<(), Error> {
        let (from, to) = (from.as_millisecond(), to.as_millisecond());
        sqlx::query("DELETE FROM key_hour WHERE hour_ms >= $1 AND hour_ms < $2")
            .bind(from)
            .bind(to)
            .execute(&mut **tx)
            .await?;
        for row in rows {
            sqlx::query(
                "INSERT INTO key_hour (key_id, hour_ms, tokens) VALUES ($1, $2, $3)
                 ON CONFLICT (key_id, hour_ms) DO UPDATE SET tokens = key_hour.tokens + $3",
            )
            .bind(&row.key_id)
            .bind(row.at.as_millisecond())
            .bind(row.tokens)
            .execute(&mut **tx)
            .await?;
        }
        let (first, last) = (from - from.rem_euclid(DAY_MS), to + (-to).rem_euclid(DAY_MS));
        sqlx::query("DELETE FROM key_day WHERE day_ms >= $1 AND day_ms < $2")
            .bind(first)
            .bind(last)
            .execute(&mut **tx)
            .await?;
        sqlx::query(
            "INSERT INTO key_day (key_id, day_ms, tokens)
             SELECT key_id, hour_ms - hour_ms % 86400000, CAST(SUM(tokens) AS BIGINT) FROM key_hour
              WHERE hour_ms >= $1 AND hour_ms < $2 GROUP BY key_id, hour_ms - hour_ms % 86400000",
        )
        .bind(first)
        .bind(last)
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// Writes what was used on all days from one to before another, of which no hours are known.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn put_key_days(
        &self,
        tx: &mut Tx<'_>,
        (from, to): (Moment, Moment),
        rows: &[KeyTraffic],
    ) -> Result<(), Error> {
        let (from, to) = (from.as_millisecond(), to.as_millisecond());
        sqlx::query("DELETE FROM key_day WHERE day_ms >= $1 AND day_ms < $2")
            .bind(from)
            .bind(to)
            .execute(&mut **tx)
            .await?;
        for row in rows {
            sqlx::query(
                "INSERT INTO key_day (key_id, day_ms, tokens) VALUES ($1, $2, $3)
                 ON CONFLICT (key_id, day_ms) DO UPDATE SET tokens = key_day.tokens + $3",
            )
            .bind(&row.key_id)
            .bind(row.at.as_millisecond())
            .bind(row.tokens)
            .execute(&mut **tx)
            .await?;
        }
        Ok(())
    }

    /// How far a reading has come; none before it has begun.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn usage_mark(&self, mark: UsageMark) -> Result<Option<Moment>, Error> {
        let query = sqlx::query("SELECT at_ms FROM usage_mark WHERE name = $1").bind(mark.as_str());
        Ok(query.fetch_optional(&self.reader).await?.map(|row| row.try_get(0)).transpose()?.map(moment))
    }

    /// A reading has come so far.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn set_usage_mark(&self, tx: &mut Tx<'_>, mark: UsageMark, at: Moment) -> Result<(), Error> {
        let query = "INSERT INTO usage_mark (name, at_ms) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET at_ms = $2";
        sqlx::query(query).bind(mark.as_str()).bind(at.as_millisecond()).execute(&mut **tx).await?;
        Ok(())
    }

    /// Forgets the hours before one. Their days stay.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn forget_key_hours(&self, before: Moment) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM key_hour WHERE hour_ms < $1").bind(before.as_millisecond()).execute(&mut *tx).await?;
        self.commit(tx).await
    }

    /// When each key was used, as of `now`. Keys that never were, as far as is known, are not among them.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn key_uses(&self, now: Moment) -> Result<BTreeMap<String, KeyUse>, Error> {
        let today = now.as_millisecond() - now.as_millisecond().rem_euclid(DAY_MS);
        let rows = sqlx::query(
            "SELECT d.key_id, MAX(d.day_ms), CAST(SUM(CASE WHEN d.day_ms > $1 THEN d.tokens ELSE 0 END) AS BIGINT),
                    (SELECT MAX(h.hour_ms) FROM key_hour h WHERE h.key_id = d.key_id AND h.tokens > 0)
               FROM key_day d WHERE d.tokens > 0 GROUP BY d.key_id",
        )
        .bind(today - WEEK_DAYS * DAY_MS)
        .fetch_all(&self.reader)
        .await?;
        let read = |row: &sqlx::any::AnyRow| -> Result<(String, KeyUse), Error> {
            let (day, hour): (i64, Option<i64>) = (row.try_get(1)?, row.try_get(3)?);
            Ok((row.try_get(0)?, KeyUse { last: Some(moment(day.max(hour.unwrap_or(day)))), week: row.try_get(2)? }))
        };
        rows.iter().map(read).collect()
    }

    /// The hours since `since` in which a key was used, oldest first.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn key_hours(&self, key_id: &str, since: Moment) -> Result<Vec<(Moment, i64)>, Error> {
        let query =
            "SELECT hour_ms, tokens FROM key_hour WHERE key_id = $1 AND hour_ms >= $2 AND tokens > 0 ORDER BY hour_ms";
        let rows = sqlx::query(query).bind(key_id).bind(since.as_millisecond()).fetch_all(&self.reader).await?;
        rows.iter().map(|row| Ok((moment(row.try_get(0)?), row.try_get(1)?))).collect()
    }
}
