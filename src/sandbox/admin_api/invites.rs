//! `/v1/organizations/invites`: asked in by mail, for 21 days, once per address.

use super::users::{assignable, normalized};
use crate::clock::Moment;
use crate::sandbox::answer::{Answer, Refusal};
use crate::sandbox::fields::Fields;
use crate::sandbox::mail;
use crate::sandbox::nouns::{Invite, InviteStatus, Role};
use crate::sandbox::organization::Organization;
use crate::sandbox::page::{Query, Row, cursors};
use axum::body::Bytes;
use axum::extract::{Path, RawQuery};
use axum::http::HeaderMap;
use axum::{Extension, Json};
use serde_json::{Value, json};

/// Newest first. Withdrawn ones are not listed; by its id one can still be read (undocumented, but the status exists).
pub(super) async fn list(Extension(org): Extension<Organization>, RawQuery(query): RawQuery) -> Answer {
    let query = Query::parse(query.as_deref());
    let roles = query.each("roles", Role::named)?;
    let statuses = query.each("statuses", listed_status)?;
    let email = query.one("email").map(normalized);
    let now = org.now();
    let kept = |invite: &Invite| {
        let status = invite.status(now);
        status != InviteStatus::Deleted
            && email.as_ref().is_none_or(|wanted| normalized(&invite.email) == *wanted)
            && (roles.is_empty() || roles.contains(&invite.role))
            && (statuses.is_empty() || statuses.contains(&status))
    };
    org.read(|state| {
        let newest_first: Vec<&Invite> = state.invites.iter().rev().collect();
        cursors(&query, &newest_first, |it| Row { id: &it.id, kept: kept(it) }, |it| shown(it, now))
    })
}

pub(super) async fn get(Extension(org): Extension<Organization>, Path(id): Path<String>) -> Answer {
    let now = org.now();
    org.read(|state| {
        let invite = state.invites.iter().find(|invite| invite.id == id);
        invite.map(|invite| Json(shown(invite, now))).ok_or_else(|| Refusal::missing("Invite", &id))
    })
}

pub(super) async fn create(Extension(org): Extension<Organization>, headers: HeaderMap, body: Bytes) -> Answer {
    let fields = Fields::read(&headers, &body, &["email", "role", "rbac_group_ids"])?;
    let email = fields.required("email")?.trim();
    if !is_address(email) {
        return Err(Refusal::bad("email: Input is not a valid email address"));
    }
    let role = assignable(fields.required("role")?)?;
    match fields.value("rbac_group_ids") {
        Some(Value::Array(ids)) if ids.is_empty() => {}
        None => {}
        Some(_) => return Err(Refusal::bad("rbac_group_ids: only for Claude Enterprise organizations")),
    }
    org.change(|state, tools| {
        if let Some(member) = state.member_by_email(email) {
            let message = format!("User {} is already a member of this organization", member.id);
            return Err(Refusal::coded("already_member", message));
        }
        let open = state.invites.iter().find(|invite| {
            invite.email.eq_ignore_ascii_case(email) && invite.status(tools.now) == InviteStatus::Pending
        });
        if let Some(open) = open {
            let message = format!("Invite {} for this email address is still pending", open.id);
            return Err(Refusal::coded("invite_already_exists", message));
        }
        let invite = mail::invite(state, tools, email, role);
        Ok(Json(shown(&invite, tools.now)))
    })
}

pub(super) async fn withdraw(Extension(org): Extension<Organization>, Path(id): Path<String>) -> Answer {
    org.change(|state, tools| {
        let invite = state.invites.iter_mut().find(|invite| invite.id == id);
        let invite = invite.ok_or_else(|| Refusal::missing("Invite", &id))?;
        match invite.status(tools.now) {
            InviteStatus::Pending => invite.deleted_at = Some(tools.now),
            other => {
                let message = format!("Only pending invites can be deleted; this one is {}", other.as_str());
                return Err(Refusal::bad(message));
            }
        }
        Ok(Json(json!({ "id": id, "type": "invite_deleted" })))
    })
}

/// The statuses that a list may be asked for.
fn listed_status(name: &str) -> Option<InviteStatus> {
    let listed = [InviteStatus::Pending, InviteStatus::Accepted, InviteStatus::Expired];
    listed.into_iter().find(|status| status.as_str() == name)
}

/// Whether mail could reach this: one `@`, a name before it, a dotted domain behind it.
fn is_address(email: &str) -> bool {
    let Some((local, domain)) = email.split_once('@') else { return false };
    let local_letter = |letter: char| letter.is_ascii_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(letter);
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
    };
    let dots = local.starts_with('.') || local.ends_with('.') || local.contains("..");
    (1..=64).contains(&local.len())
        && email.len() <= 254
        && !dots
        && local.chars().all(local_letter)
        && domain.contains('.')
        && domain.split('.').all(label)
}

fn shown(invite: &Invite, now: Moment) -> Value {
    json!({
        "id": invite.id,
        "type": "invite",
        "email": invite.email,
        "role": invite.role.as_str(),
        "status": invite.status(now).as_str(),
        "invited_at": invite.invited_at,
        "expires_at": invite.expires_at,
        "accepted_at": invite.accepted_at,
        "rbac_group_ids": [],
    })
}
