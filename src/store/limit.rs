//! Limits that were set in chat, what is on top of them, and until when nothing is told of them.

use std::collections::BTreeMap;

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Error, Store, Tx};
use crate::clock::{Moment, moment};
use crate::domain::{Amount, Brake, LimitId, LimitTerms, Per, PersonId, Raise, Scope};

/// A limit that was set in chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitRow {
    /// All of it.
    pub terms: LimitTerms,
    /// Whoever set it.
    pub owner: PersonId,
    /// The change, by number.
    pub change: i64,
    /// Since when.
    pub since: Moment,
}

/// How a limit is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Watched {
    pub(super) since: Moment,
    pub(super) quiet_until: Option<Moment>,
}

impl Store {
    /// The limit that was set in chat.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn limit_row(&self, id: &LimitId) -> Result<Option<LimitRow>, Error> {
        let query = sqlx::query(
            "SELECT scope, per, amount_microcents, brake, owner_id, change_number, since_ms FROM spend_limit WHERE id = $1",
        );
        query.bind(id.to_string()).fetch_optional(&self.reader).await?.as_ref().map(limit).transpose()
    }

    /// All limits that were set in chat, oldest first.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn limit_rows(&self) -> Result<Vec<LimitRow>, Error> {
        let query = sqlx::query(
            "SELECT scope, per, amount_microcents, brake, owner_id, change_number, since_ms FROM spend_limit ORDER BY since_ms, id",
        );
        query.fetch_all(&self.reader).await?.iter().map(limit).collect()
    }

    /// Sets a limit, in place of what it was.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn set_limit(&self, tx: &mut Tx<'_>, it: &LimitRow) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO spend_limit (id, scope, per, amount_microcents, brake, owner_id, change_number, since_ms)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (id) DO UPDATE SET amount_microcents = $4, brake = $5, owner_id = $6, change_number = $7, since_ms = $8",
        )
        .bind(it.terms.id().to_string())
        .bind(it.terms.scope.to_string())
        .bind(it.terms.per.as_str())
        .bind(it.terms.amount.0)
        .bind(it.terms.brake.as_str())
        .bind(it.owner.as_str())
        .bind(it.change)
        .bind(it.since.as_millisecond())
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// Removes a limit, and what is on top of it. False if there is none.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn remove_limit(&self, tx: &mut Tx<'_>, id: &LimitId) -> Result<bool, Error> {
        let id = id.to_string();
        let done = sqlx::query("DELETE FROM spend_limit WHERE id = $1").bind(&id).execute(&mut **tx).await?;
        for query in ["DELETE FROM limit_raise WHERE limit_id = $1", "DELETE FROM limit_watch WHERE limit_id = $1"] {
            sqlx::query(query).bind(&id).execute(&mut **tx).await?;
        }
        Ok(done.rows_affected() == 1)
    }

    /// Puts something on top of a limit, since `at`.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn raise_limit(
        &self,
        tx: &mut Tx<'_>,
        (id, change): (&LimitId, i64),
        raise: Raise,
        at: Moment,
    ) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO limit_raise (change_number, limit_id, by_microcents, since_ms, until_ms) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(change)
        .bind(id.to_string())
        .bind(raise.by.0)
        .bind(at.as_millisecond())
        .bind(raise.until.as_millisecond())
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// Ends before its time what a change put on top of a limit. False if it has ended.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn end_raise(&self, tx: &mut Tx<'_>, change: i64, at: Moment) -> Result<bool, Error> {
        let query = "UPDATE limit_raise SET until_ms = $1 WHERE change_number = $2 AND until_ms > $1";
        let done = sqlx::query(query).bind(at.as_millisecond()).bind(change).execute(&mut **tx).await?;
        Ok(done.rows_affected() == 1)
    }

    /// What is, or was, on top of limits, by the limit.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn raises(&self) -> Result<BTreeMap<String, Vec<Raise>>, Error> {
        let query = sqlx::query("SELECT limit_id, by_microcents, until_ms FROM limit_raise ORDER BY change_number");
        let mut raises: BTreeMap<String, Vec<Raise>> = BTreeMap::new();
        for row in query.fetch_all(&self.reader).await? {
            let raise = Raise { by: Amount(row.try_get("by_microcents")?), until: moment(row.try_get("until_ms")?) };
            raises.entry(row.try_get("limit_id")?).or_default().push(raise);
        }
        Ok(raises)
    }

    /// A limit is watched from `at` on, unless it was before.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn watch_limit(&self, tx: &mut Tx<'_>, id: &LimitId, at: Moment) -> Result<(), Error> {
        let query = "INSERT INTO limit_watch (limit_id, since_ms) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        sqlx::query(query).bind(id.to_string()).bind(at.as_millisecond()).execute(&mut **tx).await?;
        Ok(())
    }

    /// Nothing is told of a limit before `until`; none: it is told again.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn quiet_limit(
        &self,
        tx: &mut Tx<'_>,
        id: &LimitId,
        until: Option<Moment>,
        at: Moment,
    ) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO limit_watch (limit_id, since_ms, quiet_until_ms) VALUES ($1, $2, $3)
             ON CONFLICT (limit_id) DO UPDATE SET quiet_until_ms = $3",
        )
        .bind(id.to_string())
        .bind(at.as_millisecond())
        .bind(until.map(Moment::as_millisecond))
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    pub(super) async fn watched(&self) -> Result<BTreeMap<String, Watched>, Error> {
        let rows = sqlx::query("SELECT limit_id, since_ms, quiet_until_ms FROM limit_watch").fetch_all(&self.reader);
        let read = |row: &AnyRow| -> Result<(String, Watched), Error> {
            let quiet_until = row.try_get::<Option<i64>, _>("quiet_until_ms")?.map(moment);
            Ok((row.try_get("limit_id")?, Watched { since: moment(row.try_get("since_ms")?), quiet_until }))
        };
        rows.await?.iter().map(read).collect()
    }
}

fn limit(row: &AnyRow) -> Result<LimitRow, Error> {
    let (scope, per, brake): (String, String, String) =
        (row.try_get("scope")?, row.try_get("per")?, row.try_get("brake")?);
    let scope: Scope = scope.parse().map_err(|_| Error::Corrupt("spend_limit.scope"))?;
    let per = Per::named(&per).ok_or(Error::Corrupt("spend_limit.per"))?;
    let brake = Brake::named(&brake).ok_or(Error::Corrupt("spend_limit.brake"))?;
    Ok(LimitRow {
        terms: LimitTerms { scope, per, amount: Amount(row.try_get("amount_microcents")?), brake },
        owner: PersonId(row.try_get("owner_id")?),
        change: row.try_get("change_number")?,
        since: moment(row.try_get("since_ms")?),
    })
}
