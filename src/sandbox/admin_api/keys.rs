//! `/v1/organizations/api_keys`: list, read, rename, switch. No call creates a key, and none says a secret.
//!
//! An archived key stays archived; an expired one can only be archived. Switching one on can fail when too many are.

use crate::clock::Moment;
use crate::sandbox::answer::{Answer, Refusal};
use crate::sandbox::fields::{Fields, bounded};
use crate::sandbox::nouns::{Key, KeyKind, KeyStatus};
use crate::sandbox::organization::Organization;
use crate::sandbox::page::{Query, Row, cursors};
use crate::sandbox::state::{State, TooManyKeys};
use axum::body::Bytes;
use axum::extract::{Path, RawQuery};
use axum::http::HeaderMap;
use axum::{Extension, Json};
use serde_json::{Value, json};

const LONGEST_NAME: usize = 500;

/// Oldest first; the order is undocumented.
pub(super) async fn list(Extension(org): Extension<Organization>, RawQuery(query): RawQuery) -> Answer {
    let query = Query::parse(query.as_deref());
    let status = match query.one("status") {
        None => None,
        Some(name) => Some(KeyStatus::named(name).ok_or_else(|| Refusal::bad("status: Input is not a known status"))?),
    };
    let workspace = query.one("workspace_id");
    let maker = query.one("created_by_user_id");
    let now = org.now();
    let kept = |key: &Key| {
        status.is_none_or(|wanted| key.status(now) == wanted)
            && workspace.is_none_or(|wanted| key.workspace_id.as_deref() == Some(wanted))
            && maker.is_none_or(|wanted| key.created_by.as_deref() == Some(wanted))
    };
    org.read(|state| cursors(&query, &state.keys, |it| Row { id: &it.id, kept: kept(it) }, |it| shown(state, it, now)))
}

pub(super) async fn get(Extension(org): Extension<Organization>, Path(id): Path<String>) -> Answer {
    let now = org.now();
    org.read(|state| {
        let key = state.keys.iter().find(|key| key.id == id).ok_or_else(|| missing(&id))?;
        Ok(Json(shown(state, key, now)))
    })
}

pub(super) async fn update(
    Extension(org): Extension<Organization>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let fields = Fields::read(&headers, &body, &["name", "status"])?.nonempty()?;
    let name = fields.text("name")?.map(|name| bounded("name", name, LONGEST_NAME)).transpose()?;
    let status = match fields.text("status")? {
        None => None,
        Some(text) => {
            let known = KeyStatus::named(text).filter(|status| *status != KeyStatus::Expired);
            Some(known.ok_or_else(|| Refusal::bad("status: Input should be 'active', 'inactive' or 'archived'"))?)
        }
    };
    org.change(|state, tools| {
        let at = state.keys.iter().position(|key| key.id == id).ok_or_else(|| missing(&id))?;
        may_change(state, &state.keys[at], (name.is_some(), status), tools.now)?;
        let key = &mut state.keys[at];
        key.name = name.unwrap_or_else(|| key.name.clone());
        key.switched = status.unwrap_or(key.switched);
        Ok(Json(shown(state, &state.keys[at], tools.now)))
    })
}

/// Whether a key, as it stands, may be renamed and switched like this. Archiving twice is no error (undocumented).
fn may_change(state: &State, key: &Key, (renamed, to): (bool, Option<KeyStatus>), now: Moment) -> Result<(), Refusal> {
    let only_archived = !renamed && to == Some(KeyStatus::Archived);
    match key.status(now) {
        KeyStatus::Archived if !only_archived => Err(Refusal::bad("An archived API key cannot be changed")),
        KeyStatus::Expired if !only_archived => Err(Refusal::bad("An expired API key can only be archived")),
        KeyStatus::Inactive if to == Some(KeyStatus::Active) => {
            state.room_for_key(key.workspace_id.as_deref(), now).map_err(|which| match which {
                TooManyKeys::InOrganization => Refusal::coded(
                    "org_api_key_limit_exceeded",
                    "This organization has reached its limit of active API keys",
                ),
                TooManyKeys::InWorkspace => Refusal::coded(
                    "workspace_api_key_limit_exceeded",
                    "This workspace has reached its limit of active API keys",
                ),
            })
        }
        _ => Ok(()),
    }
}

fn missing(id: &str) -> Refusal {
    Refusal::missing("API key", id)
}

/// A key as the API shows it. `workspace_id` is deprecated: null means the Default Workspace or none; `scope` tells.
pub(crate) fn shown(state: &State, key: &Key, now: Moment) -> Value {
    let ordinary = key.workspace_id.as_ref().filter(|id| !state.workspace(id).is_some_and(|it| it.is_default));
    let created_by = key.created_by.as_ref().map(|id| {
        let kind = if id.starts_with("svac_") { "service_account" } else { "user" };
        json!({ "id": id, "type": kind })
    });
    json!({
        "id": key.id,
        "type": "api_key",
        "name": key.name,
        "status": key.status(now).as_str(),
        "created_at": key.created_at,
        "created_by": created_by,
        "expires_at": key.expires_at,
        "partial_key_hint": key.hint,
        "principal": match &key.kind {
            KeyKind::Workspace => Value::Null,
            KeyKind::Personal(user) => json!({ "type": "user_actor", "user_id": user }),
            KeyKind::ServiceAccount(id) => json!({ "type": "service_account_actor", "service_account_id": id }),
        },
        "scope": match &key.workspace_id {
            Some(id) => json!({ "type": "workspace", "workspace_id": id }),
            None => json!({ "type": "organization" }),
        },
        "workspace_id": ordinary,
    })
}
