//! People and the accounts that are theirs: looking them up. A link whose row was not written by this Steward is held back.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::link_row::{Bound, bound, columns};
use super::{Error, Store};
use crate::chat::Account;
use crate::clock::{Moment, moment};
use crate::domain::{Held, LinkState, Person, PersonId};

/// How often in a row somebody may turn out to be somebody else. More than once is rare; a circle cannot be, but ends.
const MOST_MERGES: usize = 8;

/// Somebody we know, by one of their accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Who they are.
    pub person: Person,
    /// How the account belongs to them.
    pub state: LinkState,
    /// The address that the link was made with.
    pub email: Option<String>,
    /// The role of the member they are, if they are one and it is still there.
    pub claude_role: Option<String>,
    /// True if they are a member who has left the organization since.
    pub member_gone: bool,
    /// Why the account is held back, if it is.
    pub held: Option<Held>,
}

/// One account of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkRow {
    /// The account.
    pub account: Account,
    /// How it belongs to the person.
    pub state: LinkState,
    /// The address it was made with.
    pub email: Option<String>,
    /// How it came about: `email`, `first admin`, `sandbox`.
    pub how: String,
}

/// One account of a person, with what a page about them says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tie {
    /// The account and how it belongs to the person.
    pub link: LinkRow,
    /// Since when.
    pub since: Moment,
    /// Why it is held back, if it is.
    pub held: Option<Held>,
}

fn person(row: &AnyRow) -> Result<Person, Error> {
    Ok(Person { id: PersonId(row.try_get("id")?), name: row.try_get("name")?, member_id: row.try_get("member_id")? })
}

impl Store {
    /// Whose account it is; none if nobody's yet.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn known(&self, account: &Account) -> Result<Option<Known>, Error> {
        let row = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            ", p.name, m.role, m.gone_at_ms FROM link l JOIN person p ON p.id = l.person_id
               LEFT JOIN member m ON m.id = p.member_id WHERE l.account = $1"
        ))
        .bind(account.to_string())
        .fetch_optional(&self.reader)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let member_gone = row.try_get::<Option<i64>, _>("gone_at_ms")?.is_some();
        let claude_role: Option<String> = row.try_get("role")?;
        let bound = bound(&row)?;
        let (state, held) = self.state_of(&bound);
        let Bound { person_id, member_id, email, .. } = bound;
        Ok(Some(Known {
            person: Person { id: PersonId(person_id), name: row.try_get("name")?, member_id },
            state,
            email,
            claude_role: claude_role.filter(|_| !member_gone),
            member_gone,
            held,
        }))
    }

    /// The person with this id.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn person(&self, id: &PersonId) -> Result<Option<Person>, Error> {
        let row = sqlx::query("SELECT id, name, member_id FROM person WHERE id = $1")
            .bind(id.as_str())
            .fetch_optional(&self.reader)
            .await?;
        row.as_ref().map(person).transpose()
    }

    /// The person who is this member.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn person_of_member(&self, member_id: &str) -> Result<Option<Person>, Error> {
        let row = sqlx::query("SELECT id, name, member_id FROM person WHERE member_id = $1")
            .bind(member_id)
            .fetch_optional(&self.reader)
            .await?;
        row.as_ref().map(person).transpose()
    }

    /// All accounts of a person, in the order they were linked.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn links(&self, id: &PersonId) -> Result<Vec<LinkRow>, Error> {
        Ok(self.ties(id).await?.into_iter().map(|it| it.link).collect())
    }

    /// The same, with since when, and why one of them is held back.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn ties(&self, id: &PersonId) -> Result<Vec<Tie>, Error> {
        let rows = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM link l JOIN person p ON p.id = l.person_id WHERE l.person_id = $1 ORDER BY l.linked_at_ms, l.account"
        ))
        .bind(id.as_str())
        .fetch_all(&self.reader)
        .await?;
        let tie = |row: &AnyRow| {
            let bound = bound(row)?;
            let (state, held) = self.state_of(&bound);
            let Bound { account, email, how, linked_at_ms, .. } = bound;
            let account = account.parse().map_err(|_| Error::Corrupt("link.account"))?;
            Ok(Tie { link: LinkRow { account, state, email, how }, since: moment(linked_at_ms), held })
        };
        rows.iter().map(tie).collect()
    }

    /// Whose person somebody turned out to be: the same one, unless their only account was joined to another.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn person_now(&self, id: &PersonId) -> Result<PersonId, Error> {
        let mut now = id.clone();
        for _ in 0..MOST_MERGES {
            let row = sqlx::query("SELECT merged_into FROM person WHERE id = $1")
                .bind(now.as_str())
                .fetch_optional(&self.reader)
                .await?;
            match row.map(|it| it.try_get::<Option<String>, _>(0)).transpose()?.flatten() {
                Some(next) => now = PersonId(next),
                None => break,
            }
        }
        Ok(now)
    }

    /// Every account that is somebody's beyond doubt.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn linked_accounts(&self) -> Result<Vec<Account>, Error> {
        let rows =
            sqlx::query("SELECT account FROM link WHERE state = 'active' AND platform <> 'operator' ORDER BY account")
                .fetch_all(&self.reader)
                .await?;
        rows.iter()
            .map(|row| row.try_get::<String, _>(0)?.parse().map_err(|_| Error::Corrupt("link.account")))
            .collect()
    }

    /// Accounts that were proposed with an address that a present member now has: strangers whose invitation was accepted.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn arrived(&self) -> Result<Vec<(Account, String)>, Error> {
        let rows = sqlx::query(
            "SELECT l.account, m.id FROM link l JOIN person p ON p.id = l.person_id
               JOIN member m ON m.email = l.email AND m.gone_at_ms IS NULL
              WHERE l.state = 'proposed' AND p.member_id IS NULL
                AND NOT EXISTS (SELECT 1 FROM person o WHERE o.member_id = m.id)
              ORDER BY l.account",
        )
        .fetch_all(&self.reader)
        .await?;
        let pair = |row: &AnyRow| {
            let account: String = row.try_get(0)?;
            Ok((account.parse().map_err(|_| Error::Corrupt("link.account"))?, row.try_get(1)?))
        };
        rows.iter().map(pair).collect()
    }
}
