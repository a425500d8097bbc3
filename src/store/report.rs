//! Channels that want reports. A row moves on in the transaction that tells, so that each time is told once, whoever is faster.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Error, Store, Tx};
use crate::clock::{Moment, moment};
use crate::domain::{Beat, ReportKind, Rhythm, Subscription};

impl Store {
    /// Every subscription, by channel.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn subscriptions(&self) -> Result<Vec<Subscription>, Error> {
        let rows = sqlx::query(
            "SELECT channel, kind, rhythm, at_minute, zone, names, quiet, made_by, due_at_ms, snoozed_until_ms, snooze_reason
               FROM report_subscription ORDER BY channel, kind",
        )
        .fetch_all(&self.reader)
        .await?;
        rows.iter().map(subscription).collect()
    }

    /// What is due at `now`, the longest due first.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn due_reports(&self, now: Moment) -> Result<Vec<Subscription>, Error> {
        let rows = sqlx::query(
            "SELECT channel, kind, rhythm, at_minute, zone, names, quiet, made_by, due_at_ms, snoozed_until_ms, snooze_reason
               FROM report_subscription WHERE due_at_ms <= $1 ORDER BY due_at_ms, channel, kind",
        )
        .bind(now.as_millisecond())
        .fetch_all(&self.reader)
        .await?;
        rows.iter().map(subscription).collect()
    }

    /// When the next report is due; none if no channel wants any.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn next_report(&self) -> Result<Option<Moment>, Error> {
        let row = sqlx::query("SELECT MIN(due_at_ms) FROM report_subscription").fetch_one(&self.reader).await?;
        Ok(row.try_get::<Option<i64>, _>(0)?.map(moment))
    }

    /// Subscribes a channel, in place of what it had of this kind.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn subscribe(&self, tx: &mut Tx<'_>, it: &Subscription, at: Moment) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO report_subscription (channel, kind, rhythm, at_minute, zone, names, quiet, made_by, made_at_ms, due_at_ms)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             ON CONFLICT (channel, kind) DO UPDATE SET rhythm = excluded.rhythm, at_minute = excluded.at_minute,
                 zone = excluded.zone, names = excluded.names, quiet = excluded.quiet, made_by = excluded.made_by,
                 made_at_ms = excluded.made_at_ms, due_at_ms = excluded.due_at_ms, snoozed_until_ms = NULL, snooze_reason = NULL",
        )
        .bind(&it.channel)
        .bind(it.kind.as_str())
        .bind(it.beat.rhythm.as_str())
        .bind(i64::from(it.beat.minute))
        .bind(&it.beat.zone)
        .bind(i64::from(it.names))
        .bind(i64::from(it.quiet))
        .bind(&it.made_by)
        .bind(at.as_millisecond())
        .bind(it.due.map(Moment::as_millisecond))
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// Ends a subscription. False if there is none.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn unsubscribe(&self, tx: &mut Tx<'_>, channel: &str, kind: ReportKind) -> Result<bool, Error> {
        let done = sqlx::query("DELETE FROM report_subscription WHERE channel = $1 AND kind = $2")
            .bind(channel)
            .bind(kind.as_str())
            .execute(&mut **tx)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Says nothing there until a moment. False if there is no such subscription.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn snooze_report(
        &self,
        tx: &mut Tx<'_>,
        (channel, kind): (&str, ReportKind),
        (until, reason): (Moment, Option<&str>),
    ) -> Result<bool, Error> {
        let done = sqlx::query(
            "UPDATE report_subscription SET snoozed_until_ms = $1, snooze_reason = $2 WHERE channel = $3 AND kind = $4",
        )
        .bind(until.as_millisecond())
        .bind(reason)
        .bind(channel)
        .bind(kind.as_str())
        .execute(&mut **tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Moves a due report on to its next time. True for one alone, who owes the channel the report in the same transaction.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn move_report(&self, tx: &mut Tx<'_>, it: &Subscription, next: Option<Moment>) -> Result<bool, Error> {
        let done = sqlx::query(
            "UPDATE report_subscription SET due_at_ms = $1 WHERE channel = $2 AND kind = $3 AND due_at_ms = $4",
        )
        .bind(next.map(Moment::as_millisecond))
        .bind(&it.channel)
        .bind(it.kind.as_str())
        .bind(it.due.map(Moment::as_millisecond))
        .execute(&mut **tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }
}

fn subscription(row: &AnyRow) -> Result<Subscription, Error> {
    let (kind, rhythm): (String, String) = (row.try_get(1)?, row.try_get(2)?);
    let (minute, names, quiet): (i64, i64, i64) = (row.try_get(3)?, row.try_get(5)?, row.try_get(6)?);
    let (due, snoozed): (Option<i64>, Option<i64>) = (row.try_get(8)?, row.try_get(9)?);
    let reason: Option<String> = row.try_get(10)?;
    Ok(Subscription {
        channel: row.try_get(0)?,
        kind: ReportKind::stored(&kind).ok_or(Error::Corrupt("report_subscription.kind"))?,
        beat: Beat {
            rhythm: Rhythm::stored(&rhythm).ok_or(Error::Corrupt("report_subscription.rhythm"))?,
            minute: u16::try_from(minute).map_err(|_| Error::Corrupt("report_subscription.at_minute"))?,
            zone: row.try_get(4)?,
        },
        names: names == 1,
        quiet: quiet == 1,
        made_by: row.try_get(7)?,
        due: due.map(moment),
        snoozed: snoozed.map(|it| (moment(it), reason)),
    })
}
