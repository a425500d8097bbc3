//! Delegations: who stands in for an approver, and when. A row counts only as it was written, as with grants.

use serde_json::{Value, json};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::grant::{Ended, day, ended, within};
use super::{Error, Store, Tx};
use crate::chat::Account;
use crate::clock::{Moment, moment};
use crate::domain::{Called, ChangeId, Delegation, DelegationTerms, PersonId, Within};

/// A delegation as it is kept, for whoever looks after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptDelegation {
    /// The delegation.
    pub delegation: Delegation,
    /// 1 once both were told that it began.
    pub told: i64,
}

macro_rules! columns {
    () => {
        "d.number, d.change_id, d.from_person, f.name AS from_name, d.to_person, t.name AS to_name, d.workspace_id, d.workspace,
         w.name AS workspace_now, d.from_day, d.from_ms, d.until_day, d.until_ms, d.agreed, d.given_by, d.given_at_ms, d.ended, d.ended_at_ms,
         d.told, d.mac,
         (SELECT COUNT(*) FROM audit a WHERE a.action = 'delegation.ended' AND a.about = 'D' || CAST(d.number AS TEXT)) AS ends
           FROM delegation d JOIN person f ON f.id = d.from_person JOIN person t ON t.id = d.to_person
           LEFT JOIN workspace w ON w.id = d.workspace_id AND w.gone_at_ms IS NULL"
    };
}

struct Read {
    kept: KeptDelegation,
    is_open: bool,
    is_genuine: bool,
}

