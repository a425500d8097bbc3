//! Looking changes up.

use sqlx::any::AnyRow;
use sqlx::{Executor, Row};

use super::change_row::{columns, read};
use super::{Error, Store, Tx};
use crate::clock::{Moment, moment};
use crate::domain::{Change, ChangeId, Kind, PersonId};

/// Which requests to list, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestFilter {
    /// Those that somebody asked for, also from an account that was joined to them later.
    AskedBy(PersonId),
    /// Those that wait for a decision.
    Waiting,
    /// All.
    All,
}

impl Store {
    /// The change with this id; none if there is none, or if its plan is another one.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn change(&self, id: &ChangeId) -> Result<Option<Change>, Error> {
        one(&self.reader, id).await
    }

    /// The same, as this transaction sees it.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn change_in(&self, tx: &mut Tx<'_>, id: &ChangeId) -> Result<Option<Change>, Error> {
        one(&mut **tx, id).await
    }

    /// The last change of this kind about this subject that was made; none if there is none.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn last_made(&self, kind: Kind, subject: &str) -> Result<Option<Change>, Error> {
        let query = sqlx::query(
            "SELECT number FROM change WHERE kind = $1 AND subject = $2 AND state IN ('applied', 'undone') ORDER BY number DESC LIMIT 1",
        );
        let found = query.bind(kind.as_str()).bind(subject).fetch_optional(&self.reader).await?;
        match found {
            Some(row) => self.change_numbered(row.try_get(0)?).await,
            None => Ok(None),
        }
    }

    /// The change with this number.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn change_numbered(&self, number: i64) -> Result<Option<Change>, Error> {
        let query = sqlx::query(concat!("SELECT ", columns!(), " FROM change WHERE number = $1"));
        query.bind(number).fetch_optional(&self.reader).await?.as_ref().map(read).transpose()
    }

    /// The open change of this kind about this subject.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn open_change(&self, kind: Kind, subject: &str) -> Result<Option<Change>, Error> {
        let query = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM change WHERE kind = $1 AND subject = $2 AND state IN ('waiting', 'approved', 'applying')"
        ));
        query.bind(kind.as_str()).bind(subject).fetch_optional(&self.reader).await?.as_ref().map(read).transpose()
    }

    /// True if somebody ever asked for a change of this kind about this subject, whatever became of it.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn was_asked(&self, kind: Kind, subject: &str) -> Result<bool, Error> {
        let query = sqlx::query("SELECT COUNT(*) FROM change WHERE kind = $1 AND subject = $2");
        let row = query.bind(kind.as_str()).bind(subject).fetch_one(&self.reader).await?;
        Ok(row.try_get::<i64, _>(0)? > 0)
    }

    /// The newest change of this kind about this subject that was applied.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn applied_change(&self, kind: Kind, subject: &str) -> Result<Option<Change>, Error> {
        let query = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM change WHERE kind = $1 AND subject = $2 AND state = 'applied' ORDER BY number DESC LIMIT 1"
        ));
        query.bind(kind.as_str()).bind(subject).fetch_optional(&self.reader).await?.as_ref().map(read).transpose()
    }

    /// Requests, newest first.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn requests(&self, filter: &RequestFilter, limit: i64) -> Result<Vec<Change>, Error> {
        let rows = match filter {
            RequestFilter::AskedBy(person) => {
                let query = sqlx::query(concat!(
                    "SELECT ",
                    columns!(),
                    " FROM change WHERE asked_by = $1 OR asker_account IN
                        (SELECT account FROM link WHERE person_id = $1 AND state = 'active') ORDER BY number DESC LIMIT $2"
                ));
                query.bind(person.as_str()).bind(limit).fetch_all(&self.reader).await?
            }
            RequestFilter::Waiting => {
                let query = sqlx::query(concat!(
                    "SELECT ",
                    columns!(),
                    " FROM change WHERE state = 'waiting' ORDER BY number DESC LIMIT $1"
                ));
                query.bind(limit).fetch_all(&self.reader).await?
            }
            RequestFilter::All => {
                let query = sqlx::query(concat!("SELECT ", columns!(), " FROM change ORDER BY number DESC LIMIT $1"));
                query.bind(limit).fetch_all(&self.reader).await?
            }
        };
        rows.iter().map(read).collect()
    }

    /// How many requests of somebody wait for a decision.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn waiting_of(&self, person: &PersonId) -> Result<i64, Error> {
        let query = sqlx::query(
            "SELECT COUNT(*) FROM change WHERE state = 'waiting' AND (asked_by = $1 OR asker_account IN
                (SELECT account FROM link WHERE person_id = $1 AND state = 'active'))",
        );
        Ok(query.bind(person.as_str()).fetch_one(&self.reader).await?.try_get(0)?)
    }

    /// How many changes of a kind somebody asked for after `since` and that went through or may yet; only those with a number
    /// below `before`.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn asked_since(
        &self,
        person: &PersonId,
        kind: Kind,
        (since, before): (Moment, i64),
    ) -> Result<i64, Error> {
        let query = sqlx::query(
            "SELECT COUNT(*) FROM change WHERE asked_by = $1 AND kind = $2 AND asked_at_ms > $3 AND number < $4
                AND state IN ('waiting', 'approved', 'applying', 'applied', 'undone')",
        )
        .bind(person.as_str())
        .bind(kind.as_str())
        .bind(since.as_millisecond())
        .bind(before);
        Ok(query.fetch_one(&self.reader).await?.try_get(0)?)
    }

    /// True if the trail says that this change came to its end, whatever its row says: somebody who put the row back to an
    /// earlier state does not have it made again.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn was_settled(&self, change: &Change) -> Result<bool, Error> {
        let row = sqlx::query(
            "SELECT COUNT(*) FROM audit WHERE about = $1
                AND action IN (CAST($2 AS TEXT) || '.applied', CAST($2 AS TEXT) || '.failed', CAST($2 AS TEXT) || '.denied',
                               CAST($2 AS TEXT) || '.expired', CAST($2 AS TEXT) || '.withdrawn', CAST($2 AS TEXT) || '.lapsed')",
        )
        .bind(change.id.to_string())
        .bind(change.asked.kind.as_str())
        .fetch_one(&self.reader)
        .await?;
        Ok(row.try_get::<i64, _>(0)? > 0)
    }

    /// When the trail says that a call of a change was begun first; none if never, whatever its row says.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn begun_at(&self, change: &Change, position: i64) -> Result<Option<Moment>, Error> {
        let row = sqlx::query(
            "SELECT MIN(at_ms) FROM audit WHERE about = $1 AND action = CAST($2 AS TEXT) || '.sending' AND detail LIKE $3",
        )
        .bind(change.id.to_string())
        .bind(change.asked.kind.as_str())
        .bind(format!("{{\"call\":{position},%"))
        .fetch_one(&self.reader)
        .await?;
        Ok(row.try_get::<Option<i64>, _>(0)?.map(moment))
    }

    /// Waiting changes whose time is over at `now`.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn expired_changes(&self, now: Moment) -> Result<Vec<Change>, Error> {
        let query = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM change WHERE state = 'waiting' AND expires_at_ms <= $1 ORDER BY number LIMIT 500"
        ));
        query.bind(now.as_millisecond()).fetch_all(&self.reader).await?.iter().map(read).collect()
    }

    /// Waiting changes whose approvers are to be reminded at `now`.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn changes_to_remind(&self, now: Moment) -> Result<Vec<Change>, Error> {
        let query = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM change WHERE state = 'waiting' AND remind_at_ms <= $1 AND expires_at_ms > $1 ORDER BY number LIMIT 500"
        ));
        query.bind(now.as_millisecond()).fetch_all(&self.reader).await?.iter().map(read).collect()
    }

    /// Decided changes that nobody works on at `now`.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn changes_to_apply(&self, now: Moment) -> Result<Vec<Change>, Error> {
        let query = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM change WHERE state IN ('approved', 'applying') AND (held_until_ms IS NULL OR held_until_ms < $1)
               AND (retry_at_ms IS NULL OR retry_at_ms <= $1) ORDER BY number LIMIT 500"
        ));
        query.bind(now.as_millisecond()).fetch_all(&self.reader).await?.iter().map(read).collect()
    }

    /// Those of them that may take access away, by their kind.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn revocations_to_apply(&self, now: Moment) -> Result<Vec<Change>, Error> {
        let query = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM change WHERE state IN ('approved', 'applying') AND (held_until_ms IS NULL OR held_until_ms < $1)
               AND (retry_at_ms IS NULL OR retry_at_ms <= $1)
               AND kind IN ('key.status', 'member.remove', 'member.freeze', 'invite.withdraw', 'workspace.member')
             ORDER BY number LIMIT 500"
        ));
        query.bind(now.as_millisecond()).fetch_all(&self.reader).await?.iter().map(read).collect()
    }

    /// When the next waiting change expires or is to be reminded of, or the next decided one can be taken up: once nobody
    /// holds it any more and its pause is over.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn next_change_moment(&self) -> Result<Option<Moment>, Error> {
        let row = sqlx::query(
            "SELECT MIN(due) FROM (
                SELECT MIN(expires_at_ms) AS due FROM change WHERE state = 'waiting'
                UNION ALL SELECT MIN(remind_at_ms) FROM change WHERE state = 'waiting'
                UNION ALL SELECT MIN(CASE WHEN held_until_ms >= COALESCE(retry_at_ms, 0) THEN held_until_ms + 1
                                          ELSE COALESCE(retry_at_ms, 0) END)
                            FROM change WHERE state IN ('approved', 'applying')
             ) moments",
        )
        .fetch_one(&self.reader)
        .await?;
        Ok(row.try_get::<Option<i64>, _>(0)?.map(moment))
    }

    /// How many changes are in each state, for the metrics.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn changes_by_state(&self) -> Result<Vec<(String, i64)>, Error> {
        let rows = sqlx::query("SELECT state, COUNT(*) FROM change GROUP BY state ORDER BY state")
            .fetch_all(&self.reader)
            .await?;
        rows.iter().map(|row: &AnyRow| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }
}

async fn one<'e>(from: impl Executor<'e, Database = sqlx::Any>, id: &ChangeId) -> Result<Option<Change>, Error> {
    let query = sqlx::query(concat!("SELECT ", columns!(), " FROM change WHERE id = $1"));
    query.bind(id.to_string()).fetch_optional(from).await?.as_ref().map(read).transpose()
}
