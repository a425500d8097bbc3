//! What ids are called where spending is shown, also those that are gone.

use std::collections::BTreeMap;

use sqlx::Row;

use super::{Error, Store};

/// Names by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpendNames {
    /// `wrkspc_…`.
    pub workspaces: BTreeMap<String, String>,
    /// `apikey_…`.
    pub keys: BTreeMap<String, String>,
    /// `person_…` and `user_…`.
    pub people: BTreeMap<String, String>,
}

impl Store {
    /// What workspaces, keys, people and members are called.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn spend_names(&self) -> Result<SpendNames, Error> {
        Ok(SpendNames {
            workspaces: self.names("SELECT id, name FROM workspace").await?,
            keys: self.names("SELECT id, name FROM api_key").await?,
            people: self.names("SELECT id, name FROM member UNION ALL SELECT id, name FROM person").await?,
        })
    }

    async fn names(&self, query: &'static str) -> Result<BTreeMap<String, String>, Error> {
        let rows = sqlx::query(query).fetch_all(&self.reader).await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }
}
