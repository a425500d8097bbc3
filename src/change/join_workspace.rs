//! The call that lets somebody into a workspace: `POST /v1/organizations/workspaces/{id}/members`.
//!
//! For whoever was only invited it waits until they have accepted: the API lets members in, not addresses.

use serde::{Deserialize, Serialize};

use super::applied::{Applied, Found, Ready, call};
use super::permit::Permit;
use crate::claude::{Error, Reader, WorkspaceRole, Writer};
use crate::clock::Moment;
use crate::domain::{Kind, Step};
use crate::store::{self, MemberRow, Store, WorkspaceRow};

/// What follows a workspace's name as long as nobody has accepted.
const FOLLOWS: &str = " follows once the invitation is accepted";

/// What several calls wait for, in one sentence without its full stop.
pub(super) fn waited_for(reasons: &[String]) -> String {
    let names: Option<Vec<&str>> = reasons.iter().map(|it| it.strip_suffix(FOLLOWS)).collect();
    match names.as_deref() {
        Some([first @ .., last]) if !first.is_empty() => {
            format!("{} and {last} follow once the invitation is accepted", first.join(", "))
        }
        _ => reasons.join("; "),
    }
}

/// A workspace, and the role that somebody has there once they are in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    /// `wrkspc_…`.
    pub workspace_id: String,
    /// The role there, as the API calls it.
    pub role: String,
}

/// Who joins which workspace as what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinWorkspace {
    /// `wrkspc_…`.
    pub(super) workspace_id: String,
    /// What people call it.
    pub(super) workspace: String,
    /// Their address.
    pub(super) email: String,
    /// `user_…`; none while they are only invited.
    pub(super) user_id: Option<String>,
    /// The role there, as the API calls it.
    pub(super) role: String,
}

impl JoinWorkspace {
    /// Lets a member of the organization in.
    pub(super) fn new(workspace: &WorkspaceRow, member: &MemberRow, role: &str) -> Self {
        Self { user_id: Some(member.id.clone()), ..Self::once_accepted(workspace, &member.email, role) }
    }

    /// Lets whoever has this address in, once their invitation is accepted.
    pub(super) fn once_accepted(workspace: &WorkspaceRow, email: &str, role: &str) -> Self {
        Self {
            workspace_id: workspace.id.clone(),
            workspace: workspace.name.clone(),
            email: email.to_owned(),
            user_id: None,
            role: role.to_owned(),
        }
    }

    /// The call, in words.
    pub(super) fn step(&self) -> Step {
        let does = match self.user_id {
            Some(_) => format!("{} joins {} as {}", self.email, self.workspace, self.role),
            None => format!("once they have accepted, they join {} as {}", self.workspace, self.role),
        };
        let call = format!("POST /v1/organizations/workspaces/{}/members", self.workspace_id);
        Step { call, does, exact: String::new() }
    }

    pub(super) fn workspace_id(&self) -> &str {
        &self.workspace_id
    }

    fn applied(&self) -> Applied {
        let done = format!("{} is {} in {}", self.email, self.role, self.workspace);
        Applied { id: self.user_id.clone().unwrap_or_default(), done, was: None }
    }

    /// Once the address is a member's. An invitation that is over without having been accepted ends it.
    pub(super) async fn ready(mut self, store: &Store, now: Moment) -> Result<Ready<Self>, store::Error> {
        if self.user_id.is_none() {
            // What else waits for the same acceptance is not held up by a workspace that has gone.
            if store.workspace(&self.workspace_id).await?.is_none_or(|it| it.archived_at.is_some()) {
                let why = format!("{} was archived meanwhile, so {} does not join it", self.workspace, self.email);
                return Ok(Ready::Moot(why));
            }
            match store.members_at(&self.email).await?.as_slice() {
                [member] => self.user_id = Some(member.id.clone()),
                [] => {
                    let invites = store.invites(Some(&self.email)).await?;
                    let open = |it: &store::InviteRow| {
                        it.status == "accepted" || (it.status == "pending" && it.expires_at > now)
                    };
                    // Between the two calls of a new mail there is no invitation at all.
                    let resending = store.open_change(Kind::ResendInvite, &self.email).await?.is_some();
                    return Ok(if resending || invites.iter().any(open) {
                        Ready::NotYet(format!("{}{FOLLOWS}", self.workspace))
                    } else {
                        Ready::Never(format!("The invitation to {} was not accepted.", self.email))
                    });
                }
                _ => return Ok(Ready::Never(format!("More than one member has the address {}.", self.email))),
            }
        }
        Ok(Ready::Now(self))
    }

    pub(super) async fn apply(&self, permit: Permit, claude: &Writer) -> Result<Applied, Error> {
        let user_id = self.user_id.as_deref().unwrap_or_default();
        let role = WorkspaceRole::from(self.role.as_str());
        call(permit, claude.add_workspace_member(&self.workspace_id, user_id, &role)).await?;
        Ok(self.applied())
    }

    /// There with another role means that somebody else let them in meanwhile; that is not overwritten. What the organization's
    /// role billing brings along was given by nobody.
    pub(super) async fn already(&self, claude: &Reader) -> Result<Found, Error> {
        let user_id = self.user_id.as_deref().unwrap_or_default();
        match claude.workspace_member(&self.workspace_id, user_id).await {
            Ok(found) if found.workspace_role.as_str() == self.role => Ok(Found::Done(self.applied())),
            Ok(found) if found.workspace_role == WorkspaceRole::Billing => Ok(Found::NotDone),
            Ok(_) => Ok(Found::Unclear("workspace_role_changed_elsewhere")),
            Err(error) if error.is_not_found() => Ok(Found::NotDone),
            Err(error) => Err(error),
        }
    }
}
