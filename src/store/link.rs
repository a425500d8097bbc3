//! Links as rows, each bound by a key that is not in the database: whoever edits one there gives nobody an account.
//!
//! What binds a link covers the account, its person, the member that the person is, and how it came about. A row that does not
//! fit counts as held back, and nothing here gives it back but somebody who looks: an attestation.

use data_encoding::HEXLOWER;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::pool::Keys;
use super::{Act, Error, LinkRow, Store, Tx};
use crate::chat::Account;
use crate::clock::Moment;
use crate::domain::{Held, LinkState, Person, PersonId};

/// Everything that a link's mac covers, of `link l JOIN person p`.
macro_rules! columns {
    () => {
        "l.account, l.person_id, p.member_id, l.state, l.email, l.how, l.linked_at_ms, l.held, l.mac"
    };
}
pub(super) use columns;

/// The trail's word that the rows of before were bound.
const BOUND: &str = "link.bound";

/// A link's row.
#[derive(Clone, Debug)]
pub(super) struct Bound {
    pub(super) account: String,
    pub(super) person_id: String,
    pub(super) member_id: Option<String>,
    pub(super) state: String,
    pub(super) email: Option<String>,
    pub(super) how: String,
    pub(super) linked_at_ms: i64,
    pub(super) held: Option<String>,
    pub(super) mac: Option<String>,
}

/// Reads a row of [`columns`].
pub(super) fn bound(row: &AnyRow) -> Result<Bound, Error> {
    Ok(Bound {
        account: row.try_get("account")?,
        person_id: row.try_get("person_id")?,
        member_id: row.try_get("member_id")?,
        state: row.try_get("state")?,
        email: row.try_get("email")?,
        how: row.try_get("how")?,
        linked_at_ms: row.try_get("linked_at_ms")?,
        held: row.try_get("held")?,
        mac: row.try_get("mac")?,
    })
}

/// JSON strings in one JSON list, so that no two rows read the same.
fn covered(it: &Bound) -> String {
    let fields = serde_json::json!([
        "link",
        it.account,
        it.person_id,
        it.member_id,
        it.state,
        it.email,
        it.how,
        it.linked_at_ms,
        it.held
    ]);
    fields.to_string()
}

impl Keys {
    pub(super) fn link_mac(&self, it: &Bound) -> String {
        HEXLOWER.encode(&self.rows.sign(covered(it).as_bytes()))
    }

    pub(super) fn link_is_ours(&self, it: &Bound) -> bool {
        let mac = it.mac.as_ref().and_then(|it| HEXLOWER.decode(it.as_bytes()).ok());
        mac.is_some_and(|mac| self.rows.verify(covered(it).as_bytes(), &mac))
    }
}

/// Everything about one account or one person's accounts, as the transaction sees it.
pub(super) async fn links_in(tx: &mut Tx<'_>, account: &str, person: &str) -> Result<Vec<Bound>, Error> {
    let rows = sqlx::query(concat!(
        "SELECT ",
        columns!(),
        " FROM link l JOIN person p ON p.id = l.person_id WHERE l.account = $1 OR l.person_id = $2 ORDER BY l.account"
    ))
    .bind(account)
    .bind(person)
    .fetch_all(&mut **tx)
    .await?;
    rows.iter().map(bound).collect()
}

impl Store {
    /// What a row comes to: as it is stored, or held back if nobody of ours wrote it.
    pub(super) fn state_of(&self, it: &Bound) -> (LinkState, Option<Held>) {
        if !self.keys.link_is_ours(it) {
            return (LinkState::Suspended, Some(Held::Edited));
        }
        let state = LinkState::stored(&it.state);
        (state, (state == LinkState::Suspended).then(|| Held::stored(it.held.as_deref())))
    }

    /// Writes a row anew, if it still is what it was.
    pub(super) async fn rebind(&self, tx: &mut Tx<'_>, was: &Bound, is: &Bound) -> Result<bool, Error> {
        let done = sqlx::query(
            "UPDATE link SET person_id = $1, state = $2, email = $3, how = $4, linked_at_ms = $5, held = $6, mac = $7
              WHERE account = $8 AND COALESCE(mac, '') = $9",
        )
        .bind(&is.person_id)
        .bind(&is.state)
        .bind(is.email.as_deref())
        .bind(&is.how)
        .bind(is.linked_at_ms)
        .bind(is.held.as_deref())
        .bind(self.keys.link_mac(is))
        .bind(&was.account)
        .bind(was.mac.as_deref().unwrap_or_default())
        .execute(&mut **tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Writes a new row. False if the account, or the person's place on the platform, is taken.
    pub(super) async fn bind(&self, tx: &mut Tx<'_>, new: &Bound, platform: &str) -> Result<bool, Error> {
        let linked = sqlx::query(
            "INSERT INTO link (account, platform, person_id, state, email, how, linked_at_ms, held, mac)
             VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, $8) ON CONFLICT DO NOTHING",
        )
        .bind(&new.account)
        .bind(platform)
        .bind(&new.person_id)
        .bind(&new.state)
        .bind(new.email.as_deref())
        .bind(&new.how)
        .bind(new.linked_at_ms)
        .bind(self.keys.link_mac(new))
        .execute(&mut **tx)
        .await?;
        Ok(linked.rows_affected() == 1)
    }

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
        let done = sqlx::query("SELECT COUNT(*) FROM audit WHERE action = $1").bind(BOUND).fetch_one(&self.reader).await?;
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

    /// Notes that the platforms were asked about these accounts.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn links_checked(&self, accounts: &[Account], at: Moment) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        for account in accounts {
            sqlx::query("UPDATE link SET checked_at_ms = $1 WHERE account = $2")
                .bind(at.as_millisecond())
                .bind(account.to_string())
                .execute(&mut *tx)
                .await?;
        }
        self.commit(tx).await
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