impl Store {
    /// Writes a new delegation. Answers its number.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn delegate(
        &self,
        tx: &mut Tx<'_>,
        terms: &DelegationTerms,
        (change, given_by, agreed): (&ChangeId, &Account, bool),
        at: Moment,
    ) -> Result<i64, Error> {
        let number = Self::count(tx, "delegation").await?;
        let new = Delegation {
            number,
            change: change.clone(),
            terms: terms.clone(),
            agreed,
            given_by: given_by.clone(),
            given_at: at,
        };
        sqlx::query(
            "INSERT INTO delegation (number, change_id, from_person, to_person, workspace_id, workspace, from_day, from_ms,
                                     until_day, until_ms, agreed, given_by, given_at_ms, told, mac)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, $14)",
        )
        .bind(number)
        .bind(change.to_string())
        .bind(terms.from.id.as_str())
        .bind(terms.to.id.as_str())
        .bind(terms.within.as_ref().map(|it| it.id.clone()))
        .bind(terms.within.as_ref().map(|it| it.name.clone()))
        .bind(terms.since.day.to_string())
        .bind(terms.since.at.as_millisecond())
        .bind(terms.until.day.to_string())
        .bind(terms.until.at.as_millisecond())
        .bind(i64::from(agreed))
        .bind(given_by.to_string())
        .bind(at.as_millisecond())
        .bind(self.fingerprint(&covered(&new, terms.within.as_ref(), None)))
        .execute(&mut **tx)
        .await?;
        Ok(number)
    }

    /// Ends a delegation that is still open. False if it is not, or if its row is not as this Steward wrote it.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn end_delegation(&self, tx: &mut Tx<'_>, number: i64, how: Ended, at: Moment) -> Result<bool, Error> {
        let query = sqlx::query(concat!("SELECT ", columns!(), " WHERE d.number = $1"));
        let Some(row) = query.bind(number).fetch_optional(&mut **tx).await? else { return Ok(false) };
        let found = self.read_delegation(&row)?;
        if !found.is_open {
            return Ok(false);
        }
        let mac = self.fingerprint(&covered(&found.kept.delegation, within(&row)?.as_ref(), Some((how.as_str(), at))));
        let done = sqlx::query(
            "UPDATE delegation SET ended = $1, ended_at_ms = $2, mac = $3 WHERE number = $4 AND ended IS NULL",
        )
        .bind(how.as_str())
        .bind(at.as_millisecond())
        .bind(mac)
        .bind(number)
        .execute(&mut **tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Every delegation that has not ended: also those that have not begun, and those whose last day is over.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn kept_delegations(&self) -> Result<Vec<KeptDelegation>, Error> {
        let query = sqlx::query(concat!("SELECT ", columns!(), " WHERE d.ended IS NULL ORDER BY d.number"));
        let rows = query.fetch_all(&self.reader).await?;
        let mut open = Vec::new();
        for row in &rows {
            match self.read_delegation(row) {
                Ok(found) if found.is_open => open.push(found.kept),
                // What cannot be read, or was edited, counts for nothing, and is not in the way of the others.
                Ok(_) | Err(Error::Corrupt(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(open)
    }

    /// The delegations whose last day is not over at `now`, oldest first; also those that have not begun.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn delegations(&self, now: Moment) -> Result<Vec<Delegation>, Error> {
        let kept = self.kept_delegations().await?;
        Ok(kept.into_iter().map(|it| it.delegation).filter(|it| now < it.terms.until.at).collect())
    }

    /// Those by which somebody stands in for others at `now`.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn delegations_to(&self, person: &PersonId, now: Moment) -> Result<Vec<Delegation>, Error> {
        let all = self.delegations(now).await?;
        Ok(all.into_iter().filter(|it| it.terms.to.id == *person && it.counts_at(now)).collect())
    }

    /// Notes that both were told. False if another replica was faster.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn delegation_told(&self, tx: &mut Tx<'_>, number: i64) -> Result<bool, Error> {
        let query = sqlx::query("UPDATE delegation SET told = 1 WHERE number = $1 AND told = 0 AND ended IS NULL");
        Ok(query.bind(number).execute(&mut **tx).await?.rows_affected() == 1)
    }

    /// The delegations, by id, whose rows are not as this Steward wrote them.
    pub(super) async fn forged_delegations(&self) -> Result<Vec<String>, Error> {
        let rows = sqlx::query(concat!("SELECT ", columns!(), " ORDER BY d.number")).fetch_all(&self.reader).await?;
        let number = |row: &AnyRow| row.try_get::<i64, _>("number").unwrap_or_default();
        let is_forged = |row: &&AnyRow| !self.read_delegation(row).is_ok_and(|it| it.is_genuine);
        Ok(rows.iter().filter(is_forged).map(|row| format!("D{}", number(row))).collect())
    }

    fn read_delegation(&self, row: &AnyRow) -> Result<Read, Error> {
        let called = |id: &str, name: &str| -> Result<Called, Error> {
            Ok(Called { id: PersonId(row.try_get(id)?), name: row.try_get(name)? })
        };
        let as_given = within(row)?;
        let now: Option<String> = row.try_get("workspace_now")?;
        let gone = as_given.is_some() && now.is_none();
        let terms = DelegationTerms {
            from: called("from_person", "from_name")?,
            to: called("to_person", "to_name")?,
            within: as_given
                .as_ref()
                .map(|it| Within { id: it.id.clone(), name: now.unwrap_or_else(|| it.name.clone()) }),
            since: day(row, "from")?.ok_or(Error::Corrupt("delegation.from_day"))?,
            until: day(row, "until")?.ok_or(Error::Corrupt("delegation.until_day"))?,
        };
        let (change, given_by): (String, String) = (row.try_get("change_id")?, row.try_get("given_by")?);
        let delegation = Delegation {
            number: row.try_get("number")?,
            change: change.parse::<ChangeId>().map_err(|_| Error::Corrupt("delegation.change_id"))?,
            terms,
            agreed: row.try_get::<i64, _>("agreed")? == 1,
            given_by: given_by.parse().map_err(|_| Error::Corrupt("delegation.given_by"))?,
            given_at: moment(row.try_get("given_at_ms")?),
        };
        let (ended, mac) = (ended(row)?, row.try_get::<String, _>("mac")?);
        let said = ended.as_ref().map(|(how, at)| (how.as_str(), *at));
        let is_genuine = self.has_fingerprint(&covered(&delegation, as_given.as_ref(), said), &mac);
        let is_open = is_genuine && ended.is_none() && !gone && row.try_get::<i64, _>("ends")? == 0;
        Ok(Read { kept: KeptDelegation { delegation, told: row.try_get("told")? }, is_open, is_genuine })
    }
}

/// All that gives the right, and that it ended.
fn covered(it: &Delegation, within: Option<&Within>, ended: Option<(&str, Moment)>) -> Value {
    json!([
        "delegation",
        it.number,
        it.change,
        it.terms.from.id,
        it.terms.to.id,
        within,
        it.terms.since,
        it.terms.until,
        it.agreed,
        it.given_by,
        it.given_at.as_millisecond(),
        ended.map(|(how, at)| (how, at.as_millisecond())),
    ])
}
