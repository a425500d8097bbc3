//! From what the API answers to what the directory keeps: every text comes through [`kept`].

use super::{ApiKeyRow, InviteRow, MemberRow, MembershipRow, WorkspaceRow};
use crate::claude::{ApiKey, Invite, Principal, Scope, User, Workspace, WorkspaceMember};

/// A text as both databases can keep it: PostgreSQL refuses the character NUL, and with it the page that it is on.
fn kept(text: impl Into<String>) -> String {
    let mut text = text.into();
    text.retain(|it| it != '\0');
    text
}

impl From<User> for MemberRow {
    fn from(user: User) -> Self {
        let (email, name) = (kept(user.email), kept(user.name));
        let name = if name.trim().is_empty() { email.clone() } else { name };
        Self {
            id: kept(user.id),
            email: email.to_lowercase(),
            name,
            role: kept(user.role.to_string()),
            added_at: user.added_at,
        }
    }
}

impl From<Invite> for InviteRow {
    fn from(invite: Invite) -> Self {
        Self {
            id: kept(invite.id),
            email: kept(invite.email).to_lowercase(),
            role: kept(invite.role.to_string()),
            status: kept(invite.status.to_string()),
            invited_at: invite.invited_at,
            expires_at: invite.expires_at,
            accepted_at: invite.accepted_at,
        }
    }
}

impl From<Workspace> for WorkspaceRow {
    fn from(workspace: Workspace) -> Self {
        Self {
            id: kept(workspace.id),
            name: kept(workspace.name),
            created_at: workspace.created_at,
            archived_at: workspace.archived_at,
        }
    }
}

impl From<WorkspaceMember> for MembershipRow {
    fn from(member: WorkspaceMember) -> Self {
        Self {
            workspace_id: kept(member.workspace_id),
            user_id: kept(member.user_id),
            workspace_role: kept(member.workspace_role.to_string()),
        }
    }
}

impl From<ApiKey> for ApiKeyRow {
    fn from(key: ApiKey) -> Self {
        let kind = match &key.principal {
            None => "workspace",
            Some(Principal::User(_)) => "personal",
            Some(Principal::ServiceAccount(_)) => "service_account",
            Some(Principal::Other(_)) => "other",
        };
        Self {
            owner_id: key.principal.as_ref().and_then(Principal::id).map(kept),
            workspace_id: key.scope.as_ref().and_then(Scope::workspace_id).map(kept),
            created_by: key.created_by.map(|maker| kept(maker.id)),
            kind: kind.to_owned(),
            id: kept(key.id),
            name: kept(key.name),
            status: kept(key.status.to_string()),
            hint: key.partial_key_hint.map(kept),
            created_at: key.created_at,
            expires_at: key.expires_at,
        }
    }
}
