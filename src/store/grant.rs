//! Grants: what somebody may beyond their roles. A row counts only as it was written; that it ended, the trail knows as well.

use serde_json::{Value, json};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Error, Store, Tx};
use crate::chat::Account;
use crate::clock::{Moment, moment};
use crate::domain::{Called, ChangeId, Day, Grant, GrantTerms, PersonId, Within};

/// How something that was given ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Somebody took it back.
    Revoked,
    /// Its last day was over.
    Expired,
}

impl Ended {
    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::Expired => "expired",
        }
    }
}

/// A grant as it is kept, for whoever looks after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptGrant {
    /// The grant.
    pub grant: Grant,
    /// How many reminders it has had.
    pub told: i64,
}

macro_rules! columns {
    () => {
        "g.number, g.change_id, g.person_id, p.name AS holder, g.permission, g.workspace_id, g.workspace, w.name AS workspace_now,
         g.until_day, g.until_ms, g.given_by, g.given_at_ms, g.ended, g.ended_at_ms, g.told, g.mac,
         (SELECT COUNT(*) FROM audit a WHERE a.action = 'grant.ended' AND a.about = 'G' || CAST(g.number AS TEXT)) AS ends
           FROM granted g JOIN person p ON p.id = g.person_id
           LEFT JOIN workspace w ON w.id = g.workspace_id AND w.gone_at_ms IS NULL"
    };
}

/// A row, and whether it counts for anything.
struct Read {
    kept: KeptGrant,
    /// It is as this Steward wrote it, and neither the row nor the trail says that it ended.
    is_open: bool,
    is_genuine: bool,
}

