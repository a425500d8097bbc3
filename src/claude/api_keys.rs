//! `/v1/organizations/api_keys`: keys as the API shows them. It makes none, and never tells a secret.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::call::Call;
use super::error::Error;
use super::key_holder::{Maker, Principal, Scope};
use super::open::open_enum;
use super::page::{self, Pages};
use super::reader::Reader;
use super::row::Row;
use super::writer::Writer;

open_enum! {
    /// Whether a key opens anything.
    KeyStatus {
        /// It works.
        Active = "active",
        /// Switched off; can be switched on again.
        Inactive = "inactive",
        /// Switched off for good.
        Archived = "archived",
        /// Its time is over; can only be archived.
        Expired = "expired",
    }
}

impl KeyStatus {
    /// Can it be set? `expired` is set by the clock, and nothing is sent that this client does not know.
    #[must_use]
    pub fn assignable(&self) -> bool {
        matches!(self, Self::Active | Self::Inactive | Self::Archived)
    }
}

/// A key, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "Wire")]
pub struct ApiKey {
    /// `apikey_…`
    pub id: String,
    /// 1 to 500 characters.
    pub name: String,
    /// Whether it opens anything.
    pub status: KeyStatus,
    /// Since when.
    pub created_at: Timestamp,
    /// Who made it; unknown for old keys and for those that the system made.
    pub created_by: Option<Maker>,
    /// When it stops by itself, if it does.
    pub expires_at: Option<Timestamp>,
    /// A few of its letters, such as `sk-ant-api03-R2D...igAA`.
    pub partial_key_hint: Option<String>,
    /// Whose it is: a personal or service account key dies with its holder. `None` for keys of a workspace.
    pub principal: Option<Principal>,
    /// What it reaches. `None` if the answer did not tell.
    pub scope: Option<Scope>,
}

/// A key as it travels, in both versions of the API.
#[derive(Deserialize)]
struct Wire {
    id: String,
    name: String,
    status: KeyStatus,
    created_at: Timestamp,
    created_by: Option<Maker>,
    expires_at: Option<Timestamp>,
    partial_key_hint: Option<String>,
    principal: Option<Principal>,
    scope: Option<Scope>,
    /// The older version's only word on the scope. Null there means the Default Workspace or none: nothing to go by.
    workspace_id: Option<String>,
}

impl From<Wire> for ApiKey {
    fn from(wire: Wire) -> Self {
        Self {
            id: wire.id,
            name: wire.name,
            status: wire.status,
            created_at: wire.created_at,
            created_by: wire.created_by,
            expires_at: wire.expires_at,
            partial_key_hint: wire.partial_key_hint,
            principal: wire.principal,
            scope: wire.scope.or(wire.workspace_id.map(Scope::Workspace)),
        }
    }
}

impl Row for ApiKey {
    const TYPE: &'static str = "api_key";

    fn id(&self) -> &str {
        &self.id
    }
}

/// Which keys to list; the default is all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyFilter {
    /// In this state.
    pub status: Option<KeyStatus>,
    /// Of this workspace. The API leaves keys of the whole organization out then.
    pub workspace_id: Option<String>,
    /// Made by this member.
    pub created_by_user_id: Option<String>,
}

impl Reader {
    /// Lists keys, a thousand a page.
    pub fn api_keys(&self, filter: &KeyFilter) -> Pages<ApiKey> {
        let call = Call::get("API keys", &["api_keys"])
            .with_some("status", filter.status.as_ref().map(KeyStatus::as_str))
            .with_some("workspace_id", filter.workspace_id.as_deref())
            .with_some("created_by_user_id", filter.created_by_user_id.as_deref());
        page::by_last_id(self.http.clone(), call)
    }

    /// One key.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of a look; [`Error::is_not_found`] if there is no such key.
    pub async fn api_key(&self, id: &str) -> Result<ApiKey, Error> {
        self.http.object(&Call::get("an API key", &["api_keys", id])).await?.agreeing(|key: &ApiKey| key.id == id)
    }
}

impl Writer {
    /// Gives a key another name. Repeated when it fails in passing.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of a change.
    pub async fn rename_key(&self, id: &str, name: &str) -> Result<ApiKey, Error> {
        let call = Call::post("an API key's name", &["api_keys", id], json!({ "name": name })).repeatable();
        self.http.object(&call).await?.agreeing(|key: &ApiKey| key.id == id)
    }

    /// Gives a key another name and switches it off, in one call. Repeated when it fails in passing.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of a change.
    pub async fn park_key(&self, id: &str, name: &str) -> Result<ApiKey, Error> {
        let body = json!({ "name": name, "status": KeyStatus::Inactive.as_str() });
        let call = Call::post("an API key's name and status", &["api_keys", id], body).repeatable();
        self.http.object(&call).await?.agreeing(|key: &ApiKey| key.id == id && key.status == KeyStatus::Inactive)
    }

    /// Switches a key on, off, or off for good. Repeated when it fails in passing.
    ///
    /// # Errors
    ///
    /// [`Error::NotAssignable`] before anything is sent; else any [`Error`] of a change. Switching on fails with the
    /// code `workspace_api_key_limit_exceeded` or `org_api_key_limit_exceeded` where too many keys are active.
    pub async fn set_key_status(&self, id: &str, status: &KeyStatus) -> Result<ApiKey, Error> {
        if !status.assignable() {
            return Err(Error::NotAssignable(status.to_string()));
        }
        let body = json!({ "status": status.as_str() });
        let call = Call::post("an API key's status", &["api_keys", id], body).repeatable();
        let call = if *status == KeyStatus::Active { call } else { call.revoking() };
        self.http.object(&call).await?.agreeing(|key: &ApiKey| key.id == id && key.status == *status)
    }
}
