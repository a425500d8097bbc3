//! The ledger: one row per call, written before the call is made.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Error, Hold, Store, Tx};
use crate::clock::{Moment, moment};

/// Where a call stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EffectState {
    /// Not begun.
    Planned,
    /// Begun: it may have reached the organization.
    Sending,
    /// Done, and seen to be done.
    Done,
    /// Refused.
    Failed,
    /// Somebody has to look: the world does not allow to tell whether it was done.
    Parked,
}

impl EffectState {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Planned, "planned"),
        (Self::Sending, "sending"),
        (Self::Done, "done"),
        (Self::Failed, "failed"),
        (Self::Parked, "parked"),
    ];

    fn as_str(self) -> &'static str {
        Self::ALL.into_iter().find(|(state, _)| *state == self).map_or("parked", |(_, text)| text)
    }
}

/// One call of a change.
#[derive(Clone, Debug)]
pub struct EffectRow {
    /// Its place in the order, from 0.
    pub position: i64,
    /// The call, as JSON.
    pub body: String,
    /// Where it stands.
    pub state: EffectState,
    /// How often it was begun.
    pub attempts: i64,
    /// When it was begun first: what was done since then may be ours.
    pub intended_at: Option<Moment>,
    /// What came back, as JSON.
    pub result: Option<String>,
    /// What is wrong, in a code.
    pub trouble: Option<String>,
}

impl Store {
    /// Writes the calls of a change, in order, none begun.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn plan_effects(&self, tx: &mut Tx<'_>, number: i64, bodies: &[String]) -> Result<(), Error> {
        for (position, body) in (0_i64..).zip(bodies) {
            sqlx::query("INSERT INTO effect (change_number, position, body, state, attempts, fence) VALUES ($1, $2, $3, 'planned', 0, 0)")
                .bind(number)
                .bind(position)
                .bind(body)
                .execute(&mut **tx)
                .await?;
        }
        Ok(())
    }

    /// The calls of a change, in order.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn effects(&self, number: i64) -> Result<Vec<EffectRow>, Error> {
        let rows = sqlx::query(
            "SELECT position, body, state, attempts, intended_at_ms, result, trouble FROM effect WHERE change_number = $1 ORDER BY position",
        )
        .bind(number)
        .fetch_all(&self.reader)
        .await?;
        let effect = |row: &AnyRow| {
            let state: String = row.try_get("state")?;
            let known =
                EffectState::ALL.into_iter().find(|(_, text)| *text == state).ok_or(Error::Corrupt("effect.state"))?;
            Ok(EffectRow {
                position: row.try_get("position")?,
                body: row.try_get("body")?,
                state: known.0,
                attempts: row.try_get("attempts")?,
                intended_at: row.try_get::<Option<i64>, _>("intended_at_ms")?.map(moment),
                result: row.try_get("result")?,
                trouble: row.try_get("trouble")?,
            })
        };
        rows.iter().map(effect).collect()
    }

    /// Writes down that a call is about to be made. The first intention's time is kept through repetitions.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn intend(&self, tx: &mut Tx<'_>, hold: Hold, position: i64, at: Moment) -> Result<bool, Error> {
        let done = sqlx::query(
            "UPDATE effect SET state = 'sending', attempts = attempts + 1, fence = $1, intended_at_ms = COALESCE(intended_at_ms, $2)
              WHERE change_number = $3 AND position = $4 AND state IN ('planned', 'sending') AND fence <= $1",
        )
        .bind(hold.fence)
        .bind(at.as_millisecond())
        .bind(hold.number)
        .bind(position)
        .execute(&mut **tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Writes down how a call ended, if the hold with this fence is the one that made it.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn finish_effect(
        &self,
        tx: &mut Tx<'_>,
        hold: Hold,
        ended: &EffectRow,
        at: Moment,
    ) -> Result<bool, Error> {
        let done = sqlx::query(
            "UPDATE effect SET state = $1, result = $2, trouble = $3, done_at_ms = $4
              WHERE change_number = $5 AND position = $6 AND fence <= $7 AND state IN ('planned', 'sending', 'parked')",
        )
        .bind(ended.state.as_str())
        .bind(ended.result.as_deref())
        .bind(ended.trouble.as_deref())
        .bind(at.as_millisecond())
        .bind(hold.number)
        .bind(ended.position)
        .bind(hold.fence)
        .execute(&mut **tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// How many calls are parked or were begun and not ended.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn unsettled_effects(&self) -> Result<(i64, i64), Error> {
        let row = sqlx::query(
            "SELECT COUNT(CASE WHEN state = 'parked' THEN 1 END), COUNT(CASE WHEN state = 'sending' THEN 1 END)
               FROM effect WHERE state IN ('parked', 'sending')",
        )
        .fetch_one(&self.reader)
        .await?;
        Ok((row.try_get(0)?, row.try_get(1)?))
    }
}
