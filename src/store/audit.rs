//! The audit trail: append-only, each entry chained to the one before and bound by a key that is not in the database.
//!
//! What the chain proves without an outside witness: no entry was changed, taken out of the middle, put in, moved, or cut off
//! the end while the head row stayed. What it cannot see alone: rows and head row put back together as they were on an
//! earlier day. For that, heads are signed and told outside (`job::AuditHead`), and `audit verify` compares with them.

use data_encoding::HEXLOWER;
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::pool::Keys;
use super::{Error, Store, Tx};
use crate::clock::{Moment, moment};
use crate::domain::AuditEntry;

/// Something to be written into the trail.
#[derive(Clone, Debug)]
pub struct Act<'a> {
    /// When.
    pub at: Moment,
    /// Who: an account, or `steward`.
    pub actor: &'a str,
    /// What: `invite.approved`.
    pub action: &'a str,
    /// About what.
    pub about: &'a str,
    /// More; ids and names, never a secret, never what a user typed freely.
    pub detail: Value,
}

impl Store {
    /// Appends one entry, in the caller's transaction: no entry, no effect.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] if the head was tampered with, else that the database could not be asked.
    pub async fn append(&self, tx: &mut Tx<'_>, act: &Act<'_>) -> Result<i64, Error> {
        let head = sqlx::query("UPDATE audit_head SET seq = seq + 1 WHERE id = 1 RETURNING seq, hash, mac")
            .fetch_optional(&mut **tx)
            .await?
            .ok_or(Error::Corrupt("audit head"))?;
        let (seq, previous, mac): (i64, String, String) = (head.try_get(0)?, head.try_get(1)?, head.try_get(2)?);
        if !self.keys.head_is_ours(seq - 1, &previous, &mac) {
            return Err(Error::Corrupt("audit head"));
        }
        let detail = act.detail.to_string();
        let entry = AuditEntry {
            seq,
            at: act.at,
            actor: act.actor.to_owned(),
            action: act.action.to_owned(),
            about: act.about.to_owned(),
            detail,
        };
        let hash = chained(&previous, &entry);
        sqlx::query(
            "INSERT INTO audit (seq, at_ms, actor, action, about, detail, previous, hash, mac)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(seq)
        .bind(entry.at.as_millisecond())
        .bind(&entry.actor)
        .bind(&entry.action)
        .bind(&entry.about)
        .bind(&entry.detail)
        .bind(&previous)
        .bind(&hash)
        .bind(self.keys.row_mac(&hash))
        .execute(&mut **tx)
        .await?;
        sqlx::query("UPDATE audit_head SET hash = $1, mac = $2 WHERE id = 1")
            .bind(&hash)
            .bind(self.keys.head_mac(seq, &hash))
            .execute(&mut **tx)
            .await?;
        Ok(seq)
    }
}

impl Store {
    /// Keeps the trail for this transaction from here on. Whoever else writes rows and the trail takes the trail first: who does not
    /// could hold a row that the other waits for.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn hold_trail(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        sqlx::query("UPDATE audit_head SET seq = seq WHERE id = 1").execute(&mut **tx).await?;
        Ok(())
    }
}

impl Keys {
    fn row_mac(&self, hash: &str) -> String {
        HEXLOWER.encode(&self.audit.sign(&row_text(hash)))
    }

    fn head_mac(&self, seq: i64, hash: &str) -> String {
        HEXLOWER.encode(&self.audit.sign(&head_text(seq, hash)))
    }

    /// The empty trail's head has no mac: the migration that makes it has no key.
    pub(super) fn head_is_ours(&self, seq: i64, hash: &str, mac: &str) -> bool {
        if seq == 0 {
            return hash.is_empty() && mac.is_empty();
        }
        HEXLOWER.decode(mac.as_bytes()).is_ok_and(|mac| self.audit.verify(&head_text(seq, hash), &mac))
    }
}

pub(super) fn row_text(hash: &str) -> Vec<u8> {
    format!("audit row {hash}").into_bytes()
}

fn head_text(seq: i64, hash: &str) -> Vec<u8> {
    format!("audit head {seq} {hash}").into_bytes()
}

/// SHA-256 over the previous hash and every field, each with its length before it, so that no two entries read the same.
pub(super) fn chained(previous: &str, entry: &AuditEntry) -> String {
    let numbers = [entry.seq.to_string(), entry.at.as_millisecond().to_string()];
    let fields = [previous, &numbers[0], &numbers[1], &entry.actor, &entry.action, &entry.about, &entry.detail];
    let mut hasher = Sha256::new();
    for field in fields {
        hasher.update((field.len() as u64).to_be_bytes());
        hasher.update(field.as_bytes());
    }
    HEXLOWER.encode(&hasher.finalize())
}

pub(super) fn entry(row: &AnyRow) -> Result<AuditEntry, Error> {
    Ok(AuditEntry {
        seq: row.try_get("seq")?,
        at: moment(row.try_get("at_ms")?),
        actor: row.try_get("actor")?,
        action: row.try_get("action")?,
        about: row.try_get("about")?,
        detail: row.try_get("detail")?,
    })
}
