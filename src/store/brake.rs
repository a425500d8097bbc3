//! Brakes that are on, and the keys that none touches. What a brake did, the change says that put it on.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Error, Store, Tx};
use crate::clock::{Moment, moment};
use crate::domain::LimitId;

/// A brake that is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrakeRow {
    /// The change that put it on, by number.
    pub change: i64,
    /// The limit, as it is kept.
    pub limit: String,
    /// The beginning of its period.
    pub period: Moment,
    /// Where rate limits were lowered; none if keys were switched off.
    pub workspace_id: Option<String>,
    /// Since when.
    pub since: Moment,
}

/// A brake to be put on.
#[derive(Clone, Copy, Debug)]
pub struct NewBrake<'a> {
    /// The change, by number.
    pub change: i64,
    /// The limit.
    pub limit: &'a LimitId,
    /// The beginning of its period.
    pub period: Moment,
    /// Where rate limits are lowered.
    pub workspace_id: Option<&'a str>,
    /// The keys that are switched off, or kept off.
    pub keys: &'a [String],
}

/// A key that no brake touches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinRow {
    /// `apikey_…`.
    pub key_id: String,
    /// Why, in people's words.
    pub reason: String,
    /// Until then; none: until somebody says otherwise.
    pub until: Option<Moment>,
}

impl Store {
    /// Writes down a brake, before anything is sent.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn brake(&self, tx: &mut Tx<'_>, it: &NewBrake<'_>, at: Moment) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO brake (change_number, limit_id, period_ms, workspace_id, began_at_ms) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(it.change)
        .bind(it.limit.to_string())
        .bind(it.period.as_millisecond())
        .bind(it.workspace_id)
        .bind(at.as_millisecond())
        .execute(&mut **tx)
        .await?;
        for key_id in it.keys {
            sqlx::query("INSERT INTO brake_key (change_number, key_id, stays) VALUES ($1, $2, 0)")
                .bind(it.change)
                .bind(key_id)
                .execute(&mut **tx)
                .await?;
        }
        Ok(())
    }

    /// A brake is off. False if it was.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn end_brake(&self, tx: &mut Tx<'_>, change: i64, at: Moment) -> Result<bool, Error> {
        let query = "UPDATE brake SET ended_at_ms = $1 WHERE change_number = $2 AND ended_at_ms IS NULL";
        let done = sqlx::query(query).bind(at.as_millisecond()).bind(change).execute(&mut **tx).await?;
        Ok(done.rows_affected() == 1)
    }

    /// A brake holds no key any more, and stays written down until its period is over.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn leave_brake(&self, tx: &mut Tx<'_>, change: i64) -> Result<(), Error> {
        let query = "UPDATE brake_key SET stays = 1 WHERE change_number = $1";
        sqlx::query(query).bind(change).execute(&mut **tx).await?;
        Ok(())
    }

    /// The brakes that are on, oldest first.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn brakes(&self) -> Result<Vec<BrakeRow>, Error> {
        let query = sqlx::query(
            "SELECT change_number, limit_id, period_ms, workspace_id, began_at_ms FROM brake
              WHERE ended_at_ms IS NULL ORDER BY change_number",
        );
        query.fetch_all(&self.reader).await?.iter().map(brake).collect()
    }

    /// The keys of a brake, and whether each is left as it is when the brake comes off: somebody had a say about it since.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn brake_keys(&self, change: i64) -> Result<Vec<(String, bool)>, Error> {
        let query = sqlx::query("SELECT key_id, stays FROM brake_key WHERE change_number = $1 ORDER BY key_id");
        let rows = query.bind(change).fetch_all(&self.reader).await?;
        rows.iter().map(|row| Ok((row.try_get("key_id")?, row.try_get::<i64, _>("stays")? != 0))).collect()
    }

    /// The brakes that hold a key: whoever switches it says that they no longer do.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn brakes_of_key(&self, key_id: &str) -> Result<Vec<i64>, Error> {
        let query = sqlx::query(
            "SELECT k.change_number FROM brake_key k JOIN brake b ON b.change_number = k.change_number
              WHERE k.key_id = $1 AND k.stays = 0 AND b.ended_at_ms IS NULL ORDER BY k.change_number",
        );
        let rows = query.bind(key_id).fetch_all(&self.reader).await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// Somebody had a say about a key: no brake that is on switches it on again, nor off.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn leave_to_people(&self, tx: &mut Tx<'_>, key_id: &str) -> Result<(), Error> {
        sqlx::query(
            "UPDATE brake_key SET stays = 1 WHERE key_id = $1
                AND change_number IN (SELECT change_number FROM brake WHERE ended_at_ms IS NULL)",
        )
        .bind(key_id)
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// No brake touches a key, for a reason.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn pin_key(&self, tx: &mut Tx<'_>, it: &PinRow, change: i64, at: Moment) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO pinned_key (key_id, reason, until_ms, change_number, since_ms) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (key_id) DO UPDATE SET reason = $2, until_ms = $3, change_number = $4, since_ms = $5",
        )
        .bind(&it.key_id)
        .bind(&it.reason)
        .bind(it.until.map(Moment::as_millisecond))
        .bind(change)
        .bind(at.as_millisecond())
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// The brake may touch a key again. False if it might before.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn unpin_key(&self, tx: &mut Tx<'_>, key_id: &str) -> Result<bool, Error> {
        let done = sqlx::query("DELETE FROM pinned_key WHERE key_id = $1").bind(key_id).execute(&mut **tx).await?;
        Ok(done.rows_affected() == 1)
    }

    /// The keys that no brake touches at `now`.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn pins(&self, now: Moment) -> Result<Vec<PinRow>, Error> {
        let query = sqlx::query(
            "SELECT key_id, reason, until_ms FROM pinned_key WHERE until_ms IS NULL OR until_ms > $1 ORDER BY key_id",
        );
        let rows = query.bind(now.as_millisecond()).fetch_all(&self.reader).await?;
        let read = |row: &AnyRow| -> Result<PinRow, Error> {
            let until = row.try_get::<Option<i64>, _>("until_ms")?.map(moment);
            Ok(PinRow { key_id: row.try_get("key_id")?, reason: row.try_get("reason")?, until })
        };
        rows.iter().map(read).collect()
    }
}

fn brake(row: &AnyRow) -> Result<BrakeRow, Error> {
    Ok(BrakeRow {
        change: row.try_get("change_number")?,
        limit: row.try_get("limit_id")?,
        period: moment(row.try_get("period_ms")?),
        workspace_id: row.try_get("workspace_id")?,
        since: moment(row.try_get("began_at_ms")?),
    })
}
