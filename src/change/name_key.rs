//! The call that names an API key: `POST /v1/organizations/api_keys/{id}`.
//!
//! The name of an issued key holds the mark of its request: whatever becomes of the database, the organization itself says that
//! the key is taken.

use serde::{Deserialize, Serialize};

use super::applied::{Applied, Found, Ready, call};
use super::permit::Permit;
use crate::claude::{ApiKey, Error, Reader, Writer};
use crate::domain::{Step, spoken_name};
use crate::store::{self, ApiKeyRow, StockState, Store};

/// The key, and its name before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameKey {
    /// The mark of the request that takes the key from the stock; none for a key that is known.
    pub(super) mark: Option<String>,
    /// `apikey_…`; none before one is taken.
    pub(super) key_id: Option<String>,
    /// The name before; none before one is taken.
    pub(super) from: Option<String>,
    /// The name after.
    pub(super) to: String,
}

impl NameKey {
    /// Names the key that the request with this mark has taken.
    pub(super) fn of_claim(mark: &str, to: &str) -> Self {
        Self { mark: Some(mark.to_owned()), key_id: None, from: None, to: to.to_owned() }
    }

    /// Names a key that is known.
    pub(super) fn of_key(key: &ApiKeyRow, to: &str) -> Self {
        Self { mark: None, key_id: Some(key.id.clone()), from: Some(key.name.clone()), to: to.to_owned() }
    }

    /// The call, in words.
    pub(super) fn step(&self) -> Step {
        let key = self.key_id.as_deref().unwrap_or("…");
        let does = match &self.from {
            Some(from) => format!("the API key {from} is called {} from then on", self.to),
            None => format!("the key is called {} in the organization", self.to),
        };
        Step { call: format!("POST /v1/organizations/api_keys/{key}"), does, exact: String::new() }
    }

    /// Once a key is taken.
    pub(super) async fn ready(mut self, store: &Store) -> Result<Ready<Self>, store::Error> {
        let (Some(mark), None) = (&self.mark, &self.key_id) else { return Ok(Ready::Now(self)) };
        let found = store.claimed_stock(mark).await?;
        let Some(row) = found.filter(|it| it.is_genuine && it.state == StockState::Claimed) else {
            return Ok(Ready::Never("The key that was taken from the stock cannot be issued.".into()));
        };
        self.key_id = Some(row.key_id);
        self.from = Some(row.pool_name);
        Ok(Ready::Now(self))
    }

    /// Why a key of the stock is not free in the organization after all, as a code; none if it is, or if this is none.
    pub(super) async fn objection(&self, claude: &Reader) -> Result<Option<&'static str>, Error> {
        let (Some(_), Some(key_id), Some(pool_name)) = (&self.mark, &self.key_id, &self.from) else { return Ok(None) };
        let key = match claude.api_key(key_id).await {
            Ok(key) => key,
            Err(error) if error.is_not_found() => return Ok(Some("gone")),
            Err(error) => return Err(error),
        };
        Ok(if key.name == self.to { None } else { not_free(&key, pool_name) })
    }

    fn applied(&self) -> Applied {
        let id = self.key_id.clone().unwrap_or_default();
        Applied { id, done: format!("the API key is called {}", spoken_name(&self.to)), was: self.from.clone() }
    }

    pub(super) async fn apply(&self, permit: Permit, claude: &Writer) -> Result<Applied, Error> {
        call(permit, claude.rename_key(self.key_id.as_deref().unwrap_or_default(), &self.to)).await?;
        Ok(self.applied())
    }

    /// A third name means that somebody else has renamed it meanwhile; that is not overwritten.
    pub(super) async fn already(&self, claude: &Reader) -> Result<Found, Error> {
        let key = claude.api_key(self.key_id.as_deref().unwrap_or_default()).await?;
        Ok(match Some(key.name) {
            Some(name) if name == self.to => Found::Done(self.applied()),
            name if name == self.from => Found::NotDone,
            _ => Found::Unclear("key_renamed_elsewhere"),
        })
    }
}

/// Why a key that is called `pool_name` as long as it is free is not free in the organization, as a code; none if it is.
#[must_use]
pub fn not_free(key: &ApiKey, pool_name: &str) -> Option<&'static str> {
    if key.name != pool_name {
        Some("has_another_name")
    } else if key.status.as_str() != "inactive" {
        Some("is_not_inactive")
    } else {
        None
    }
}
