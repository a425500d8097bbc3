//! The call by which an issued key begins to work, when its owner reveals it, or ends for good, when nobody did in time:
//! `POST /v1/organizations/api_keys/{id}`.

use serde::{Deserialize, Serialize};

use super::applied::{Applied, Found, Ready, call};
use super::permit::Permit;
use crate::claude::{Error, KeyStatus, Reader, Writer};
use crate::clock::Moment;
use crate::domain::Step;
use crate::store::{self, StockState, Store};

/// The key of a request, and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandOver {
    /// The request's mark.
    pub(super) mark: String,
    /// Whose it is, as people call them.
    pub(super) owner: String,
    /// `apikey_…`; none before its time has come.
    pub(super) key_id: Option<String>,
    /// `active` or `archived`; none before its time has come.
    pub(super) to: Option<String>,
    /// The key in whose place it is issued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) replaces: Option<String>,
}

impl HandOver {
    /// Hands over the key that the request with this mark has taken.
    pub(super) fn new(mark: &str, owner: &str, replaces: Option<String>) -> Self {
        Self { mark: mark.to_owned(), owner: owner.to_owned(), key_id: None, to: None, replaces }
    }

    /// The call, in words.
    pub(super) fn step(&self) -> Step {
        let owner = &self.owner;
        let does = format!(
            "the key works once {owner} has revealed it; if that does not happen within 24 hours, it is archived"
        );
        Step { call: "POST /v1/organizations/api_keys/…".into(), does, exact: String::new() }
    }

    /// Once its owner asks to see it, or the time for that is over.
    pub(super) async fn ready(mut self, store: &Store, now: Moment) -> Result<Ready<Self>, store::Error> {
        let Some(row) = store.claimed_stock(&self.mark).await?.filter(|it| it.is_genuine) else {
            return Ok(Ready::Never("The key that was taken from the stock cannot be issued.".into()));
        };
        let (StockState::Offered, Some(until)) = (row.state, row.offered_until) else {
            return Ok(Ready::Never("The key is not offered any more.".into()));
        };
        self.to = match row.pressed_at {
            Some(_) => Some("active".into()),
            None if until <= now => Some("archived".into()),
            None => return Ok(Ready::NotBefore(until, format!("It waits for {} to reveal it.", self.owner))),
        };
        self.key_id = Some(row.key_id);
        Ok(Ready::Now(self))
    }

    fn applied(&self) -> Applied {
        let to = self.to.clone().unwrap_or_default();
        let done = match to.as_str() {
            "active" => format!("{} has revealed it, and it works", self.owner),
            _ => format!("{} did not reveal it in time, and it is archived", self.owner),
        };
        Applied { id: self.key_id.clone().unwrap_or_default(), done, was: Some(to) }
    }

    pub(super) async fn apply(&self, permit: Permit, claude: &Writer) -> Result<Applied, Error> {
        let (key_id, to) = (self.key_id.as_deref().unwrap_or_default(), self.to.as_deref().unwrap_or_default());
        call(permit, claude.set_key_status(key_id, &KeyStatus::from(to))).await?;
        Ok(self.applied())
    }

    /// It was inactive before. A third state means that somebody archived it, or that it expired.
    pub(super) async fn already(&self, claude: &Reader) -> Result<Found, Error> {
        let key = claude.api_key(self.key_id.as_deref().unwrap_or_default()).await?;
        Ok(match key.status.as_str() {
            status if Some(status) == self.to.as_deref() => Found::Done(self.applied()),
            "inactive" => Found::NotDone,
            _ => Found::Unclear("key_changed_elsewhere"),
        })
    }
}
