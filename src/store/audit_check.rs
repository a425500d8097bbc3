//! Reading the whole trail and checking it: each link of the chain, the head row, and the heads that were told outside.

use data_encoding::HEXLOWER;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::audit::{chained, entry, row_text};
use super::pool::{Engine, Keys};
use super::{Error, Store, Tx};
use crate::domain::{Broken, Checked, HeadVerdict, SignedHead, Witnessed};

/// How many entries are read at once.
const CHUNK: i64 = 1_000;

impl Store {
    /// Reads the whole trail and checks every link of the chain.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked. A broken trail is no error: the answer says where.
    pub async fn verify_audit(&self) -> Result<Checked, Error> {
        let mut tx = self.snapshot().await?;
        self.check_chain(&mut tx).await
    }

    /// The same, and compares with heads that were signed and kept outside. What the chain alone cannot show, they do: that
    /// everything was put back as it was on an earlier day.
    ///
    /// # Errors
    ///
    /// As [`Store::verify_audit`].
    pub async fn verify_against(&self, heads: &[SignedHead]) -> Result<(Checked, Vec<Witnessed>), Error> {
        let mut tx = self.snapshot().await?;
        let checked = self.check_chain(&mut tx).await?;
        let mut witnessed = Vec::with_capacity(heads.len());
        for it in heads {
            let query = sqlx::query("SELECT hash FROM audit WHERE seq = $1").bind(it.head.seq);
            let row = query.fetch_optional(&mut *tx).await?;
            // A value that cannot be read is not one that was written here.
            let hash: Option<String> = row.map(|row| row.try_get(0).unwrap_or_default());
            let verdict = self.keys.weigh(it, hash.as_deref());
            witnessed.push(Witnessed { seq: it.head.seq, at: it.head.at, verdict });
        }
        Ok((checked, witnessed))
    }

    /// Compares one head with the entry that it names, and with nothing else: not the whole chain is read.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn compare(&self, head: &SignedHead) -> Result<HeadVerdict, Error> {
        let query = sqlx::query("SELECT hash FROM audit WHERE seq = $1").bind(head.head.seq);
        let row = query.fetch_optional(&self.reader).await?;
        let hash: Option<String> = row.map(|row| row.try_get(0).unwrap_or_default());
        Ok(self.keys.weigh(head, hash.as_deref()))
    }

    /// One snapshot for several reads, so that the head belongs to the rows. Nobody who appends has to wait for it.
    async fn snapshot(&self) -> Result<Tx<'static>, Error> {
        let mut tx = self.reader.begin().await?;
        if self.engine == Engine::Postgres {
            sqlx::query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY").execute(&mut *tx).await?;
        }
        Ok(tx)
    }

    async fn check_chain(&self, tx: &mut Tx<'_>) -> Result<Checked, Error> {
        let heads = sqlx::query("SELECT seq, hash, mac FROM audit_head ORDER BY id").fetch_all(&mut **tx).await?;
        let first: i64 =
            sqlx::query("SELECT COUNT(*) FROM audit_head WHERE id = 1").fetch_one(&mut **tx).await?.try_get(0)?;
        let mut read = Checked { entries: 0, head: String::new(), broken: None };
        loop {
            let rows = sqlx::query("SELECT seq, at_ms, actor, action, about, detail, previous, hash, mac FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2")
                .bind(read.entries)
                .bind(CHUNK)
                .fetch_all(&mut **tx)
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
            sqlx::query("SELECT COUNT(*) FROM audit WHERE seq < 1").fetch_one(&mut **tx).await?.try_get(0)?;
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
    fn weigh(&self, head: &SignedHead, hash: Option<&str>) -> HeadVerdict {
        match hash {
            _ if !head.is_signed_by(&self.heads.public()) => HeadVerdict::NotOurs,
            None => HeadVerdict::Missing,
            Some(hash) if hash == head.head.hash => HeadVerdict::Agrees,
            Some(_) => HeadVerdict::Differs,
        }
    }

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
}
