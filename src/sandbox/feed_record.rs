//! What each call of the Admin API leaves in the activity feed: one table, so that no call is forgotten.

use super::feed::Actor;
use super::organization::Organization;
use axum::http::Method;
use serde_json::{Value, json};
use std::convert::Infallible;

/// A call that may change something, and what it meets.
pub(super) struct Calling {
    method: Method,
    parts: Vec<String>,
    /// The member it is about, as they were before: address and role.
    was: Option<(String, &'static str)>,
}

impl Calling {
    /// A call, before it is served. None for a look, and for whatever is not the Admin API.
    pub(super) fn of(org: &Organization, method: &Method, path: &str) -> Option<Self> {
        let below = path.strip_prefix("/v1/organizations/").filter(|_| *method != Method::GET)?;
        let parts: Vec<String> = below.split('/').map(str::to_owned).collect();
        let was = match parts.as_slice() {
            [users, id] if users == "users" => {
                org.read(|state| state.member(id).map(|it| (it.email.clone(), it.role.as_str())))
            }
            _ => None,
        };
        Some(Self { method: method.clone(), parts, was })
    }

    /// Records what a call has done, given what it was answered.
    pub(super) fn record(&self, org: &Organization, actor: &Actor, answer: &Value) {
        let Some((kind, more)) = self.left(answer) else { return };
        let Ok(()) = org.change(|state, tools| {
            state.feed.leave(tools, actor, kind, more);
            Ok::<_, Infallible>(())
        });
    }

    /// The activity of a call: its kind, and what it says besides.
    fn left(&self, answer: &Value) -> Option<(&'static str, Value)> {
        let removes = self.method == Method::DELETE;
        let parts: Vec<&str> = self.parts.iter().map(String::as_str).collect();
        let email = || self.was.as_ref().map(|(email, _)| email.clone());
        Some(match parts.as_slice() {
            ["invites"] => {
                ("org_user_invite_sent", json!({ "invited_email": answer["email"], "invited_role": answer["role"] }))
            }
            ["invites", id] => ("org_user_invite_deleted", json!({ "invite_id": id })),
            ["users", id] if removes => {
                ("org_user_deleted", json!({ "deleted_user_id": id, "deleted_user_email": email() }))
            }
            ["users", id] => {
                let previous = self.was.as_ref().map(|(_, role)| *role);
                let more = json!({
                    "user_id": id, "user_email": email(), "previous_role": previous, "current_role": answer["role"],
                });
                ("claude_user_role_updated", more)
            }
            ["api_keys", id] => ("platform_api_key_updated", json!({ "api_key_id": id, "updates": [] })),
            ["workspaces"] => ("platform_workspace_created", json!({ "workspace_id": answer["id"] })),
            ["workspaces", id] => ("platform_workspace_updated", json!({ "workspace_id": id, "updates": [] })),
            ["workspaces", id, "archive"] => ("platform_workspace_archived", json!({ "workspace_id": id })),
            ["workspaces", id, "members"] => {
                ("platform_workspace_member_added", json!({ "workspace_id": id, "user_id": answer["user_id"] }))
            }
            ["workspaces", id, "members", user] => {
                let kind =
                    if removes { "platform_workspace_member_removed" } else { "platform_workspace_member_updated" };
                (kind, json!({ "workspace_id": id, "user_id": user }))
            }
            ["workspaces", id, "rate_limits", _] => {
                ("platform_workspace_rate_limit_updated", json!({ "workspace_id": id }))
            }
            _ => return None,
        })
    }
}
