//! Linked people who seem to have left.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Error, Store, Tx};
use crate::clock::{Moment, moment};
use crate::domain::{Leaver, LeaverSign, LeaverState, PersonId};

impl Store {
    /// Everybody who seems to have left, while a chat account of theirs counts here or they are a member still: whose account
    /// the chat calls deactivated or somebody else's, and whoever is no member any more without Steward having removed them.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn who_seems_to_have_left(&self) -> Result<Vec<Leaver>, Error> {
        let query = sqlx::query(
            r#"SELECT p.id, p.name, m.email, p.member_id, CASE WHEN m.gone_at_ms IS NULL THEN 'account' ELSE 'member' END,
                    l.account, 'open', NULL, NULL
               FROM link l JOIN person p ON p.id = l.person_id JOIN member m ON m.id = p.member_id
               LEFT JOIN standing s ON s.account = l.account
              WHERE l.state = 'active' AND l.platform <> 'operator'
                AND (s.kind IN ('deactivated', 'outsider') OR (m.gone_at_ms IS NOT NULL AND NOT EXISTS (
                    SELECT 1 FROM effect e WHERE e.state = 'done' AND e.body LIKE '{"effect":"remove_user"%'
                       AND e.body LIKE '%"' || m.id || '"%')))
              ORDER BY p.id, l.account"#,
        );
        let mut found: Vec<Leaver> =
            query.fetch_all(&self.reader).await?.iter().map(leaver).collect::<Result<_, Error>>()?;
        found.dedup_by(|one, other| one.person == other.person);
        Ok(found)
    }

    /// Everybody of whom it was told.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn leavers(&self) -> Result<Vec<Leaver>, Error> {
        let query = sqlx::query(
            "SELECT p.id, p.name, m.email, p.member_id, v.why, v.account, v.state, v.settled_by, v.later_until_ms
               FROM leaver v JOIN person p ON p.id = v.person_id LEFT JOIN member m ON m.id = p.member_id ORDER BY p.id",
        );
        query.fetch_all(&self.reader).await?.iter().map(leaver).collect()
    }

    /// One of them.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn leaver(&self, person: &PersonId) -> Result<Option<Leaver>, Error> {
        Ok(self.leavers().await?.into_iter().find(|it| it.person == *person))
    }

    /// Writes down that it is told of somebody, in the caller's transaction.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn find_leaver(&self, tx: &mut Tx<'_>, it: &Leaver, at: Moment) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO leaver (person_id, why, account, state, found_at_ms) VALUES ($1, $2, $3, 'open', $4)
             ON CONFLICT (person_id) DO UPDATE SET why = $2, account = $3, state = 'open', found_at_ms = $4,
                 settled_at_ms = NULL, settled_by = NULL, later_until_ms = NULL",
        )
        .bind(&it.person.0)
        .bind(it.sign.as_str())
        .bind(it.account.to_string())
        .bind(at.as_millisecond())
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// Says where it stands. False if somebody was faster.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn settle_leaver(
        &self,
        tx: &mut Tx<'_>,
        person: &PersonId,
        (to, until): (LeaverState, Option<Moment>),
        (by, at): (&str, Moment),
    ) -> Result<bool, Error> {
        let done = sqlx::query(
            "UPDATE leaver SET state = $1, later_until_ms = $2, settled_by = $3, settled_at_ms = $4
              WHERE person_id = $5 AND state <> 'over' AND state <> $1",
        )
        .bind(to.as_str())
        .bind(until.map(Moment::as_millisecond))
        .bind(by)
        .bind(at.as_millisecond())
        .bind(&person.0)
        .execute(&mut **tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }
}

fn leaver(row: &AnyRow) -> Result<Leaver, Error> {
    Ok(Leaver {
        person: PersonId(row.try_get(0)?),
        name: row.try_get(1)?,
        email: row.try_get(2)?,
        member: row.try_get(3)?,
        sign: LeaverSign::stored(row.try_get(4)?).ok_or(Error::Corrupt("leaver.why"))?,
        account: row.try_get::<String, _>(5)?.parse().map_err(|_| Error::Corrupt("leaver.account"))?,
        state: LeaverState::stored(row.try_get(6)?).ok_or(Error::Corrupt("leaver.state"))?,
        settled_by: row.try_get(7)?,
        later_until: row.try_get::<Option<i64>, _>(8)?.map(moment),
    })
}
