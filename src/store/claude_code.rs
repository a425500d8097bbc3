//! What members used of Claude Code by subscription: on no bill, and told beside what was spent.

use std::collections::BTreeMap;

use sqlx::Row;

use super::{Error, Store, Tx};
use crate::clock::Moment;
use crate::domain::{Amount, Scope};

/// What was used by subscription.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SeatUse {
    /// Tokens of every class.
    pub tokens: i64,
    /// What they would come to at list prices.
    pub amount: Amount,
}

impl Store {
    /// Writes what was used on the UTC day that begins at `day`, by address and model, in place of what was known of it.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn put_seat_use(
        &self,
        tx: &mut Tx<'_>,
        day: Moment,
        used: &BTreeMap<(String, String), SeatUse>,
    ) -> Result<(), Error> {
        let day = day.as_millisecond();
        sqlx::query("DELETE FROM claude_code_day WHERE day_ms = $1").bind(day).execute(&mut **tx).await?;
        for ((email, model), it) in used {
            sqlx::query(
                "INSERT INTO claude_code_day (day_ms, email, model, tokens, amount) VALUES ($1, $2, $3, $4, $5)",
            )
            .bind(day)
            .bind(email.to_lowercase())
            .bind(model)
            .bind(it.tokens)
            .bind(it.amount.0)
            .execute(&mut **tx)
            .await?;
        }
        Ok(())
    }

    /// What a person, or the whole organization, used by subscription on the UTC days that begin from one moment to before another.
    /// None where nobody did, and of every other scope, of which nobody knows it.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn seat_use(&self, scope: &Scope, (from, to): (Moment, Moment)) -> Result<Option<SeatUse>, Error> {
        let query = match scope {
            Scope::Organization => sqlx::query(
                "SELECT CAST(SUM(tokens) AS BIGINT), CAST(SUM(amount) AS BIGINT) FROM claude_code_day
                  WHERE day_ms >= $1 AND day_ms < $2",
            ),
            Scope::Person(_) => sqlx::query(
                "SELECT CAST(SUM(tokens) AS BIGINT), CAST(SUM(amount) AS BIGINT) FROM claude_code_day
                  WHERE day_ms >= $1 AND day_ms < $2 AND email IN
                    (SELECT LOWER(m.email) FROM member m LEFT JOIN person p ON p.member_id = m.id WHERE m.id = $3 OR p.id = $3)",
            ),
            Scope::Workspace(_) | Scope::Key(_) | Scope::Model(_) | Scope::Tag(_) => return Ok(None),
        };
        let mut query = query.bind(from.as_millisecond()).bind(to.as_millisecond());
        if let Scope::Person(id) = scope {
            query = query.bind(id);
        }
        let row = query.fetch_one(&self.reader).await?;
        let tokens: Option<i64> = row.try_get(0)?;
        let amount: Option<i64> = row.try_get(1)?;
        Ok(tokens.zip(amount).map(|(tokens, amount)| SeatUse { tokens, amount: Amount(amount) }))
    }
}
