//! Where a key stands between its replacement and its end, and what its owner said of it.

use std::collections::BTreeMap;

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Error, Store, Tx};
use crate::clock::{Moment, moment};

/// What became of one key so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyLife {
    /// The key that was issued in its place.
    pub next: Option<String>,
    /// When its owner saw that one.
    pub replaced_at: Option<Moment>,
    /// When it was switched off to be archived later.
    pub off_at: Option<Moment>,
    /// Its owner goes on with it until then, used or not.
    pub keep_until: Option<Moment>,
    /// When its owner was asked whether it is still needed.
    pub asked_at: Option<Moment>,
}

impl Store {
    /// What became of a key.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn key_life(&self, key_id: &str) -> Result<KeyLife, Error> {
        let query = sqlx::query(
            "SELECT key_id, next_key_id, replaced_at_ms, off_at_ms, keep_until_ms, asked_at_ms FROM key_life WHERE key_id = $1",
        );
        let row = query.bind(key_id).fetch_optional(&self.reader).await?;
        Ok(row.as_ref().map(read).transpose()?.unwrap_or_default())
    }

    /// What became of all keys of which there is something to say.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn key_lives(&self) -> Result<BTreeMap<String, KeyLife>, Error> {
        let query = sqlx::query(
            "SELECT key_id, next_key_id, replaced_at_ms, off_at_ms, keep_until_ms, asked_at_ms FROM key_life",
        );
        let rows = query.fetch_all(&self.reader).await?;
        rows.iter().map(|row| Ok((row.try_get("key_id")?, read(row)?))).collect()
    }

    /// The key that this one was issued in place of, as long as that one works.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn replaces(&self, key_id: &str) -> Result<Option<String>, Error> {
        let query = sqlx::query(
            "SELECT l.key_id FROM key_life l JOIN api_key k ON k.id = l.key_id
              WHERE l.next_key_id = $1 AND k.status = 'active' AND k.gone_at_ms IS NULL",
        );
        Ok(query.bind(key_id).fetch_optional(&self.reader).await?.map(|row| row.try_get(0)).transpose()?)
    }

    /// Another key was issued in its place, and its owner has seen that one.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn key_replaced(&self, tx: &mut Tx<'_>, (old, new): (&str, &str), at: Moment) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO key_life (key_id, next_key_id, replaced_at_ms) VALUES ($1, $2, $3)
             ON CONFLICT (key_id) DO UPDATE SET next_key_id = $2, replaced_at_ms = $3",
        )
        .bind(old)
        .bind(new)
        .bind(at.as_millisecond())
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// It was switched off to be archived later.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn key_retired(&self, tx: &mut Tx<'_>, key_id: &str, at: Moment) -> Result<(), Error> {
        let query = "INSERT INTO key_life (key_id, off_at_ms) VALUES ($1, $2)
                     ON CONFLICT (key_id) DO UPDATE SET off_at_ms = $2, asked_at_ms = NULL";
        sqlx::query(query).bind(key_id).bind(at.as_millisecond()).execute(&mut **tx).await?;
        Ok(())
    }

    /// Its owner goes on with it until then; if it was switched off to be archived, it no longer is.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn key_kept(&self, tx: &mut Tx<'_>, key_id: &str, until: Moment) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO key_life (key_id, keep_until_ms) VALUES ($1, $2)
             ON CONFLICT (key_id) DO UPDATE SET keep_until_ms = $2, off_at_ms = NULL, asked_at_ms = NULL",
        )
        .bind(key_id)
        .bind(until.as_millisecond())
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// Its owner is asked whether it is still needed. False if they were.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn key_doubted(&self, tx: &mut Tx<'_>, key_id: &str, at: Moment) -> Result<bool, Error> {
        let done = sqlx::query(
            "INSERT INTO key_life (key_id, asked_at_ms) VALUES ($1, $2)
             ON CONFLICT (key_id) DO UPDATE SET asked_at_ms = $2 WHERE key_life.asked_at_ms IS NULL",
        )
        .bind(key_id)
        .bind(at.as_millisecond())
        .execute(&mut **tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// It was used after all: nobody has to answer.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn key_in_use(&self, tx: &mut Tx<'_>, key_id: &str) -> Result<(), Error> {
        sqlx::query("UPDATE key_life SET asked_at_ms = NULL WHERE key_id = $1").bind(key_id).execute(&mut **tx).await?;
        Ok(())
    }
}

fn read(row: &AnyRow) -> Result<KeyLife, Error> {
    let at = |name: &str| -> Result<Option<Moment>, Error> { Ok(row.try_get::<Option<i64>, _>(name)?.map(moment)) };
    Ok(KeyLife {
        next: row.try_get("next_key_id")?,
        replaced_at: at("replaced_at_ms")?,
        off_at: at("off_at_ms")?,
        keep_until: at("keep_until_ms")?,
        asked_at: at("asked_at_ms")?,
    })
}
