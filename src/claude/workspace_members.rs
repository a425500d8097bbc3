//! `/v1/organizations/workspaces/{id}/members`: who works where.

use serde::Deserialize;
use serde_json::json;

use super::call::Call;
use super::error::Error;
use super::open::open_enum;
use super::page::{self, Pages};
use super::reader::Reader;
use super::removal::{self, Removal};
use super::row::Row;
use super::writer::Writer;

open_enum! {
    /// What a member may do in one workspace.
    WorkspaceRole {
        /// The playground there.
        User = "workspace_user",
        /// Uses keys, but does not make them.
        RestrictedDeveloper = "workspace_restricted_developer",
        /// Makes and uses keys.
        Developer = "workspace_developer",
        /// Everything there.
        Admin = "workspace_admin",
        /// Comes with the organization's role `billing`, and only so.
        Billing = "workspace_billing",
    }
}

impl WorkspaceRole {
    /// May it be given through the API? Not `workspace_billing`, and nothing that this client does not know.
    #[must_use]
    pub fn assignable(&self) -> bool {
        matches!(self, Self::User | Self::RestrictedDeveloper | Self::Developer | Self::Admin)
    }

    fn checked(&self) -> Result<&str, Error> {
        if self.assignable() { Ok(self.as_str()) } else { Err(Error::NotAssignable(self.to_string())) }
    }
}

/// A member of one workspace.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct WorkspaceMember {
    /// `user_…`
    pub user_id: String,
    /// `wrkspc_…`
    pub workspace_id: String,
    /// What the member may do there.
    pub workspace_role: WorkspaceRole,
}

impl WorkspaceMember {
    fn is_of(&self, workspace_id: &str, user_id: &str) -> bool {
        self.workspace_id == workspace_id && self.user_id == user_id
    }
}

impl Row for WorkspaceMember {
    const TYPE: &'static str = "workspace_member";

    fn id(&self) -> &str {
        &self.user_id
    }
}

/// The receipt of a membership that ended.
#[derive(Deserialize)]
struct Left {
    user_id: String,
    workspace_id: String,
    #[serde(rename = "type")]
    tag: String,
}

impl Reader {
    /// Lists who works in one workspace, a thousand a page.
    pub fn workspace_members(&self, workspace_id: &str) -> Pages<WorkspaceMember> {
        let call = Call::get("a workspace's members", &["workspaces", workspace_id, "members"]);
        page::by_last_id(self.http.clone(), call)
    }

    /// One membership.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of a look; [`Error::is_not_found`] if that member does not work there.
    pub async fn workspace_member(&self, workspace_id: &str, user_id: &str) -> Result<WorkspaceMember, Error> {
        let call = Call::get("a workspace's member", &["workspaces", workspace_id, "members", user_id]);
        self.http.object(&call).await?.agreeing(|member: &WorkspaceMember| member.is_of(workspace_id, user_id))
    }
}

impl Writer {
    /// Lets a member of the organization into a workspace. Sent once, whatever happens.
    ///
    /// # Errors
    ///
    /// [`Error::NotAssignable`] before anything is sent; else any [`Error`] of a change.
    pub async fn add_workspace_member(
        &self,
        workspace_id: &str,
        user_id: &str,
        role: &WorkspaceRole,
    ) -> Result<WorkspaceMember, Error> {
        let body = json!({ "user_id": user_id, "workspace_role": role.checked()? });
        let call = Call::post("a workspace's new member", &["workspaces", workspace_id, "members"], body);
        let added = self.http.object(&call).await?;
        added.agreeing(|it: &WorkspaceMember| it.is_of(workspace_id, user_id) && it.workspace_role == *role)
    }

    /// Gives a member another role in one workspace. Repeated when it fails in passing.
    ///
    /// # Errors
    ///
    /// [`Error::NotAssignable`] before anything is sent; else any [`Error`] of a change.
    pub async fn set_workspace_role(
        &self,
        workspace_id: &str,
        user_id: &str,
        role: &WorkspaceRole,
    ) -> Result<WorkspaceMember, Error> {
        let body = json!({ "workspace_role": role.checked()? });
        let path = ["workspaces", workspace_id, "members", user_id];
        let set = self.http.object(&Call::post("a workspace role", &path, body).repeatable()).await?;
        set.agreeing(|it: &WorkspaceMember| it.is_of(workspace_id, user_id) && it.workspace_role == *role)
    }

    /// Takes a member out of one workspace. Repeated when it fails in passing.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of a change.
    pub async fn remove_workspace_member(&self, workspace_id: &str, user_id: &str) -> Result<Removal, Error> {
        let path = ["workspaces", workspace_id, "members", user_id];
        let call = Call::delete("a workspace member's removal", &path);
        let confirms = |left: &Left| {
            left.user_id == user_id && left.workspace_id == workspace_id && left.tag == "workspace_member_deleted"
        };
        removal::remove(&self.http, &call, confirms).await
    }
}
