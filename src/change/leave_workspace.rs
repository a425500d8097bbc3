//! The call that ends somebody's membership of a workspace: `DELETE /v1/organizations/workspaces/{id}/members/{user_id}`.

use serde::{Deserialize, Serialize};

use super::applied::{Applied, Found, call};
use super::permit::Permit;
use crate::claude::{Error, Reader, WorkspaceRole, Writer};
use crate::domain::Step;
use crate::store::{MemberRow, WorkspaceRow};

/// Who leaves which workspace, and as what they were there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaveWorkspace {
    /// `wrkspc_…`.
    pub(super) workspace_id: String,
    /// What people call it.
    pub(super) workspace: String,
    /// Their address.
    pub(super) email: String,
    /// `user_…`.
    pub(super) user_id: String,
    /// The role there that ends, as the API calls it.
    pub(super) role: String,
    /// What their role in the organization leaves them, if it leaves them anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) keeps: Option<String>,
}

impl LeaveWorkspace {
    /// Takes a member out who has this role there now.
    pub(super) fn new(workspace: &WorkspaceRow, member: &MemberRow, role: &str) -> Self {
        Self {
            workspace_id: workspace.id.clone(),
            workspace: workspace.name.clone(),
            email: member.email.clone(),
            user_id: member.id.clone(),
            role: role.to_owned(),
            keeps: (member.role == "billing").then(|| WorkspaceRole::Billing.as_str().to_owned()),
        }
    }

    /// What they are there afterwards.
    pub(super) fn after(&self) -> &str {
        self.keeps.as_deref().unwrap_or("not a member")
    }

    /// The call, in words.
    pub(super) fn step(&self) -> Step {
        let call = format!("DELETE /v1/organizations/workspaces/{}/members/{}", self.workspace_id, self.user_id);
        let does = match &self.keeps {
            Some(role) => format!("{} is {role} in {} again", self.email, self.workspace),
            None => format!("{} leaves {}; their personal keys stop working there", self.email, self.workspace),
        };
        Step { call, does, exact: String::new() }
    }

    pub(super) fn workspace_id(&self) -> &str {
        &self.workspace_id
    }

    fn applied(&self) -> Applied {
        let done = match &self.keeps {
            Some(role) => format!("{} is {role} in {} again", self.email, self.workspace),
            None => format!("{} is no longer in {}", self.email, self.workspace),
        };
        Applied { id: self.user_id.clone(), done, was: Some(self.role.clone()) }
    }

    /// Takes them out. Gone already is as good: they were there when this was intended.
    pub(super) async fn apply(&self, permit: Permit, claude: &Writer) -> Result<Applied, Error> {
        call(permit, claude.remove_workspace_member(&self.workspace_id, &self.user_id)).await?;
        Ok(self.applied())
    }

    /// Whoever has left the organization, or whose workspace is no longer there, is not in it either. What the organization's
    /// role billing brings along stays when what was given is taken. Another role means that somebody let them in anew.
    pub(super) async fn already(&self, claude: &Reader) -> Result<Found, Error> {
        match claude.workspace_member(&self.workspace_id, &self.user_id).await {
            Ok(found) if found.workspace_role.as_str() == self.role => Ok(Found::NotDone),
            Ok(found) if found.workspace_role == WorkspaceRole::Billing => Ok(Found::Done(self.applied())),
            Ok(_) => Ok(Found::Unclear("workspace_role_changed_elsewhere")),
            Err(error) if error.is_not_found() => Ok(Found::Done(self.applied())),
            Err(error) => Err(error),
        }
    }
}
