//! What was billed, day by day, as each source says it: read again it replaces what was there.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use sqlx::Row;

use super::many::Many;
use super::spend_series::series;
use super::{Error, Series, Store, Tx};
use crate::clock::{Moment, moment};
use crate::domain::Amount;

/// Who says what was billed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BillSource {
    /// The analytics: by key, actor, workspace, model.
    Analytics,
    /// The cost report: by workspace and model.
    Report,
}

impl BillSource {
    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Analytics => "analytics",
            Self::Report => "report",
        }
    }

    fn rows(self) -> &'static Many<3> {
        static ANALYTICS: LazyLock<Many<3>> = LazyLock::new(|| rows(BillSource::Analytics));
        static REPORT: LazyLock<Many<3>> = LazyLock::new(|| rows(BillSource::Report));
        match self {
            Self::Analytics => &ANALYTICS,
            Self::Report => &REPORT,
        }
    }
}

fn rows(source: BillSource) -> Many<3> {
    let named = match source {
        BillSource::Analytics => "'analytics'",
        BillSource::Report => "'report'",
    };
    Many::led_by(named, "INSERT INTO spend_bill (source, day_ms, series_id, amount)")
}

/// When a day was read, and what the source knew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BillDay {
    /// What lies before this moment is complete.
    pub as_of: Moment,
    /// When it was read.
    pub read_at: Moment,
}

impl Store {
    /// Writes what a source says of one day, in place of what it said before.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn put_bill(
        &self,
        tx: &mut Tx<'_>,
        (source, day): (BillSource, Moment),
        amounts: &BTreeMap<i64, Amount>,
        read: BillDay,
    ) -> Result<(), Error> {
        let day = day.as_millisecond();
        sqlx::query("DELETE FROM spend_bill WHERE source = $1 AND day_ms = $2")
            .bind(source.as_str())
            .bind(day)
            .execute(&mut **tx)
            .await?;
        let rows: Vec<[i64; 3]> = amounts.iter().map(|(series, amount)| [day, *series, amount.0]).collect();
        source.rows().write(self.engine, tx, &rows).await?;
        sqlx::query(
            "INSERT INTO spend_bill_day (source, day_ms, as_of_ms, read_at_ms) VALUES ($1, $2, $3, $4)
             ON CONFLICT (source, day_ms) DO UPDATE SET as_of_ms = $3, read_at_ms = $4",
        )
        .bind(source.as_str())
        .bind(day)
        .bind(read.as_of.as_millisecond())
        .bind(read.read_at.as_millisecond())
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// What a source says of one day: what each amount is about.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn bill(
        &self,
        tx: &mut Tx<'_>,
        (source, day): (BillSource, Moment),
    ) -> Result<Option<(BillDay, Vec<(Series, Amount)>)>, Error> {
        let query = sqlx::query("SELECT as_of_ms, read_at_ms FROM spend_bill_day WHERE source = $1 AND day_ms = $2");
        let found = query.bind(source.as_str()).bind(day.as_millisecond()).fetch_optional(&mut **tx).await?;
        let Some(found) = found else { return Ok(None) };
        let read = BillDay { as_of: moment(found.try_get(0)?), read_at: moment(found.try_get(1)?) };
        let rows = sqlx::query(
            "SELECT s.key_id, s.actor, s.workspace_id, s.model, s.tier, s.geo, s.context, s.kind, b.amount
               FROM spend_bill b JOIN spend_series s ON s.id = b.series_id
              WHERE b.source = $1 AND b.day_ms = $2 ORDER BY b.series_id",
        )
        .bind(source.as_str())
        .bind(day.as_millisecond())
        .fetch_all(&mut **tx)
        .await?;
        let amounts = rows.iter().map(|row| Ok((series(row, 0)?, Amount(row.try_get(8)?))));
        Ok(Some((read, amounts.collect::<Result<_, Error>>()?)))
    }

    /// The days since one that were read from a source.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn bill_days(&self, source: BillSource, since: Moment) -> Result<BTreeMap<Moment, BillDay>, Error> {
        let rows =
            sqlx::query("SELECT day_ms, as_of_ms, read_at_ms FROM spend_bill_day WHERE source = $1 AND day_ms >= $2")
                .bind(source.as_str())
                .bind(since.as_millisecond())
                .fetch_all(&self.reader)
                .await?;
        let read = |row: &sqlx::any::AnyRow| {
            let day = BillDay { as_of: moment(row.try_get(1)?), read_at: moment(row.try_get(2)?) };
            Ok((moment(row.try_get(0)?), day))
        };
        rows.iter().map(read).collect()
    }
}
