//! The call that changes a member's role in a workspace: `POST /v1/organizations/workspaces/{id}/members/{user_id}`.

use serde::{Deserialize, Serialize};

use super::applied::{Applied, Found, call};
use super::permit::Permit;
use crate::claude::{Error, Reader, WorkspaceRole, Writer};
use crate::domain::Step;
use crate::store::{MemberRow, WorkspaceRow};

/// The member, the workspace, and the role there before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetWorkspaceRole {
    /// `wrkspc_…`.
    pub(super) workspace_id: String,
    /// What people call it.
    pub(super) workspace: String,
    /// Their address.
    pub(super) email: String,
    /// `user_…`.
    pub(super) user_id: String,
    /// The role there before, as the API calls it.
    pub(super) from: String,
    /// The role there after.
    pub(super) to: String,
}

impl SetWorkspaceRole {
    /// Gives a member who is `from` there now the role `to`.
    pub(super) fn new(workspace: &WorkspaceRow, member: &MemberRow, (from, to): (&str, &str)) -> Self {
        Self {
            workspace_id: workspace.id.clone(),
            workspace: workspace.name.clone(),
            email: member.email.clone(),
            user_id: member.id.clone(),
            from: from.to_owned(),
            to: to.to_owned(),
        }
    }

    /// The call, in words.
    pub(super) fn step(&self) -> Step {
        Step {
            call: format!("POST /v1/organizations/workspaces/{}/members/{}", self.workspace_id, self.user_id),
            does: format!("the role of {} in {} becomes {}", self.email, self.workspace, self.to),
            exact: String::new(),
        }
    }

    pub(super) fn workspace_id(&self) -> &str {
        &self.workspace_id
    }

    fn applied(&self) -> Applied {
        let done = format!("{} is {} in {} now, was {}", self.email, self.to, self.workspace, self.from);
        Applied { id: self.user_id.clone(), done, was: Some(self.from.clone()) }
    }

    pub(super) async fn apply(&self, permit: Permit, claude: &Writer) -> Result<Applied, Error> {
        let role = WorkspaceRole::from(self.to.as_str());
        call(permit, claude.set_workspace_role(&self.workspace_id, &self.user_id, &role)).await?;
        Ok(self.applied())
    }

    /// A third role, or no place there at all, means that somebody else has changed it meanwhile; that is not overwritten.
    pub(super) async fn already(&self, claude: &Reader) -> Result<Found, Error> {
        match claude.workspace_member(&self.workspace_id, &self.user_id).await {
            Ok(found) => Ok(match found.workspace_role.as_str() {
                role if role == self.to => Found::Done(self.applied()),
                role if role == self.from => Found::NotDone,
                _ => Found::Unclear("workspace_role_changed_elsewhere"),
            }),
            Err(error) if error.is_not_found() => Ok(Found::Unclear("no_longer_in_the_workspace")),
            Err(error) => Err(error),
        }
    }
}
