//! What a change is about.

use super::limit_raise::{RaiseLimit, SnoozeLimit};
use super::limit_set::RemoveLimit;
use super::proposal::Proposal;
use super::workspace_member::{AddToWorkspace, ChangeWorkspaceRole, RemoveFromWorkspace};

impl Proposal {
    /// What it is about: two open changes of one kind never share it.
    #[must_use]
    pub fn subject(&self) -> String {
        match self {
            Self::Invite(it) => it.email.clone(),
            Self::WithdrawInvite(it) => it.email.clone(),
            Self::ResendInvite(it) => it.email.clone(),
            Self::MemberRole(it) => it.user_id.clone(),
            Self::MemberRemove(it) => it.user_id.clone(),
            // One at a time: two could undo each other.
            Self::Sync(_) => "workspaces".into(),
            Self::Freeze(it) => it.user_id.clone(),
            Self::Thaw(it) => it.user_id.clone(),
            Self::WorkspaceCreate(it) => it.name.to_lowercase(),
            Self::WorkspaceRename(it) => it.workspace_id.clone(),
            Self::WorkspaceArchive(it) => it.workspace_id.clone(),
            Self::WorkspaceAdd(AddToWorkspace { workspace_id, user_id, .. })
            | Self::WorkspaceRemove(RemoveFromWorkspace { workspace_id, user_id })
            | Self::WorkspaceRole(ChangeWorkspaceRole { workspace_id, user_id, .. }) => {
                format!("{workspace_id} {user_id}")
            }
            Self::WorkspaceLimits(it) => it.workspace_id.clone(),
            Self::GrantGive(it) => it.subject(),
            Self::GrantRevoke(it) => format!("G{}", it.number),
            Self::Delegate(it) => it.subject(),
            Self::Undelegate(it) => format!("D{}", it.number),
            Self::Link(it) | Self::Attest(it) => it.account.to_string(),
            Self::Unlink(it) => it.account.to_string(),
            Self::KeyStatus(it) => it.key_id.clone(),
            Self::TokenSwitch(it) => it.id.clone(),
            Self::KeyRename(it) => it.key_id.clone(),
            Self::KeyStock(it) => it.subject(),
            Self::KeyIssue(it) => it.subject(),
            Self::KeyRotate(it) => it.replaces.clone().unwrap_or_default(),
            Self::KeyOwner(it) => it.key_id.clone(),
            Self::KeyKeep(it) => it.key_id.clone(),
            Self::LimitSet(it) => it.terms.id().to_string(),
            Self::LimitRemove(RemoveLimit { id, .. })
            | Self::LimitRaise(RaiseLimit { id, .. })
            | Self::LimitSnooze(SnoozeLimit { id, .. }) => id.to_string(),
            Self::LimitEndRaise(it) => format!("C{}", it.change),
            Self::LimitKeep(it) => it.key_id.clone(),
            Self::LimitSlow(it) => it.to.workspace_id.clone(),
            Self::LimitStop(it) => it.subject(),
            Self::LimitRelease(it) => format!("C{}", it.brake),
        }
    }
}
