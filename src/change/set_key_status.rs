//! The call that switches an API key off or on again: `POST /v1/organizations/api_keys/{id}`.

use serde::{Deserialize, Serialize};

use super::applied::{Applied, Found, call};
use super::permit::Permit;
use crate::claude::{Error, KeyStatus, Reader, Writer};
use crate::domain::{Step, spoken_name};
use crate::store::ApiKeyRow;

/// The key, and its state before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetKeyStatus {
    /// `apikey_…`.
    pub(super) key_id: String,
    /// What people call it.
    pub(super) name: String,
    /// The state before, as the API calls it.
    pub(super) from: String,
    /// The state after: `active`, `inactive` or `archived`.
    pub(super) to: String,
}

impl SetKeyStatus {
    /// Brings `key` into another state.
    pub(super) fn new(key: &ApiKeyRow, to: &str) -> Self {
        Self {
            key_id: key.id.clone(),
            name: spoken_name(&key.name).to_owned(),
            from: key.status.clone(),
            to: to.to_owned(),
        }
    }

    /// The call, in words.
    pub(super) fn step(&self) -> Step {
        let does = match self.to.as_str() {
            "inactive" => format!("the API key {} stops working", self.name),
            "archived" => format!("the API key {} stops working for good", self.name),
            _ => format!("the API key {} works again", self.name),
        };
        Step { call: format!("POST /v1/organizations/api_keys/{}", self.key_id), does, exact: String::new() }
    }

    fn applied(&self) -> Applied {
        let done = format!("the API key {} is {}", self.name, self.to);
        Applied { id: self.key_id.clone(), done, was: Some(self.from.clone()) }
    }

    pub(super) async fn apply(&self, permit: Permit, claude: &Writer) -> Result<Applied, Error> {
        call(permit, claude.set_key_status(&self.key_id, &KeyStatus::from(self.to.as_str()))).await?;
        Ok(self.applied())
    }

    /// A third state means that somebody archived it, or that it expired; that is not overwritten.
    pub(super) async fn already(&self, claude: &Reader) -> Result<Found, Error> {
        let key = claude.api_key(&self.key_id).await?;
        Ok(match key.status.as_str() {
            status if status == self.to => Found::Done(self.applied()),
            status if status == self.from => Found::NotDone,
            _ => Found::Unclear("key_changed_elsewhere"),
        })
    }
}
