//! The audit trail: append-only, each entry chained to the one before and bound by a key that is not in the database.
//!
//! What the chain proves without an outside witness: no entry was changed, taken out of the middle, put in, moved, or cut off
//! the end while the head row stayed. What it cannot see alone: rows and head row put back together as they were on an
//! earlier day. For that the head's hash is shown by `audit verify`, to be kept elsewhere.

use data_encoding::HEXLOWER;
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::pool::{Engine, Keys};
use super::{Error, Store, Tx};
use crate::clock::{Moment, moment};
use crate::domain::{AuditEntry, Broken, Checked};

/// How many entries are read at once while verifying.
const CHUNK: i64 = 1_000;

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

/// Which entries to read, newest first.
#[derive(Clone, Debug, Default)]
pub struct Trail {
    /// Only about this.
    pub about: Option<String>,
    /// Only by this actor.
    pub actor: Option<String>,
    /// Only at or after.
    pub since: Option<Moment>,
    /// Only after this entry, then oldest first: for a page that grows.
    pub after_seq: Option<i64>,
    /// At most so many.
    pub limit: i64,
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

    /// Entries, newest first; with `after_seq`, oldest first.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn trail(&self, wanted: &Trail) -> Result<Vec<AuditEntry>, Error> {
        let rows = if let Some(after) = wanted.after_seq {
            sqlx::query(
                "SELECT seq, at_ms, actor, action, about, detail FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2",
            )
            .bind(after)
            .bind(wanted.limit)
            .fetch_all(&self.reader)
            .await?
        } else {
            sqlx::query(
                "SELECT seq, at_ms, actor, action, about, detail FROM audit
                  WHERE ($1 = '' OR about = $1) AND ($2 = '' OR actor = $2) AND at_ms >= $3
                  ORDER BY seq DESC LIMIT $4",
            )
            .bind(wanted.about.clone().unwrap_or_default())
            .bind(wanted.actor.clone().unwrap_or_default())
            .bind(wanted.since.map_or(0, Moment::as_millisecond))
            .bind(wanted.limit)
            .fetch_all(&self.reader)
            .await?
        };
        rows.iter().map(entry).collect()
    }

    /// Reads the whole trail and checks every link of the chain.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked. A broken trail is no error: the answer says where.
    pub async fn verify_audit(&self) -> Result<Checked, Error> {
        // One snapshot, so that the head belongs to the rows. Nobody who appends has to wait for it.
        let mut tx = self.reader.begin().await?;
        if self.engine == Engine::Postgres {
            sqlx::query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY").execute(&mut *tx).await?;
        }
        let heads = sqlx::query("SELECT seq, hash, mac FROM audit_head ORDER BY id").fetch_all(&mut *tx).await?;
        let first: i64 =
            sqlx::query("SELECT COUNT(*) FROM audit_head WHERE id = 1").fetch_one(&mut *tx).await?.try_get(0)?;
        let mut read = Checked { entries: 0, head: String::new(), broken: None };
        loop {
            let rows = sqlx::query("SELECT seq, at_ms, actor, action, about, detail, previous, hash, mac FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2")
                .bind(read.entries)
                .bind(CHUNK)
                .fetch_all(&mut *tx)
                .await?;
            if rows.is_empty() {
                break;
            }
            for row in &rows {
                // A value that cannot be read is not one that was written here.
                let wrong = self.keys.wrong(row, &read).unwrap_or(Some("it cannot be read"));
                if let Some(what) = wrong {
                    read.broken = Some(Broken { seq: read.entries + 1, what: what.to_owned() });
                    return Ok(read);
                }
                read.head = row.try_get("hash")?;
                read.entries += 1;
            }
        }
        // Entries numbered below 1 were put in by hand: ours begin with 1.
        let below: i64 =
            sqlx::query("SELECT COUNT(*) FROM audit WHERE seq < 1").fetch_one(&mut *tx).await?.try_get(0)?;
        read.broken = match heads.as_slice() {
            _ if below > 0 => Some("an entry was put in before the first one"),
            [] => Some("the head is missing"),
            [row] if first == 1 => self.keys.wrong_head(row, &read).unwrap_or(Some("the head cannot be read")),
            _ => Some("there is a head that is not ours"),
        }
        .map(|what| Broken { seq: read.entries + 1, what: what.to_owned() });
        Ok(read)
    }
}

impl Keys {
    fn wrong(&self, row: &AnyRow, read: &Checked) -> Result<Option<&'static str>, Error> {
        let it = entry(row)?;
        let (previous, hash, mac): (String, String, String) =
            (row.try_get("previous")?, row.try_get("hash")?, row.try_get("mac")?);
        Ok(if it.seq != read.entries + 1 {
            Some("an entry is missing")
        } else if previous != read.head {
            Some("it does not follow the entry before")
        } else if hash != chained(&previous, &it) {
            Some("it was changed")
        } else if !HEXLOWER.decode(mac.as_bytes()).is_ok_and(|mac| self.audit.verify(&row_text(&hash), &mac)) {
            Some("it was not written by this Steward")
        } else {
            None
        })
    }

    fn wrong_head(&self, row: &AnyRow, read: &Checked) -> Result<Option<&'static str>, Error> {
        let (seq, hash, mac): (i64, String, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        Ok(if !self.head_is_ours(seq, &hash, &mac) {
            Some("the head was changed")
        } else if seq != read.entries || hash != read.head {
            Some("entries are missing at the end")
        } else {
            None
        })
    }

    fn row_mac(&self, hash: &str) -> String {
        HEXLOWER.encode(&self.audit.sign(&row_text(hash)))
    }

    fn head_mac(&self, seq: i64, hash: &str) -> String {
        HEXLOWER.encode(&self.audit.sign(&head_text(seq, hash)))
    }

    /// The empty trail's head has no mac: the migration that makes it has no key.
    fn head_is_ours(&self, seq: i64, hash: &str, mac: &str) -> bool {
        if seq == 0 {
            return hash.is_empty() && mac.is_empty();
        }
        HEXLOWER.decode(mac.as_bytes()).is_ok_and(|mac| self.audit.verify(&head_text(seq, hash), &mac))
    }
}

fn row_text(hash: &str) -> Vec<u8> {
    format!("audit row {hash}").into_bytes()
}

fn head_text(seq: i64, hash: &str) -> Vec<u8> {
    format!("audit head {seq} {hash}").into_bytes()
}

/// SHA-256 over the previous hash and every field, each with its length before it, so that no two entries read the same.
fn chained(previous: &str, entry: &AuditEntry) -> String {
    let numbers = [entry.seq.to_string(), entry.at.as_millisecond().to_string()];
    let fields = [previous, &numbers[0], &numbers[1], &entry.actor, &entry.action, &entry.about, &entry.detail];
    let mut hasher = Sha256::new();
    for field in fields {
        hasher.update((field.len() as u64).to_be_bytes());
        hasher.update(field.as_bytes());
    }
    HEXLOWER.encode(&hasher.finalize())
}

fn entry(row: &AnyRow) -> Result<AuditEntry, Error> {
    Ok(AuditEntry {
        seq: row.try_get("seq")?,
        at: moment(row.try_get("at_ms")?),
        actor: row.try_get("actor")?,
        action: row.try_get("action")?,
        about: row.try_get("about")?,
        detail: row.try_get("detail")?,
    })
}
