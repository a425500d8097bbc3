//! People and the accounts that are theirs.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Error, Store, Tx};
use crate::chat::Account;
use crate::clock::Moment;
use crate::domain::{LinkState, Person, PersonId};

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
        let row = sqlx::query(
            "SELECT p.id, p.name, p.member_id, l.state, l.email, m.role, m.gone_at_ms
               FROM link l JOIN person p ON p.id = l.person_id LEFT JOIN member m ON m.id = p.member_id
              WHERE l.account = $1",
        )
        .bind(account.to_string())
        .fetch_optional(&self.reader)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let member_gone = row.try_get::<Option<i64>, _>("gone_at_ms")?.is_some();
        let claude_role: Option<String> = row.try_get("role")?;
        Ok(Some(Known {
            person: person(&row)?,
            state: LinkState::stored(&row.try_get::<String, _>("state")?),
            email: row.try_get("email")?,
            claude_role: claude_role.filter(|_| !member_gone),
            member_gone,
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
        let rows = sqlx::query(
            "SELECT account, state, email, how FROM link WHERE person_id = $1 ORDER BY linked_at_ms, account",
        )
        .bind(id.as_str())
        .fetch_all(&self.reader)
        .await?;
        let link = |row: &AnyRow| {
            let account: String = row.try_get("account")?;
            Ok(LinkRow {
                account: account.parse().map_err(|_| Error::Corrupt("link.account"))?,
                state: LinkState::stored(&row.try_get::<String, _>("state")?),
                email: row.try_get("email")?,
                how: row.try_get("how")?,
            })
        };
        rows.iter().map(link).collect()
    }

    /// The accounts by which somebody can be reached, as this transaction sees them: active, in a chat.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn accounts_in(&self, tx: &mut Tx<'_>, id: &PersonId) -> Result<Vec<Account>, Error> {
        let rows = sqlx::query(
            "SELECT account FROM link WHERE person_id = $1 AND state = 'active' AND platform <> 'operator' ORDER BY account",
        )
        .bind(id.as_str())
        .fetch_all(&mut **tx)
        .await?;
        rows.iter()
            .map(|row| row.try_get::<String, _>(0)?.parse().map_err(|_| Error::Corrupt("link.account")))
            .collect()
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

impl Store {
    /// Makes a new person with one account. False if the account, or the member, is somebody's already: nothing changed.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn create_person(
        &self,
        tx: &mut Tx<'_>,
        new: &Person,
        link: &LinkRow,
        at: Moment,
    ) -> Result<bool, Error> {
        let person = sqlx::query(
            "INSERT INTO person (id, name, member_id, created_at_ms) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        )
        .bind(new.id.as_str())
        .bind(&new.name)
        .bind(new.member_id.as_deref())
        .bind(at.as_millisecond())
        .execute(&mut **tx)
        .await?;
        if person.rows_affected() == 0 {
            return Ok(false);
        }
        let linked = sqlx::query(
            "INSERT INTO link (account, platform, person_id, state, email, how, linked_at_ms)
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        )
        .bind(link.account.to_string())
        .bind(link.account.platform().as_str())
        .bind(new.id.as_str())
        .bind(link.state.as_str())
        .bind(link.email.as_deref())
        .bind(&link.how)
        .bind(at.as_millisecond())
        .execute(&mut **tx)
        .await?;
        if linked.rows_affected() == 0 {
            // The account is somebody's: nobody is left behind who has none.
            sqlx::query("DELETE FROM person WHERE id = $1").bind(new.id.as_str()).execute(&mut **tx).await?;
        }
        Ok(linked.rows_affected() == 1)
    }

    /// Makes a proposed link active and its person a member; one that has left gives way. False if either is taken meanwhile.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn settle_link(
        &self,
        tx: &mut Tx<'_>,
        account: &Account,
        member_id: Option<&str>,
    ) -> Result<bool, Error> {
        let moved = sqlx::query("UPDATE link SET state = 'active' WHERE account = $1 AND state = 'proposed'")
            .bind(account.to_string())
            .execute(&mut **tx)
            .await?;
        let Some(member_id) = member_id else { return Ok(moved.rows_affected() == 1) };
        let member = sqlx::query(
            "UPDATE person SET member_id = $1
              WHERE (member_id IS NULL OR EXISTS (SELECT 1 FROM member m WHERE m.id = person.member_id AND m.gone_at_ms IS NOT NULL))
                AND id = (SELECT person_id FROM link WHERE account = $2 AND state = 'active')
                AND NOT EXISTS (SELECT 1 FROM person o WHERE o.member_id = $1)",
        )
        .bind(member_id)
        .bind(account.to_string())
        .execute(&mut **tx)
        .await?;
        Ok(member.rows_affected() == 1)
    }

    /// Holds an account back until an admin looks. False if it was not active.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn suspend_link(&self, tx: &mut Tx<'_>, account: &Account) -> Result<bool, Error> {
        let moved = sqlx::query("UPDATE link SET state = 'suspended' WHERE account = $1 AND state = 'active'")
            .bind(account.to_string())
            .execute(&mut **tx)
            .await?;
        Ok(moved.rows_affected() == 1)
    }

    /// Holds every active account of somebody back. Answers how many those were.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn suspend_links(&self, tx: &mut Tx<'_>, person: &PersonId) -> Result<u64, Error> {
        let moved = sqlx::query("UPDATE link SET state = 'suspended' WHERE person_id = $1 AND state = 'active'")
            .bind(person.as_str())
            .execute(&mut **tx)
            .await?;
        Ok(moved.rows_affected())
    }

    /// Gives every suspended account of somebody back. Answers how many those were.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn restore_links(&self, tx: &mut Tx<'_>, person: &PersonId) -> Result<u64, Error> {
        let moved = sqlx::query("UPDATE link SET state = 'active' WHERE person_id = $1 AND state = 'suspended'")
            .bind(person.as_str())
            .execute(&mut **tx)
            .await?;
        Ok(moved.rows_affected())
    }
}
