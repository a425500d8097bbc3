//! Links as they come and go: made, settled, held back, given back. Each row is bound anew with every change.

use sqlx::Row;

use super::link_row::{Bound, bound, columns, links_in};
use super::{Act, Error, LinkRow, Store, Tx};
use crate::chat::{Account, Platform};
use crate::clock::Moment;
use crate::domain::{Held, LinkState, Person, PersonId};

/// The trail's word that the rows of before were bound.
const BOUND: &str = "link.bound";

impl Store {
    /// Binds the links of a database that was made before links were bound. Once: the trail says that it was done, and what
    /// comes later without a mac was not written by Steward. Answers how many there were.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn bind_links(&self, at: Moment) -> Result<usize, Error> {
        let unbound = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM link l JOIN person p ON p.id = l.person_id WHERE l.mac IS NULL ORDER BY l.account"
        ))
        .fetch_all(&self.reader)
        .await?;
        let done =
            sqlx::query("SELECT COUNT(*) FROM audit WHERE action = $1").bind(BOUND).fetch_one(&self.reader).await?;
        let bound_one = sqlx::query("SELECT COUNT(*) FROM link WHERE mac IS NOT NULL").fetch_one(&self.reader).await?;
        if unbound.is_empty() || done.try_get::<i64, _>(0)? > 0 || bound_one.try_get::<i64, _>(0)? > 0 {
            return Ok(0);
        }
        let mut tx = self.begin().await?;
        for row in &unbound {
            let was = bound(row)?;
            self.rebind(&mut tx, &was, &was).await?;
        }
        let detail = serde_json::json!({ "links": unbound.len() });
        self.append(&mut tx, &Act { at, actor: "steward", action: BOUND, about: "links", detail }).await?;
        self.commit(tx).await?;
        Ok(unbound.len())
    }

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
        if !insert_person(tx, new, at).await? {
            return Ok(false);
        }
        let row = Bound {
            account: link.account.to_string(),
            person_id: new.id.as_str().to_owned(),
            member_id: new.member_id.clone(),
            state: link.state.as_str().to_owned(),
            email: link.email.clone(),
            how: link.how.clone(),
            linked_at_ms: at.as_millisecond(),
            held: None,
            mac: None,
        };
        let linked = self.bind(tx, &row, link.account.platform().as_str()).await?;
        if !linked {
            // The account is somebody's: nobody is left behind who has none.
            sqlx::query("DELETE FROM person WHERE id = $1").bind(new.id.as_str()).execute(&mut **tx).await?;
        }
        Ok(linked)
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
        let account = account.to_string();
        let Some(row) = links_in(tx, &account, "").await?.into_iter().next() else { return Ok(false) };
        let proposed = self.state_of(&row).0 == LinkState::Proposed;
        if !(proposed || self.state_of(&row).0 == LinkState::Active) {
            return Ok(false);
        }
        let Some(member_id) = member_id else {
            return Ok(proposed && self.rebind(tx, &row, &Bound { state: "active".into(), ..row.clone() }).await?);
        };
        if !self.become_member(tx, &row.person_id, member_id).await? {
            return Ok(false);
        }
        let again = links_in(tx, &account, "").await?;
        let Some(row) = again.first() else { return Ok(false) };
        self.rebind(tx, row, &Bound { state: "active".into(), held: None, ..row.clone() }).await
    }

    /// Makes a person this member, unless they are another one that is still there, or somebody else is it. Their links are
    /// bound to it; those that were not ours stay so.
    pub(super) async fn become_member(&self, tx: &mut Tx<'_>, person: &str, member_id: &str) -> Result<bool, Error> {
        let before = links_in(tx, "", person).await?;
        let member = sqlx::query(
            "UPDATE person SET member_id = $1
              WHERE (member_id IS NULL OR EXISTS (SELECT 1 FROM member m WHERE m.id = person.member_id AND m.gone_at_ms IS NOT NULL))
                AND id = $2 AND NOT EXISTS (SELECT 1 FROM person o WHERE o.member_id = $1)",
        )
        .bind(member_id)
        .bind(person)
        .execute(&mut **tx)
        .await?;
        if member.rows_affected() == 0 {
            return Ok(false);
        }
        for row in before.iter().filter(|it| self.keys.link_is_ours(it)) {
            self.rebind(tx, row, &Bound { member_id: Some(member_id.to_owned()), ..row.clone() }).await?;
        }
        Ok(true)
    }

    /// Holds an account back until an admin looks. False if it was not active.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn suspend_link(&self, tx: &mut Tx<'_>, account: &Account) -> Result<bool, Error> {
        self.hold_link(tx, account, Held::Unsaid).await
    }

    /// The same, for a reason. False if it was not active.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn hold_link(&self, tx: &mut Tx<'_>, account: &Account, why: Held) -> Result<bool, Error> {
        let rows = links_in(tx, &account.to_string(), "").await?;
        let Some(row) = rows.first().filter(|it| self.state_of(it).0 == LinkState::Active) else { return Ok(false) };
        self.rebind(tx, row, &suspended(row, why)).await
    }

    /// Holds every active account of somebody back. Answers how many those were.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn suspend_links(&self, tx: &mut Tx<'_>, person: &PersonId) -> Result<u64, Error> {
        let mut count = 0;
        for row in links_in(tx, "", person.as_str()).await? {
            if self.state_of(&row).0 == LinkState::Active {
                count += u64::from(self.rebind(tx, &row, &suspended(&row, Held::Frozen)).await?);
            }
        }
        Ok(count)
    }

    /// Gives the accounts of somebody back that [`Store::suspend_links`] held. One whose address changed stays held back.
    /// Answers how many came back.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn restore_links(&self, tx: &mut Tx<'_>, person: &PersonId) -> Result<u64, Error> {
        let mut count = 0;
        for row in links_in(tx, "", person.as_str()).await? {
            if matches!(self.state_of(&row).1, Some(Held::Frozen | Held::Unsaid)) {
                let back = Bound { state: "active".into(), held: None, ..row.clone() };
                count += u64::from(self.rebind(tx, &row, &back).await?);
            }
        }
        Ok(count)
    }

    /// The accounts of somebody that are in this state, as the transaction sees it.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn accounts_in(
        &self,
        tx: &mut Tx<'_>,
        person: &PersonId,
        state: LinkState,
    ) -> Result<Vec<Account>, Error> {
        let rows = links_in(tx, "", person.as_str()).await?;
        let theirs = rows.iter().filter(|it| self.state_of(it).0 == state);
        theirs.map(|it| it.account.parse().map_err(|_| Error::Corrupt("link.account"))).collect()
    }

    /// The accounts by which somebody can be reached, as the transaction sees it: active, in a chat.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn reachable_in(&self, tx: &mut Tx<'_>, person: &PersonId) -> Result<Vec<Account>, Error> {
        let accounts = self.accounts_in(tx, person, LinkState::Active).await?;
        Ok(accounts.into_iter().filter(|it| it.platform() != Platform::Operator).collect())
    }
}

fn suspended(row: &Bound, why: Held) -> Bound {
    Bound { state: "suspended".into(), held: Some(why.as_str().to_owned()), ..row.clone() }
}

/// False if the id or the member is somebody's.
pub(super) async fn insert_person(tx: &mut Tx<'_>, new: &Person, at: Moment) -> Result<bool, Error> {
    let person = sqlx::query(
        "INSERT INTO person (id, name, member_id, created_at_ms) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
    )
    .bind(new.id.as_str())
    .bind(&new.name)
    .bind(new.member_id.as_deref())
    .bind(at.as_millisecond())
    .execute(&mut **tx)
    .await?;
    Ok(person.rows_affected() == 1)
}
