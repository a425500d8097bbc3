//! Keys that somebody is to make in the Console, and by what they are recognized.

use serde_json::{Value, json};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Error, Store, Tx};
use crate::clock::{Moment, moment};
use crate::domain::PersonId;

/// A key that is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyClaim {
    /// The mark of the request.
    pub mark: String,
    /// The request, by number.
    pub change: i64,
    /// Where it is to be made.
    pub workspace_id: String,
    /// The exact name that it is to have.
    pub name: String,
    /// Whose it will be.
    pub owner: PersonId,
    /// From this moment on it may appear.
    pub since: Moment,
    /// Until then it is looked for.
    pub until: Moment,
    /// The key, once it was recognized.
    pub key_id: Option<String>,
}

impl Store {
    /// A key is looked for from now on.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn claim_key(&self, tx: &mut Tx<'_>, it: &KeyClaim) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO key_claim (mark, change_number, workspace_id, name, owner_id, since_ms, until_ms, key_id, mac)
             VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, $8)",
        )
        .bind(&it.mark)
        .bind(it.change)
        .bind(&it.workspace_id)
        .bind(&it.name)
        .bind(it.owner.as_str())
        .bind(it.since.as_millisecond())
        .bind(it.until.as_millisecond())
        .bind(self.fingerprint(&covered(it)))
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// It was recognized. False if it was before, or is no longer looked for.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn key_recognized(&self, tx: &mut Tx<'_>, it: &KeyClaim, key_id: &str) -> Result<bool, Error> {
        let found = KeyClaim { key_id: Some(key_id.to_owned()), ..it.clone() };
        let done = sqlx::query("UPDATE key_claim SET key_id = $1, mac = $2 WHERE mark = $3 AND key_id IS NULL")
            .bind(key_id)
            .bind(self.fingerprint(&covered(&found)))
            .bind(&it.mark)
            .execute(&mut **tx)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// What is looked for under this mark; none if nothing is, or if the row was edited.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn key_claim(&self, mark: &str) -> Result<Option<KeyClaim>, Error> {
        let query = sqlx::query(
            "SELECT mark, change_number, workspace_id, name, owner_id, since_ms, until_ms, key_id, mac FROM key_claim
              WHERE mark = $1",
        );
        let row = query.bind(mark).fetch_optional(&self.reader).await?;
        Ok(row.map(|row| self.read_claim(&row)).transpose()?.flatten())
    }

    /// Everything that is looked for by requests that are still open.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn key_claims(&self) -> Result<Vec<KeyClaim>, Error> {
        let query = sqlx::query(
            "SELECT k.mark, k.change_number, k.workspace_id, k.name, k.owner_id, k.since_ms, k.until_ms, k.key_id, k.mac
               FROM key_claim k JOIN change c ON c.number = k.change_number
              WHERE k.key_id IS NULL AND c.state IN ('approved', 'applying') ORDER BY k.workspace_id, k.mark",
        );
        let rows = query.fetch_all(&self.reader).await?;
        rows.iter().filter_map(|row| self.read_claim(row).transpose()).collect()
    }

    fn read_claim(&self, row: &AnyRow) -> Result<Option<KeyClaim>, Error> {
        let claim = KeyClaim {
            mark: row.try_get("mark")?,
            change: row.try_get("change_number")?,
            workspace_id: row.try_get("workspace_id")?,
            name: row.try_get("name")?,
            owner: PersonId(row.try_get("owner_id")?),
            since: moment(row.try_get("since_ms")?),
            until: moment(row.try_get("until_ms")?),
            key_id: row.try_get("key_id")?,
        };
        let mac: String = row.try_get("mac")?;
        Ok(self.has_fingerprint(&covered(&claim), &mac).then_some(claim))
    }
}

fn covered(it: &KeyClaim) -> Value {
    json!([
        "key_claim",
        it.mark,
        it.change,
        it.workspace_id,
        it.name,
        it.owner.as_str(),
        it.since.as_millisecond(),
        it.until.as_millisecond(),
        it.key_id,
    ])
}
