//! A link's row, bound by a key that is not in the database: whoever edits one there gives nobody an account.
//!
//! What binds a link covers the account, its person, the member that the person is, and how it came about. A row that does not
//! fit counts as held back, and nothing gives it back but somebody who looks: an attestation.

use data_encoding::HEXLOWER;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::pool::Keys;
use super::{Error, Store, Tx};
use crate::domain::{Held, LinkState};

/// Everything that a link's mac covers, of `link l JOIN person p`.
macro_rules! columns {
    () => {
        "l.account, l.person_id, p.member_id, l.state, l.email, l.how, l.linked_at_ms, l.held, l.mac"
    };
}
pub(super) use columns;

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
}
