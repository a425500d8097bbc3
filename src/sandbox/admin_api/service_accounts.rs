//! `/v1/organizations/service_accounts`: identities that are nobody's, and the workspaces that they work in.
//!
//! Archiving is for good, refused while a live rule leads to the account, and no error the second time.

use crate::clock::Moment;
use crate::sandbox::answer::{Answer, Refusal};
use crate::sandbox::federation::Seat;
use crate::sandbox::fields::Fields;
use crate::sandbox::ids;
use crate::sandbox::nouns::{ServiceAccount, WorkspaceRole};
use crate::sandbox::organization::Organization;
use crate::sandbox::page::{Query, Size, tokens_of};
use axum::body::Bytes;
use axum::extract::{Path, RawQuery};
use axum::http::HeaderMap;
use axum::{Extension, Json};
use serde_json::{Value, json};

/// As everything that belongs to federation is listed.
pub(super) const SMALL: Size = Size { usual: 20, most: 100 };

/// Newest first.
pub(super) async fn list(Extension(org): Extension<Organization>, RawQuery(query): RawQuery) -> Answer {
    let query = Query::parse(query.as_deref());
    let archived = query.flag("include_archived")?;
    org.read(|state| {
        let kept = state.service_accounts.iter().rev().filter(|it| archived || it.archived_at.is_none());
        tokens_of(SMALL, &query, &kept.map(shown).collect::<Vec<_>>())
    })
}

pub(super) async fn get(Extension(org): Extension<Organization>, Path(id): Path<String>) -> Answer {
    org.read(|state| state.service_account(&id).map(|it| Json(shown(it))).ok_or_else(|| missing(&id)))
}

pub(super) async fn create(Extension(org): Extension<Organization>, headers: HeaderMap, body: Bytes) -> Answer {
    let fields = Fields::read(&headers, &body, &["name", "description", "organization_role"])?;
    let name = fields.slug("name")?;
    let description = fields.text("description")?.map(str::to_owned);
    role(&fields)?;
    org.change(|state, tools| {
        // Whether an archived one keeps its name is undocumented; here it does not.
        if state.service_accounts.iter().any(|it| it.name == name && it.archived_at.is_none()) {
            return Err(Refusal::conflict("A service account with this name exists already"));
        }
        let id = ids::id(tools.random, "svac");
        let made = ServiceAccount { id, name, description, created_at: tools.now, archived_at: None };
        let answer = shown(&made);
        state.service_accounts.push(made);
        Ok(Json(answer))
    })
}

pub(super) async fn update(
    Extension(org): Extension<Organization>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let fields = Fields::read(&headers, &body, &["description", "organization_role"])?.nonempty()?;
    role(&fields)?;
    let description = fields.text("description")?.map(str::to_owned);
    org.change(|state, _| {
        let found = state.service_accounts.iter_mut().find(|it| it.id == id).ok_or_else(|| missing(&id))?;
        if found.archived_at.is_some() {
            return Err(Refusal::bad("An archived service account cannot be changed"));
        }
        found.description = description.or(found.description.take());
        Ok(Json(shown(found)))
    })
}

pub(super) async fn archive(Extension(org): Extension<Organization>, Path(id): Path<String>) -> Answer {
    org.change(|state, tools| {
        if state.federated.is_used(|rule| rule.service_account_id == id) {
            return Err(Refusal::bad("A federation rule still targets this service account"));
        }
        let found = state.service_accounts.iter_mut().find(|it| it.id == id).ok_or_else(|| missing(&id))?;
        found.archived_at = found.archived_at.or(Some(tools.now));
        Ok(Json(shown(found)))
    })
}

pub(super) async fn seats(
    Extension(org): Extension<Organization>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Answer {
    let query = Query::parse(query.as_deref());
    org.read(|state| {
        state.service_account(&id).ok_or_else(|| missing(&id))?;
        let own = state.federated.seats.iter().filter(|it| it.service_account_id == id);
        let mut rows: Vec<Value> = own.map(|it| seat_shown(it, false)).collect();
        let default = state.workspaces.iter().find(|it| it.is_default).map(|it| it.id.clone()).unwrap_or_default();
        if !rows.iter().any(|it| it["workspace_id"] == default.as_str()) {
            let implicit = Seat { service_account_id: id.clone(), workspace_id: default, role: WorkspaceRole::User };
            rows.push(seat_shown(&implicit, true));
        }
        tokens_of(SMALL, &query, &rows)
    })
}

/// Adds the account, or replaces the role that it has.
pub(super) async fn seat(
    Extension(org): Extension<Organization>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let fields = Fields::read(&headers, &body, &["workspace_id", "workspace_role"])?;
    let workspace_id = fields.required("workspace_id")?.to_owned();
    let role = WorkspaceRole::named(fields.required("workspace_role")?).filter(|it| *it != WorkspaceRole::Billing);
    let role = role.ok_or_else(|| Refusal::bad("workspace_role: Input is not a role that can be given"))?;
    org.change(|state, _| {
        let account = state.service_account(&id).ok_or_else(|| missing(&id))?;
        if account.archived_at.is_some() {
            return Err(Refusal::bad("An archived service account cannot be added"));
        }
        let workspace = state.workspace(&workspace_id).ok_or_else(|| Refusal::missing("Workspace", &workspace_id))?;
        if workspace.archived_at.is_some() {
            return Err(Refusal::bad("This workspace is archived"));
        }
        let made = Seat { service_account_id: id.clone(), workspace_id, role };
        let is_same =
            |it: &Seat| it.service_account_id == made.service_account_id && it.workspace_id == made.workspace_id;
        state.federated.seats.retain(|it| !is_same(it));
        let answer = seat_shown(&made, false);
        state.federated.seats.push(made);
        Ok(Json(answer))
    })
}

fn role(fields: &Fields) -> Result<(), Refusal> {
    match fields.text("organization_role")? {
        None | Some("developer" | "admin") => Ok(()),
        Some(_) => Err(Refusal::bad("organization_role: Input should be 'developer' or 'admin'")),
    }
}

fn missing(id: &str) -> Refusal {
    Refusal::missing("Service account", id)
}

fn shown(it: &ServiceAccount) -> Value {
    let archived_at: Option<Moment> = it.archived_at;
    json!({
        "id": it.id, "type": "service_account", "name": it.name, "description": it.description,
        "organization_role": "developer", "created_at": it.created_at, "archived_at": archived_at,
        "created_by_actor_id": null, "archived_by_actor_id": null, "updated_at": it.created_at, "updated_by_actor_id": null,
    })
}

fn seat_shown(it: &Seat, implicit: bool) -> Value {
    json!({
        "type": "service_account_workspace_member", "service_account_id": it.service_account_id,
        "workspace_id": it.workspace_id, "workspace_role": it.role.as_str(), "implicit": implicit,
        "created_by_actor_id": null,
    })
}
