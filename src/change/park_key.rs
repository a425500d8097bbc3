//! The call that puts a key into the stock: named as one of it, and switched off: `POST /v1/organizations/api_keys/{id}`.

use serde::{Deserialize, Serialize};

use super::applied::{Applied, Found, call};
use super::permit::Permit;
use crate::claude::{Error, Reader, Writer};
use crate::domain::Step;

/// The key, and what it is called as long as it is free.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParkKey {
    pub(super) key_id: String,
    pub(super) from: String,
    pub(super) to: String,
}

impl ParkKey {
    /// The call, in words.
    pub(super) fn step(&self) -> Step {
        let does = format!("the API key {} is called {} and stops working until it is issued", self.from, self.to);
        Step { call: format!("POST /v1/organizations/api_keys/{}", self.key_id), does, exact: String::new() }
    }

    fn applied(&self) -> Applied {
        Applied {
            id: self.key_id.clone(),
            done: format!("{} lies in the stock", self.to),
            was: Some(self.from.clone()),
        }
    }

    pub(super) async fn apply(&self, permit: Permit, claude: &Writer) -> Result<Applied, Error> {
        call(permit, claude.park_key(&self.key_id, &self.to)).await?;
        Ok(self.applied())
    }

    /// Name and state are set together. A key that was archived, or has expired, is of no use.
    pub(super) async fn already(&self, claude: &Reader) -> Result<Found, Error> {
        let key = claude.api_key(&self.key_id).await?;
        Ok(match key.status.as_str() {
            "inactive" if key.name == self.to => Found::Done(self.applied()),
            "inactive" | "active" => Found::NotDone,
            _ => Found::Unclear("key_changed_elsewhere"),
        })
    }
}
