//! When each key was used, and how much, from the facts of what was spent; and how far the reading of the reports has come.
//!
//! The tables `key_hour` and `key_day` of earlier versions are not written any more.

use std::collections::BTreeMap;

use sqlx::Row;

use super::{Error, Store, Tx};
use crate::clock::{Moment, moment};

/// A day.
const DAY_MS: i64 = 86_400_000;
/// Traffic is told for so many days.
const WEEK_DAYS: i64 = 7;
/// The last hour is looked for among those of so many days.
const HOURS_DAYS: i64 = 30;

/// How far a reading has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsageMark {
    /// The hours before this moment are known for good.
    HoursTo,
    /// The hours from this moment on are known.
    HoursFrom,
    /// The days from this one on are known.
    DaysFrom,
    /// The cost report goes back to this day.
    ReportFrom,
    /// The analytics go back to this day.
    AnalyticsFrom,
    /// The analytics were asked for at this moment, and are not there for this organization.
    NoAnalytics,
    /// At this moment a limit was nearly reached.
    NearLimit,
    /// What was used of Claude Code by subscription is known up to this day.
    ClaudeCodeTo,
    /// It was asked for at this moment, and is not told to this organization.
    NoClaudeCode,
}

impl UsageMark {
    fn as_str(self) -> &'static str {
        match self {
            Self::HoursTo => "spend hours to",
            Self::HoursFrom => "spend hours from",
            Self::DaysFrom => "spend days from",
            Self::ReportFrom => "cost report from",
            Self::AnalyticsFrom => "analytics from",
            Self::NoAnalytics => "no analytics at",
            Self::NearLimit => "near a limit at",
            Self::ClaudeCodeTo => "claude code to",
            Self::NoClaudeCode => "no claude code at",
        }
    }
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

    /// When each key was used, as of `now`. Keys that never were, as far as is known, are not among them.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn key_uses(&self, now: Moment) -> Result<BTreeMap<String, KeyUse>, Error> {
        let today = now.as_millisecond() - now.as_millisecond().rem_euclid(DAY_MS);
        let rows = sqlx::query(
            "SELECT s.key_id, MAX(d.day_ms), CAST(SUM(CASE WHEN d.day_ms > $1 THEN d.tokens ELSE 0 END) AS BIGINT),
                    (SELECT MAX(h.hour_ms) FROM spend_hour h JOIN spend_series o ON o.id = h.series_id
                      WHERE o.key_id = s.key_id AND h.hour_ms >= $2
                        AND h.input + h.cache_read + h.cache_5m + h.cache_1h + h.output > 0)
               FROM spend_day d JOIN spend_series s ON s.id = d.series_id
              WHERE d.tokens > 0 AND s.key_id <> '' GROUP BY s.key_id",
        )
        .bind(today - WEEK_DAYS * DAY_MS)
        .bind(today - HOURS_DAYS * DAY_MS)
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
        let query = "SELECT h.hour_ms, CAST(SUM(h.input + h.cache_read + h.cache_5m + h.cache_1h + h.output) AS BIGINT) AS tokens
                       FROM spend_hour h JOIN spend_series s ON s.id = h.series_id
                      WHERE s.key_id = $1 AND h.hour_ms >= $2 GROUP BY h.hour_ms
                     HAVING SUM(h.input + h.cache_read + h.cache_5m + h.cache_1h + h.output) > 0 ORDER BY h.hour_ms";
        let rows = sqlx::query(query).bind(key_id).bind(since.as_millisecond()).fetch_all(&self.reader).await?;
        rows.iter().map(|row| Ok((moment(row.try_get(0)?), row.try_get(1)?))).collect()
    }
}
