//! What was said, once. The row is the de-duplication: whoever cannot insert it was not first.

use sqlx::Row;

use super::{Error, Store};
use crate::chat::{Account, InvocationId};
use crate::clock::Moment;

/// Something that was said, as far as it is kept: no free text.
#[derive(Clone, Debug)]
pub struct NewInvocation<'a> {
    /// The delivery and the act.
    pub id: &'a InvocationId,
    /// Who.
    pub who: &'a Account,
    /// Which command, by its path in the grammar: `invite`, `request approve`.
    pub verb: &'a str,
    /// Where.
    pub place: &'a str,
    /// When.
    pub at: Moment,
}

/// Whether this was the first delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It was: serve it.
    First,
    /// It was served, or is being served.
    Again,
}

impl Store {
    /// Keeps an invocation, unless its delivery or its act was kept before.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn hear(&self, new: &NewInvocation<'_>) -> Result<Heard, Error> {
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "INSERT INTO invocation (delivery, logical, account, verb, place, at_ms)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        )
        .bind(&new.id.delivery)
        .bind(&new.id.logical)
        .bind(new.who.to_string())
        .bind(new.verb)
        .bind(new.place)
        .bind(new.at.as_millisecond())
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(if done.rows_affected() == 1 { Heard::First } else { Heard::Again })
    }

    /// Closes an invocation with its outcome.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn close_invocation(&self, id: &InvocationId, outcome: &str, at: Moment) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "UPDATE invocation SET closed_at_ms = $1, outcome = $2 WHERE delivery = $3 AND closed_at_ms IS NULL",
        )
        .bind(at.as_millisecond())
        .bind(outcome)
        .bind(&id.delivery)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// How many invocations were never closed, and how many there are.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn invocations(&self) -> Result<(i64, i64), Error> {
        let row = sqlx::query("SELECT COUNT(*) - COUNT(closed_at_ms), COUNT(*) FROM invocation")
            .fetch_one(&self.reader)
            .await?;
        Ok((row.try_get(0)?, row.try_get(1)?))
    }

    /// When somebody last did something from an account whose reference begins so, such as `slack:`.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn last_heard_from(&self, platform: &str) -> Result<Option<Moment>, Error> {
        let query = sqlx::query("SELECT MAX(at_ms) FROM invocation WHERE account LIKE $1 || '%'");
        let row = query.bind(platform).fetch_one(&self.reader).await?;
        Ok(row.try_get::<Option<i64>, _>(0)?.map(crate::clock::moment))
    }

    /// Forgets invocations older than `before`: platforms repeat within minutes, not days.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn forget_invocations(&self, before: Moment) -> Result<u64, Error> {
        let mut tx = self.begin().await?;
        let done = sqlx::query("DELETE FROM invocation WHERE at_ms < $1")
            .bind(before.as_millisecond())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }
}
