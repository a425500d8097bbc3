//! Messages that nobody waits for. Written in the transaction that caused them, delivered at least once, in order per subject.

use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Error, Store, Tx};
use crate::chat::{Message, Receipt, Target};
use crate::clock::Moment;
use crate::domain::PersonId;

/// What the parcels of the webhook are about: they go out in order, past all other messages.
pub(super) const ENTRIES: &str = "audit webhook";

/// What is to be delivered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Parcel {
    /// The card of change `number`, rendered as it stands at the moment of sending, and its receipt kept.
    Card {
        /// The change.
        number: i64,
        /// Where to.
        to: Target,
    },
    /// A reminder of change `number`, if it still waits at the moment of sending. Its receipt is kept as a card's.
    Reminder {
        /// The change.
        number: i64,
        /// Where to.
        to: Target,
    },
    /// Every card of change `number` that was sent, rendered anew.
    Refresh {
        /// The change.
        number: i64,
    },
    /// The card of a notice, rendered as it stands at the moment of sending, and its receipt kept.
    Notice {
        /// What it is about.
        notice: Notice,
        /// Where to.
        to: Target,
    },
    /// Every card of a notice that was sent, rendered anew.
    NoticeRefresh {
        /// What it is about.
        notice: Notice,
    },
    /// A message as it is.
    Message {
        /// Where to.
        to: Target,
        /// What.
        message: Box<Message>,
    },
    /// Entries of the audit trail, read when they go out, for the webhook.
    Entries {
        /// Those behind this one,
        after: i64,
        /// up to this one.
        upto: i64,
    },
}

/// A card about what is no request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// A difference, by its number.
    Drift(i64),
    /// Somebody who seems to have left.
    Leaver(PersonId),
}

impl Notice {
    /// What its parcels are about, and under what its receipts are kept.
    #[must_use]
    pub fn about(&self) -> String {
        match self {
            Self::Drift(number) => format!("drift {number}"),
            Self::Leaver(person) => format!("leaver {person}"),
        }
    }
}

/// A parcel that somebody holds for delivery.
#[derive(Clone, Debug)]
pub struct OutboxRow {
    /// Counts up.
    pub id: i64,
    /// What it is about.
    pub about: String,
    /// What is to be delivered; none if that cannot be read.
    pub parcel: Option<Parcel>,
    /// How often it was tried, this time included.
    pub attempts: i64,
    /// Proves that the holder still holds it.
    pub fence: i64,
}

/// Where a card went.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'a> {
    /// The change.
    pub number: i64,
    /// Where to.
    pub to: &'a Target,
    /// The reminder, by its parcel, if it is one: it does not replace what was sent there before.
    pub reminder: Option<i64>,
    /// Where it is.
    pub receipt: &'a Receipt,
    /// When.
    pub at: Moment,
}

