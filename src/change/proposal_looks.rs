//! What has to be looked at to plan a change.

use super::proposal::Proposal;
use super::workspace_member::{AddToWorkspace, ChangeWorkspaceRole, RemoveFromWorkspace};
use super::world::Looks;
use crate::domain::{LimitId, Scope};

impl Proposal {
    /// What has to be looked at to plan it.
    #[must_use]
    pub fn looks(&self) -> Looks {
        match self {
            Self::Invite(it) => {
                let seats = it.seats.iter().map(|seat| Looks::Workspace(seat.workspace_id.clone()));
                Looks::All([Looks::Email(it.email.clone())].into_iter().chain(seats).collect())
            }
            Self::ResendInvite(it) => Looks::Email(it.email.clone()),
            Self::WithdrawInvite(it) => Looks::Invite(it.invite_id.clone()),
            Self::MemberRole(it) => Looks::Member(it.user_id.clone()),
            Self::MemberRemove(it) => Looks::Member(it.user_id.clone()),
            Self::Sync(it) => it.looks(),
            Self::Freeze(it) => Looks::Member(it.user_id.clone()),
            Self::Thaw(it) => Looks::Member(it.user_id.clone()),
            Self::WorkspaceCreate(it) => Looks::Named(it.name.clone()),
            Self::WorkspaceRename(it) => {
                Looks::All(vec![Looks::Workspace(it.workspace_id.clone()), Looks::Named(it.name.clone())])
            }
            Self::WorkspaceArchive(it) => Looks::Inside(it.workspace_id.clone()),
            Self::WorkspaceAdd(AddToWorkspace { workspace_id, user_id, .. })
            | Self::WorkspaceRemove(RemoveFromWorkspace { workspace_id, user_id })
            | Self::WorkspaceRole(ChangeWorkspaceRole { workspace_id, user_id, .. }) => {
                Looks::Seat { workspace_id: workspace_id.clone(), user_id: user_id.clone() }
            }
            Self::WorkspaceLimits(it) => Looks::Limits(it.workspace_id.clone()),
            Self::GrantGive(it) => self.with_place(Looks::Grants(it.terms.holder.id.clone())),
            Self::GrantRevoke(it) => Looks::Grants(it.terms.holder.id.clone()),
            Self::Delegate(_) => self.with_place(Looks::Delegations),
            Self::Undelegate(_) => Looks::Delegations,
            Self::Link(it) | Self::Attest(it) => Looks::All(vec![
                Looks::Member(it.member_id.clone()),
                Looks::Link(it.account.clone(), it.member_id.clone()),
            ]),
            Self::Unlink(it) => Looks::Link(it.account.clone(), it.member_id.clone()),
            Self::KeyStatus(it) => Looks::ApiKey(it.key_id.clone()),
            Self::TokenSwitch(it) => Looks::Token(it.id.clone()),
            Self::KeyRename(it) => Looks::ApiKey(it.key_id.clone()),
            Self::KeyStock(it) => {
                let keys = it.keys.iter().map(|(key, _)| Looks::ApiKey(key.clone()));
                Looks::All([Looks::Workspace(it.workspace_id.clone())].into_iter().chain(keys).collect())
            }
            Self::KeyIssue(it) => Looks::Workspace(it.workspace_id.clone()),
            Self::KeyRotate(it) => {
                let old = it.replaces.clone().map(Looks::ApiKey);
                Looks::All([Looks::Workspace(it.workspace_id.clone())].into_iter().chain(old).collect())
            }
            Self::KeyOwner(it) => Looks::ApiKey(it.key_id.clone()),
            Self::KeyKeep(it) => Looks::ApiKey(it.key_id.clone()),
            Self::LimitSet(it) => of_limit(&it.terms.id()),
            Self::LimitRemove(it) => of_limit(&it.id),
            Self::LimitRaise(it) => of_limit(&it.id),
            Self::LimitEndRaise(_) | Self::LimitSnooze(_) => Looks::Nothing,
            Self::LimitKeep(it) => Looks::ApiKey(it.key_id.clone()),
            Self::LimitSlow(it) => Looks::Limits(it.to.workspace_id.clone()),
            Self::LimitStop(it) => keys(&it.keys),
            Self::LimitRelease(it) => {
                let limits = it.limits.iter().map(|it| Looks::Limits(it.workspace_id.clone()));
                Looks::All(limits.chain([keys(&it.keys)]).collect())
            }
        }
    }

    fn with_place(&self, look: Looks) -> Looks {
        let place = self.within().map(|it| Looks::Workspace(it.id.clone()));
        Looks::All([look].into_iter().chain(place).collect())
    }
}

/// A limit, and the workspace whose it is.
fn of_limit(id: &LimitId) -> Looks {
    let place = match &id.scope {
        Scope::Workspace(id) => Some(Looks::Workspace(id.clone())),
        _ => None,
    };
    Looks::All([Looks::Limit(id.clone())].into_iter().chain(place).collect())
}

fn keys(ids: &[String]) -> Looks {
    Looks::All(ids.iter().cloned().map(Looks::ApiKey).collect())
}
