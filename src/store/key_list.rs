//! API keys as people look at them: with the names behind them, and what Steward knows beyond the API.

use std::collections::BTreeMap;

use sqlx::Row;

use super::directory::key;
use super::{ApiKeyRow, Error, KeyRecord, KeyUse, Store};
use crate::clock::Moment;

/// A key, and the names behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedKey {
    /// The key.
    pub key: ApiKeyRow,
    /// The workspace's name.
    pub workspace: Option<String>,
    /// Whose it is, as people call them.
    pub owner: Option<String>,
    /// What Steward knows of it; none of a key that nobody asked Steward for.
    pub record: Option<KeyRecord>,
    /// True if it lies in the stock, free or about to be.
    pub in_stock: bool,
    /// When it was used, as far as is known.
    pub used: KeyUse,
}

impl Store {
    /// All keys as of `now`, by name; archived ones only if they are wanted.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn listed_keys(&self, archived: bool, now: Moment) -> Result<Vec<ListedKey>, Error> {
        let rows = sqlx::query(
            "SELECT k.id, k.name, k.status, k.kind, k.owner_id, k.workspace_id, k.created_by, k.hint, k.created_at_ms,
                    k.expires_at_ms, w.name AS workspace, m.name AS member, p.name AS person, s.state AS stock
               FROM api_key k LEFT JOIN workspace w ON w.id = k.workspace_id
               LEFT JOIN member m ON m.id = k.owner_id
               LEFT JOIN key_record r ON r.key_id = k.id LEFT JOIN person p ON p.id = r.owner_id
               LEFT JOIN stock_key s ON s.key_id = k.id
              WHERE k.gone_at_ms IS NULL AND ($1 = 1 OR k.status <> 'archived') ORDER BY LOWER(k.name), k.id",
        )
        .bind(i64::from(archived))
        .fetch_all(&self.reader)
        .await?;
        let records = self.key_records().await?.into_iter().map(|it| (it.key_id.clone(), it));
        let mut records: BTreeMap<String, KeyRecord> = records.collect();
        let mut uses = self.key_uses(now).await?;
        let mut listed = Vec::new();
        for row in &rows {
            let key = key(row)?;
            let record = records.remove(&key.id);
            let (person, member): (Option<String>, Option<String>) = (row.try_get("person")?, row.try_get("member")?);
            let stock: Option<String> = row.try_get("stock")?;
            listed.push(ListedKey {
                workspace: row.try_get("workspace")?,
                owner: person.filter(|_| record.is_some()).or(member),
                used: uses.remove(&key.id).unwrap_or_default(),
                in_stock: stock.is_some_and(|it| matches!(it.as_str(), "parking" | "free")),
                key,
                record,
            });
        }
        Ok(listed)
    }
}