impl Store {
    /// Writes a new grant. Answers its number.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn give_grant(
        &self,
        tx: &mut Tx<'_>,
        terms: &GrantTerms,
        (change, given_by): (&ChangeId, &Account),
        at: Moment,
    ) -> Result<i64, Error> {
        let number = Self::count(tx, "grant").await?;
        let grant =
            Grant { number, change: change.clone(), terms: terms.clone(), given_by: given_by.clone(), given_at: at };
        sqlx::query(
            "INSERT INTO granted (number, change_id, person_id, permission, workspace_id, workspace, until_day, until_ms,
                                  given_by, given_at_ms, told, mac)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11)",
        )
        .bind(number)
        .bind(change.to_string())
        .bind(terms.holder.id.as_str())
        .bind(terms.permission.as_str())
        .bind(terms.within.as_ref().map(|it| it.id.clone()))
        .bind(terms.within.as_ref().map(|it| it.name.clone()))
        .bind(terms.until.map(|it| it.day.to_string()))
        .bind(terms.until.map(|it| it.at.as_millisecond()))
        .bind(given_by.to_string())
        .bind(at.as_millisecond())
        .bind(self.fingerprint(&covered(&grant, terms.within.as_ref(), None)))
        .execute(&mut **tx)
        .await?;
        Ok(number)
    }

    /// Ends a grant that is still open. False if it is not, or if its row is not as this Steward wrote it.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn end_grant(&self, tx: &mut Tx<'_>, number: i64, how: Ended, at: Moment) -> Result<bool, Error> {
        let query = sqlx::query(concat!("SELECT ", columns!(), " WHERE g.number = $1"));
        let Some(row) = query.bind(number).fetch_optional(&mut **tx).await? else { return Ok(false) };
        let found = self.read_grant(&row)?;
        if !found.is_open {
            return Ok(false);
        }
        let mac = self.fingerprint(&covered(&found.kept.grant, within(&row)?.as_ref(), Some((how.as_str(), at))));
        let done = sqlx::query(
            "UPDATE granted SET ended = $1, ended_at_ms = $2, mac = $3 WHERE number = $4 AND ended IS NULL",
        )
        .bind(how.as_str())
        .bind(at.as_millisecond())
        .bind(mac)
        .bind(number)
        .execute(&mut **tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Everything that was granted to somebody and counts at `now`, oldest first.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn grants_of(&self, person: &PersonId, now: Moment) -> Result<Vec<Grant>, Error> {
        let query = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " WHERE g.person_id = $1 AND g.ended IS NULL ORDER BY g.number"
        ));
        let rows = query.bind(person.as_str()).fetch_all(&self.reader).await?;
        Ok(self.open_grants(&rows)?.into_iter().map(|it| it.grant).filter(|it| counts_at(it, now)).collect())
    }

    /// Every grant that counts at `now`, oldest first.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn grants(&self, now: Moment) -> Result<Vec<Grant>, Error> {
        let kept = self.kept_grants().await?;
        Ok(kept.into_iter().map(|it| it.grant).filter(|it| counts_at(it, now)).collect())
    }

    /// Every grant that has not ended, also those whose last day is over and that nobody has looked at since.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn kept_grants(&self) -> Result<Vec<KeptGrant>, Error> {
        let query = sqlx::query(concat!("SELECT ", columns!(), " WHERE g.ended IS NULL ORDER BY g.number"));
        self.open_grants(&query.fetch_all(&self.reader).await?)
    }

    /// The grant with this number, if it counts at `now`.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn grant(&self, number: i64, now: Moment) -> Result<Option<Grant>, Error> {
        let query = sqlx::query(concat!("SELECT ", columns!(), " WHERE g.number = $1 AND g.ended IS NULL"));
        let rows = query.bind(number).fetch_all(&self.reader).await?;
        Ok(self.open_grants(&rows)?.into_iter().map(|it| it.grant).find(|it| counts_at(it, now)))
    }

    /// Notes that a grant has had so many reminders. False if another replica was faster.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn grant_told(&self, tx: &mut Tx<'_>, kept: &KeptGrant, told: i64) -> Result<bool, Error> {
        let query = sqlx::query("UPDATE granted SET told = $1 WHERE number = $2 AND told = $3 AND ended IS NULL");
        let done = query.bind(told).bind(kept.grant.number).bind(kept.told).execute(&mut **tx).await?;
        Ok(done.rows_affected() == 1)
    }

    /// The grants, by id, whose rows are not as this Steward wrote them.
    pub(super) async fn forged_grants(&self) -> Result<Vec<String>, Error> {
        let rows = sqlx::query(concat!("SELECT ", columns!(), " ORDER BY g.number")).fetch_all(&self.reader).await?;
        let number = |row: &AnyRow| row.try_get::<i64, _>("number").unwrap_or_default();
        let is_forged = |row: &&AnyRow| !self.read_grant(row).is_ok_and(|it| it.is_genuine);
        Ok(rows.iter().filter(is_forged).map(|row| format!("G{}", number(row))).collect())
    }

    /// What cannot be read, or was edited, gives nothing; it is not in the way of the others.
    fn open_grants(&self, rows: &[AnyRow]) -> Result<Vec<KeptGrant>, Error> {
        let mut open = Vec::new();
        for row in rows {
            match self.read_grant(row) {
                Ok(found) if found.is_open => open.push(found.kept),
                Ok(_) | Err(Error::Corrupt(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(open)
    }

    fn read_grant(&self, row: &AnyRow) -> Result<Read, Error> {
        let holder = Called { id: PersonId(row.try_get("person_id")?), name: row.try_get("holder")? };
        let as_given = within(row)?;
        let now: Option<String> = row.try_get("workspace_now")?;
        let gone = as_given.is_some() && now.is_none();
        let permission: String = row.try_get("permission")?;
        let terms = GrantTerms {
            holder,
            permission: permission.parse().map_err(|_| Error::Corrupt("granted.permission"))?,
            within: as_given
                .as_ref()
                .map(|it| Within { id: it.id.clone(), name: now.unwrap_or_else(|| it.name.clone()) }),
            until: day(row, "until")?,
        };
        let change: String = row.try_get("change_id")?;
        let given_by: String = row.try_get("given_by")?;
        let grant = Grant {
            number: row.try_get("number")?,
            change: change.parse().map_err(|_| Error::Corrupt("granted.change_id"))?,
            terms,
            given_by: given_by.parse().map_err(|_| Error::Corrupt("granted.given_by"))?,
            given_at: moment(row.try_get("given_at_ms")?),
        };
        let (ended, mac) = (ended(row)?, row.try_get::<String, _>("mac")?);
        let said = ended.as_ref().map(|(how, at)| (how.as_str(), *at));
        let is_genuine = self.has_fingerprint(&covered(&grant, as_given.as_ref(), said), &mac);
        let is_open = is_genuine && ended.is_none() && !gone && row.try_get::<i64, _>("ends")? == 0;
        Ok(Read { kept: KeptGrant { grant, told: row.try_get("told")? }, is_open, is_genuine })
    }
}

fn counts_at(grant: &Grant, now: Moment) -> bool {
    grant.terms.until.is_none_or(|it| now < it.at)
}

/// The workspace of a row, as it was called then.
pub(super) fn within(row: &AnyRow) -> Result<Option<Within>, Error> {
    let (id, name): (Option<String>, Option<String>) = (row.try_get("workspace_id")?, row.try_get("workspace")?);
    match (id, name) {
        (None, None) => Ok(None),
        (Some(id), Some(name)) => Ok(Some(Within { id, name })),
        _ => Err(Error::Corrupt("workspace_id")),
    }
}

/// The day in the columns `…_day` and `…_ms`.
pub(super) fn day(row: &AnyRow, which: &'static str) -> Result<Option<Day>, Error> {
    let day: Option<String> = row.try_get(format!("{which}_day").as_str())?;
    let at: Option<i64> = row.try_get(format!("{which}_ms").as_str())?;
    match (day, at) {
        (None, None) => Ok(None),
        (Some(day), Some(at)) => Ok(Some(Day { day: day.parse().map_err(|_| Error::Corrupt(which))?, at: moment(at) })),
        _ => Err(Error::Corrupt(which)),
    }
}

/// How and when a row says that it ended.
pub(super) fn ended(row: &AnyRow) -> Result<Option<(String, Moment)>, Error> {
    let (how, at): (Option<String>, Option<i64>) = (row.try_get("ended")?, row.try_get("ended_at_ms")?);
    match (how, at) {
        (None, None) => Ok(None),
        (Some(how), Some(at)) => Ok(Some((how, moment(at)))),
        _ => Err(Error::Corrupt("ended")),
    }
}

/// All that gives the right, and that it ended.
fn covered(grant: &Grant, within: Option<&Within>, ended: Option<(&str, Moment)>) -> Value {
    let terms = &grant.terms;
    json!([
        "grant",
        grant.number,
        grant.change,
        terms.holder.id,
        terms.permission,
        within,
        terms.until,
        grant.given_by,
        grant.given_at.as_millisecond(),
        ended.map(|(how, at)| (how, at.as_millisecond())),
    ])
}
