//! What Steward knows of an API key beyond what the API tells: whose it is, what for, and how old it may get.

use serde_json::{Value, json};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{ApiKeyRow, Error, Store, Tx};
use crate::clock::{Moment, moment};
use crate::domain::{Environment, PersonId};

/// What is known of one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    /// `apikey_…`.
    pub key_id: String,
    /// Whose it is.
    pub owner: PersonId,
    /// The team that it is for, if its owner said that it is one's: they answer for it all the same.
    pub team: Option<String>,
    /// What it is for, in their words.
    pub purpose: String,
    /// Where it is used.
    pub environment: Environment,
    /// The request that it was issued for, by number.
    pub change: Option<i64>,
    /// Since when it is theirs.
    pub since: Moment,
    /// When it is old enough to be replaced.
    pub rotate_at: Option<Moment>,
}

impl Store {
    /// Keeps what is known of a key, in place of what was known before.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn keep_key_record(&self, tx: &mut Tx<'_>, record: &KeyRecord) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO key_record (key_id, owner_id, purpose, environment, change_number, since_ms, rotate_at_ms, mac, team)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT (key_id) DO UPDATE SET owner_id = $2, purpose = $3, environment = $4, change_number = $5,
                since_ms = $6, rotate_at_ms = $7, mac = $8, team = $9",
        )
        .bind(&record.key_id)
        .bind(record.owner.as_str())
        .bind(&record.purpose)
        .bind(record.environment.as_str())
        .bind(record.change)
        .bind(record.since.as_millisecond())
        .bind(record.rotate_at.map(Moment::as_millisecond))
        .bind(self.fingerprint(&covered(record)))
        .bind(&record.team)
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// What is known of a key; none of one that nobody asked Steward for, or whose row was edited: then it is nobody's.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn key_record(&self, key_id: &str) -> Result<Option<KeyRecord>, Error> {
        let query = sqlx::query(
            "SELECT key_id, owner_id, purpose, environment, change_number, since_ms, rotate_at_ms, team, mac FROM key_record
              WHERE key_id = $1",
        );
        Ok(query
            .bind(key_id)
            .fetch_optional(&self.reader)
            .await?
            .map(|row| self.read_record(&row))
            .transpose()?
            .flatten())
    }

    /// What is known of all keys.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn key_records(&self) -> Result<Vec<KeyRecord>, Error> {
        let query = sqlx::query(
            "SELECT key_id, owner_id, purpose, environment, change_number, since_ms, rotate_at_ms, team, mac FROM key_record
              ORDER BY key_id",
        );
        let rows = query.fetch_all(&self.reader).await?;
        rows.iter().filter_map(|row| self.read_record(row).transpose()).collect()
    }

    /// How many keys somebody has that work, that wait for them, or that they have asked for.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn keys_to_be_of(&self, owner: &PersonId) -> Result<i64, Error> {
        let query = sqlx::query(
            "SELECT (SELECT COUNT(*) FROM key_record r JOIN api_key k ON k.id = r.key_id
                      WHERE r.owner_id = $1 AND k.status = 'active' AND k.gone_at_ms IS NULL)
                  + (SELECT COUNT(*) FROM stock_key s WHERE s.owner_id = $1 AND s.state IN ('claimed', 'offered'))
                  + (SELECT COUNT(*) FROM token_rule t WHERE t.owner_id = $1 AND t.state IN ('granted', 'off'))
                  + (SELECT COUNT(*) FROM change c WHERE c.asked_by = $1 AND c.kind = 'key.issue'
                        AND c.state IN ('asked', 'planned', 'waiting', 'approved', 'applying')
                        AND NOT EXISTS (SELECT 1 FROM stock_key s WHERE s.change_number = c.number))",
        );
        Ok(query.bind(owner.as_str()).fetch_one(&self.reader).await?.try_get(0)?)
    }

    /// Whose a key is: whoever it was issued to, or whom it acts as.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn owner_of_key(&self, key: Option<&ApiKeyRow>) -> Result<Option<PersonId>, Error> {
        let Some(key) = key else { return Ok(None) };
        if let Some(record) = self.key_record(&key.id).await? {
            return Ok(Some(record.owner));
        }
        match key.owner_id.as_deref().filter(|_| key.kind == "personal") {
            Some(member) => Ok(self.person_of_member(member).await?.map(|it| it.id)),
            None => Ok(None),
        }
    }

    fn read_record(&self, row: &AnyRow) -> Result<Option<KeyRecord>, Error> {
        let environment: String = row.try_get("environment")?;
        let record = KeyRecord {
            key_id: row.try_get("key_id")?,
            owner: PersonId(row.try_get("owner_id")?),
            team: row.try_get("team")?,
            purpose: row.try_get("purpose")?,
            environment: Environment::named(&environment).ok_or(Error::Corrupt("key_record.environment"))?,
            change: row.try_get("change_number")?,
            since: moment(row.try_get("since_ms")?),
            rotate_at: row.try_get::<Option<i64>, _>("rotate_at_ms")?.map(moment),
        };
        let mac: String = row.try_get("mac")?;
        Ok(self.has_fingerprint(&covered(&record), &mac).then_some(record))
    }
}

fn covered(record: &KeyRecord) -> Value {
    let mut covered = vec![
        json!("key_record"),
        json!(record.key_id),
        json!(record.owner.as_str()),
        json!(record.purpose),
        json!(record.environment.as_str()),
        json!(record.change),
        json!(record.since.as_millisecond()),
        json!(record.rotate_at.map(Moment::as_millisecond)),
    ];
    // Rows from before there were teams are covered as they were.
    covered.extend(record.team.as_ref().map(|it| json!(it)));
    Value::Array(covered)
}
