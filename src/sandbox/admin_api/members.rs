//! `/v1/organizations/workspaces/{id}/members`: who is in a workspace, by inheritance or because they were added.
//!
//! Admins are `workspace_admin` everywhere and that is that. Billing members are `workspace_billing` everywhere and can
//! be raised to `workspace_admin` and lowered again. All others are added, changed and removed.

use super::workspaces::missing;
use crate::sandbox::answer::{Answer, Refusal};
use crate::sandbox::fields::Fields;
use crate::sandbox::nouns::{Member, Role, Workspace, WorkspaceMember, WorkspaceRole};
use crate::sandbox::organization::Organization;
use crate::sandbox::page::{Query, Row, cursors};
use crate::sandbox::state::State;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery};
use axum::http::HeaderMap;
use axum::{Extension, Json};
use serde_json::{Value, json};

/// In the order in which they joined the organization; the order is undocumented.
pub(super) async fn list(
    Extension(org): Extension<Organization>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Answer {
    let query = Query::parse(query.as_deref());
    org.read(|state| {
        let workspace = state.workspace(&id).ok_or_else(|| missing(&id))?;
        let inside =
            |member: &Member| state.role_in(workspace, member).map(|role| row(&workspace.id, &member.id, role));
        let members: Vec<WorkspaceMember> = state.members.iter().filter_map(inside).collect();
        cursors(&query, &members, |it| Row { id: &it.user_id, kept: true }, shown)
    })
}

pub(super) async fn get(Extension(org): Extension<Organization>, Path((id, user)): Path<(String, String)>) -> Answer {
    org.read(|state| {
        let workspace = state.workspace(&id).ok_or_else(|| missing(&id))?;
        let role = state.member(&user).and_then(|member| state.role_in(workspace, member));
        let role = role.ok_or_else(|| Refusal::missing("Workspace member", &user))?;
        Ok(Json(shown(&row(&id, &user, role))))
    })
}

pub(super) async fn add(
    Extension(org): Extension<Organization>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let fields = Fields::read(&headers, &body, &["user_id", "workspace_role"])?;
    let user = fields.required("user_id")?;
    let role = named(fields.required("workspace_role")?)?;
    if role == WorkspaceRole::Billing {
        return Err(Refusal::bad("workspace_role: workspace_billing is inherited and cannot be given"));
    }
    org.change(|state, _| {
        changeable(state, &id)?;
        let member = state.member(user).ok_or_else(|| Refusal::missing("User", user))?;
        if state.added(&id, user).is_some() {
            return Err(Refusal::bad("This user is a member of the workspace already"));
        }
        may_be(member, role)?;
        let added = row(&id, user, role);
        let answer = shown(&added);
        state.workspace_members.push(added);
        Ok(Json(answer))
    })
}

pub(super) async fn update(
    Extension(org): Extension<Organization>,
    Path((id, user)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let role = named(Fields::read(&headers, &body, &["workspace_role"])?.required("workspace_role")?)?;
    org.change(|state, _| {
        let workspace = changeable(state, &id)?;
        let absent = || Refusal::missing("Workspace member", &user);
        let member = state.member(&user).ok_or_else(absent)?;
        state.role_in(workspace, member).ok_or_else(absent)?;
        may_be(member, role)?;
        state.workspace_members.retain(|row| row.workspace_id != id || row.user_id != user);
        let changed = row(&id, &user, role);
        let answer = shown(&changed);
        if role != WorkspaceRole::Billing {
            state.workspace_members.push(changed);
        }
        Ok(Json(answer))
    })
}

pub(super) async fn remove(
    Extension(org): Extension<Organization>,
    Path((id, user)): Path<(String, String)>,
) -> Answer {
    org.change(|state, _| {
        let workspace = changeable(state, &id)?;
        let absent = || Refusal::missing("Workspace member", &user);
        let member = state.member(&user).ok_or_else(absent)?;
        state.role_in(workspace, member).ok_or_else(absent)?;
        if member.role == Role::Admin || state.added(&id, &user).is_none() {
            return Err(Refusal::bad("This membership is inherited from the organization role and cannot be removed"));
        }
        state.workspace_members.retain(|row| row.workspace_id != id || row.user_id != user);
        Ok(Json(json!({ "user_id": user, "workspace_id": id, "type": "workspace_member_deleted" })))
    })
}

/// The workspace, if its members can be changed: it is not archived and not the one that everybody is in.
fn changeable<'a>(state: &'a State, id: &str) -> Result<&'a Workspace, Refusal> {
    let workspace = state.workspace(id).ok_or_else(|| missing(id))?;
    if workspace.archived_at.is_some() {
        return Err(Refusal::bad("The members of an archived workspace cannot be changed"));
    }
    if workspace.is_default {
        return Err(Refusal::bad("The members of the default workspace cannot be changed"));
    }
    Ok(workspace)
}

/// Whether somebody's organization role leaves room for this workspace role.
fn may_be(member: &Member, role: WorkspaceRole) -> Result<(), Refusal> {
    match (member.role, role) {
        (Role::Admin, _) => {
            Err(Refusal::bad("Organization admins are workspace admins everywhere; this cannot be changed"))
        }
        (Role::Billing, WorkspaceRole::Admin | WorkspaceRole::Billing) => Ok(()),
        (Role::Billing, _) => Err(Refusal::bad("Organization billing members can only be raised to workspace_admin")),
        (_, WorkspaceRole::Billing) => {
            Err(Refusal::bad("workspace_role: workspace_billing is inherited from the organization role billing"))
        }
        _ => Ok(()),
    }
}

fn named(role: &str) -> Result<WorkspaceRole, Refusal> {
    WorkspaceRole::named(role).ok_or_else(|| Refusal::bad("workspace_role: Input is not a known workspace role"))
}

fn row(workspace_id: &str, user_id: &str, role: WorkspaceRole) -> WorkspaceMember {
    WorkspaceMember { workspace_id: workspace_id.to_owned(), user_id: user_id.to_owned(), role }
}

fn shown(member: &WorkspaceMember) -> Value {
    json!({
        "type": "workspace_member",
        "user_id": member.user_id,
        "workspace_id": member.workspace_id,
        "workspace_role": member.role.as_str(),
    })
}
