//! `/v1/organizations/me` and `/v1/organizations/users`.
//!
//! Admins can be neither made, nor demoted, nor removed here. Removing somebody archives their personal keys and leaves
//! the workspace keys they made.

use crate::sandbox::answer::{Answer, Refusal};
use crate::sandbox::fields::Fields;
use crate::sandbox::nouns::{KeyKind, KeyStatus, Member, Role, WorkspaceRole};
use crate::sandbox::organization::Organization;
use crate::sandbox::page::{Query, Row, cursors};
use axum::body::Bytes;
use axum::extract::{Path, RawQuery};
use axum::http::HeaderMap;
use axum::{Extension, Json};
use serde_json::{Value, json};

pub(super) async fn me(Extension(org): Extension<Organization>) -> Answer {
    Ok(Json(json!({ "id": org.id(), "type": "organization", "name": org.name() })))
}

/// Newest first.
pub(super) async fn list(Extension(org): Extension<Organization>, RawQuery(query): RawQuery) -> Answer {
    let query = Query::parse(query.as_deref());
    let roles = query.each("roles", Role::named)?;
    let email = query.one("email").map(normalized);
    let kept = |member: &Member| {
        email.as_ref().is_none_or(|wanted| normalized(&member.email) == *wanted)
            && (roles.is_empty() || roles.contains(&member.role))
    };
    org.read(|state| {
        let newest_first: Vec<&Member> = state.members.iter().rev().collect();
        cursors(&query, &newest_first, |it| Row { id: &it.id, kept: kept(it) }, |it| shown(it))
    })
}

pub(super) async fn get(Extension(org): Extension<Organization>, Path(id): Path<String>) -> Answer {
    org.read(|state| state.member(&id).map(|member| Json(shown(member))).ok_or_else(|| Refusal::missing("User", &id)))
}

pub(super) async fn update(
    Extension(org): Extension<Organization>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let role = assignable(Fields::read(&headers, &body, &["role"])?.required("role")?)?;
    org.change(|state, _| {
        let member = state.members.iter_mut().find(|member| member.id == id);
        let member = member.ok_or_else(|| Refusal::missing("User", &id))?;
        if member.role == Role::Admin {
            return Err(Refusal::bad("The role of an admin cannot be changed through the API"));
        }
        member.role = role;
        let answer = shown(member);
        if role == Role::Billing {
            // They inherit `workspace_billing` everywhere now; only what is above it stays.
            state.workspace_members.retain(|row| row.user_id != id || row.role == WorkspaceRole::Admin);
        }
        Ok(Json(answer))
    })
}

pub(super) async fn remove(Extension(org): Extension<Organization>, Path(id): Path<String>) -> Answer {
    org.change(|state, _| {
        let member = state.member(&id).ok_or_else(|| Refusal::missing("User", &id))?;
        if member.role == Role::Admin {
            return Err(Refusal::bad("Admins cannot be removed through the API"));
        }
        state.members.retain(|member| member.id != id);
        state.workspace_members.retain(|row| row.user_id != id);
        let own = KeyKind::Personal(id.clone());
        for key in state.keys.iter_mut().filter(|key| key.kind == own) {
            key.switched = KeyStatus::Archived;
        }
        Ok(Json(json!({ "id": id, "type": "user_deleted" })))
    })
}

/// The role that may be given by API under this name. `admin` is a role and still may not; there is no `member`.
pub(super) fn assignable(name: &str) -> Result<Role, Refusal> {
    Role::named(name)
        .filter(|role| role.assignable())
        .ok_or_else(|| Refusal::bad("role: Input should be 'user', 'developer', 'billing' or 'claude_code_user'"))
}

/// An address as filters compare it: without case and without a plus-tag.
pub(super) fn normalized(email: &str) -> String {
    let email = email.trim().to_lowercase();
    match email.split_once('@') {
        Some((local, domain)) => format!("{}@{domain}", local.split('+').next().unwrap_or(local)),
        None => email,
    }
}

fn shown(member: &Member) -> Value {
    json!({
        "id": member.id,
        "type": "user",
        "email": member.email,
        "name": member.name,
        "role": member.role.as_str(),
        "added_at": member.added_at,
    })
}
