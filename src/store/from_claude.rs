//! From what the API answers to what the directory keeps.

use super::{ApiKeyRow, InviteRow, MemberRow, MembershipRow, WorkspaceRow};
use crate::claude::{ApiKey, Invite, Principal, Scope, User, Workspace, WorkspaceMember};

impl From<User> for MemberRow {
    fn from(user: User) -> Self {
        let name = if user.name.trim().is_empty() { user.email.clone() } else { user.name };
        Self {
            id: user.id,
            email: user.email.to_lowercase(),
            name,
            role: user.role.to_string(),
            added_at: user.added_at,
        }
    }
}

impl From<Invite> for InviteRow {
    fn from(invite: Invite) -> Self {
        Self {
            id: invite.id,
            email: invite.email.to_lowercase(),
            role: invite.role.to_string(),
            status: invite.status.to_string(),
            invited_at: invite.invited_at,
            expires_at: invite.expires_at,
            accepted_at: invite.accepted_at,
        }
    }
}

impl From<Workspace> for WorkspaceRow {
    fn from(workspace: Workspace) -> Self {
        Self {
            id: workspace.id,
            name: workspace.name,
            created_at: workspace.created_at,
            archived_at: workspace.archived_at,
        }
    }
}

impl From<WorkspaceMember> for MembershipRow {
    fn from(member: WorkspaceMember) -> Self {
        Self {
            workspace_id: member.workspace_id,
            user_id: member.user_id,
            workspace_role: member.workspace_role.to_string(),
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
            owner_id: key.principal.as_ref().and_then(Principal::id).map(ToOwned::to_owned),
            workspace_id: key.scope.as_ref().and_then(Scope::workspace_id).map(ToOwned::to_owned),
            created_by: key.created_by.map(|maker| maker.id),
            kind: kind.to_owned(),
            id: key.id,
            name: key.name,
            status: key.status.to_string(),
            hint: key.partial_key_hint,
            created_at: key.created_at,
            expires_at: key.expires_at,
        }
    }
}