impl Store {
    /// Puts a parcel into the outbox, in the caller's transaction. Parcels with the same `about` go out in order.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn post(&self, tx: &mut Tx<'_>, about: &str, parcel: &Parcel, at: Moment) -> Result<(), Error> {
        let id = Self::count(tx, "outbox").await?;
        let body = serde_json::to_string(parcel).map_err(|_| Error::Corrupt("outbox.body"))?;
        sqlx::query(
            "INSERT INTO outbox (id, about, body, state, attempts, due_at_ms, created_at_ms, fence)
             VALUES ($1, $2, $3, 'open', 0, $4, $4, 0)",
        )
        .bind(id)
        .bind(about)
        .bind(body)
        .bind(at.as_millisecond())
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// Takes the oldest message that is due, that nobody holds, and that no earlier one about the same thing is before.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn take_parcel(&self, now: Moment, until: Moment) -> Result<Option<OutboxRow>, Error> {
        self.take(now, until, false).await
    }

    /// The same for what goes to the webhook: a receiver that answers slowly must not keep messages waiting.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn take_entries(&self, now: Moment, until: Moment) -> Result<Option<OutboxRow>, Error> {
        self.take(now, until, true).await
    }

    async fn take(&self, now: Moment, until: Moment, entries: bool) -> Result<Option<OutboxRow>, Error> {
        let mut tx = self.begin().await?;
        let row = sqlx::query(
            "UPDATE outbox SET fence = fence + 1, attempts = attempts + 1, held_until_ms = $2
              WHERE id = (SELECT o.id FROM outbox o
                           WHERE o.state = 'open' AND o.due_at_ms <= $1 AND (o.held_until_ms IS NULL OR o.held_until_ms < $1)
                             AND CASE WHEN o.about = $3 THEN 1 ELSE 0 END = $4
                             AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.about = o.about AND e.state = 'open' AND e.id < o.id)
                           ORDER BY o.due_at_ms, o.id LIMIT 1)
                AND state = 'open' AND (held_until_ms IS NULL OR held_until_ms < $1)
             RETURNING id, about, body, attempts, fence",
        )
        .bind(now.as_millisecond())
        .bind(until.as_millisecond())
        .bind(ENTRIES)
        .bind(i64::from(entries))
        .fetch_optional(&mut *tx)
        .await?;
        tx.commit().await?;
        row.as_ref().map(parcel).transpose()
    }

    /// Notes that a parcel went out (`sent`), or cannot (`dead`, with a code). False if the hold was lost meanwhile.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn parcel_done(
        &self,
        tx: &mut Tx<'_>,
        row: &OutboxRow,
        trouble: Option<&str>,
        at: Moment,
    ) -> Result<bool, Error> {
        let done = sqlx::query("UPDATE outbox SET state = $1, sent_at_ms = $2, trouble = $3 WHERE id = $4 AND fence = $5 AND state = 'open'")
            .bind(if trouble.is_none() { "sent" } else { "dead" })
            .bind(at.as_millisecond())
            .bind(trouble)
            .bind(row.id)
            .bind(row.fence)
            .execute(&mut **tx)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Puts a parcel back until `due`.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn parcel_later(&self, row: &OutboxRow, due: Moment, trouble: &str) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE outbox SET due_at_ms = $1, held_until_ms = NULL, trouble = $2 WHERE id = $3 AND fence = $4 AND state = 'open'")
            .bind(due.as_millisecond())
            .bind(trouble)
            .bind(row.id)
            .bind(row.fence)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Why parcels could not be delivered since a moment, or still cannot: each code, and how often.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn undelivered(&self, since: Moment) -> Result<Vec<(String, i64)>, Error> {
        let rows = sqlx::query(
            "SELECT trouble, COUNT(*) FROM outbox
              WHERE trouble IS NOT NULL AND (state = 'open' OR (state = 'dead' AND sent_at_ms >= $1))
              GROUP BY trouble ORDER BY trouble",
        )
        .bind(since.as_millisecond())
        .fetch_all(&self.reader)
        .await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }

    /// Parcels that are not delivered: open ones, and ones that never could be.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn outbox_depth(&self) -> Result<(i64, i64), Error> {
        let row = sqlx::query(
            "SELECT CAST(COALESCE(SUM(CASE WHEN state = 'open' THEN 1 ELSE 0 END), 0) AS BIGINT),
                    CAST(COALESCE(SUM(CASE WHEN state = 'dead' THEN 1 ELSE 0 END), 0) AS BIGINT)
               FROM outbox WHERE state <> 'sent'",
        )
        .fetch_one(&self.reader)
        .await?;
        Ok((row.try_get(0)?, row.try_get(1)?))
    }

    /// When the next open parcel can be taken. One that waits behind another about the same thing is not asked.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn next_parcel(&self) -> Result<Option<Moment>, Error> {
        let row = sqlx::query(
            "SELECT MIN(CASE WHEN o.held_until_ms >= o.due_at_ms THEN o.held_until_ms + 1 ELSE o.due_at_ms END) FROM outbox o
              WHERE o.state = 'open'
                AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.about = o.about AND e.state = 'open' AND e.id < o.id)",
        )
        .fetch_one(&self.reader)
        .await?;
        Ok(row.try_get::<Option<i64>, _>(0)?.map(crate::clock::moment))
    }

    /// Forgets parcels that went out before `before`.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn forget_parcels(&self, before: Moment) -> Result<u64, Error> {
        let mut tx = self.begin().await?;
        let done = sqlx::query("DELETE FROM outbox WHERE state <> 'open' AND sent_at_ms < $1")
            .bind(before.as_millisecond())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }

    /// Keeps where a card went, so that it can be changed.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn keep_receipt(&self, tx: &mut Tx<'_>, sent: Sent<'_>) -> Result<(), Error> {
        let Sent { number, to, reminder, receipt, at } = sent;
        let json = |it: Result<String, serde_json::Error>| it.map_err(|_| Error::Corrupt("receipt"));
        sqlx::query(
            "INSERT INTO receipt (change_number, target, receipt, sent_at_ms) VALUES ($1, $2, $3, $4)
             ON CONFLICT (change_number, target) DO UPDATE SET receipt = $3, sent_at_ms = $4",
        )
        .bind(number)
        .bind(json(serde_json::to_string(&(to, reminder)))?)
        .bind(json(serde_json::to_string(receipt))?)
        .bind(at.as_millisecond())
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// Where the cards of a change are.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn receipts(&self, number: i64) -> Result<Vec<Receipt>, Error> {
        let rows = sqlx::query("SELECT receipt FROM receipt WHERE change_number = $1 ORDER BY sent_at_ms, target")
            .bind(number)
            .fetch_all(&self.reader)
            .await?;
        let read =
            |row: &AnyRow| serde_json::from_str(&row.try_get::<String, _>(0)?).map_err(|_| Error::Corrupt("receipt"));
        rows.iter().map(read).collect()
    }
}

fn parcel(row: &AnyRow) -> Result<OutboxRow, Error> {
    Ok(OutboxRow {
        id: row.try_get(0)?,
        about: row.try_get(1)?,
        parcel: serde_json::from_str(&row.try_get::<String, _>(2)?).ok(),
        attempts: row.try_get(3)?,
        fence: row.try_get(4)?,
    })
}
