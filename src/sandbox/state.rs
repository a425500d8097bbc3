//! The whole organization as one value, and the questions that more than one room asks it.

use super::bill::Bill;
use super::federation::Federated;
use super::feed::Feed;
use super::limits::OwnLimit;
use super::meter::Meter;
use super::nouns::{
    Invite, Key, KeyKind, KeyStatus, Mail, Member, Role, ServiceAccount, Workspace, WorkspaceMember, WorkspaceRole,
};
use super::seats::Seat;
use super::workload::Workload;
use crate::clock::Moment;
use serde::{Deserialize, Serialize};

/// The format of the file that [`State`] is kept in.
pub(super) const FORMAT: u32 = 1;

/// Everything there is, oldest first in each list. No `Debug`: it holds the admin key, in plain text, because the chat
/// page must show it; it opens nothing but this simulation.
#[derive(Serialize, Deserialize)]
pub(super) struct State {
    pub(super) format: u32,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) admin_key: String,
    pub(super) members: Vec<Member>,
    pub(super) invites: Vec<Invite>,
    pub(super) workspaces: Vec<Workspace>,
    pub(super) workspace_members: Vec<WorkspaceMember>,
    pub(super) service_accounts: Vec<ServiceAccount>,
    pub(super) keys: Vec<Key>,
    pub(super) mails: Vec<Mail>,
    pub(super) meter: Meter,
    pub(super) bounds: Bounds,
    /// Files of earlier versions have none.
    #[serde(default)]
    pub(super) feed: Feed,
    /// Files of earlier versions have none.
    #[serde(default)]
    pub(super) own_limits: Vec<OwnLimit>,
    /// Files of earlier versions have none.
    #[serde(default)]
    pub(super) workloads: Vec<Workload>,
    /// Files of earlier versions have none.
    #[serde(default)]
    pub(super) federated: Federated,
    /// Files of earlier versions have none.
    #[serde(default)]
    pub(super) bill: Bill,
    /// Files of earlier versions have none.
    #[serde(default)]
    pub(super) seats: Vec<Seat>,
}

/// How much an organization may have. The numbers of active keys are undocumented, only that there are some.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) struct Bounds {
    pub(super) workspaces: usize,
    pub(super) active_keys: usize,
    pub(super) active_keys_per_workspace: usize,
}

impl Bounds {
    pub(super) const USUAL: Self = Self { workspaces: 100, active_keys: 1_000, active_keys_per_workspace: 200 };
    pub(super) const LIFTED: Self =
        Self { workspaces: usize::MAX, active_keys: usize::MAX, active_keys_per_workspace: usize::MAX };
}

/// Which bound a further active key would break.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum TooManyKeys {
    InOrganization,
    InWorkspace,
}

impl State {
    pub(super) fn member(&self, id: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.id == id)
    }

    /// Addresses are compared without regard to case; plus-tags tell people apart.
    pub(super) fn member_by_email(&self, email: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.email.eq_ignore_ascii_case(email))
    }

    pub(super) fn workspace(&self, id: &str) -> Option<&Workspace> {
        self.workspaces.iter().find(|workspace| workspace.id == id)
    }

    /// What somebody is in a workspace, inherited or added. In the Default Workspace everybody is something; how their
    /// role there follows from the organization's is undocumented.
    pub(super) fn role_in(&self, workspace: &Workspace, member: &Member) -> Option<WorkspaceRole> {
        let added = self.added(&workspace.id, &member.id);
        match (member.role, added) {
            (Role::Admin, _) => Some(WorkspaceRole::Admin),
            (Role::Billing, None) => Some(WorkspaceRole::Billing),
            (_, Some(row)) => Some(row.role),
            (Role::Developer, None) if workspace.is_default => Some(WorkspaceRole::Developer),
            (_, None) if workspace.is_default => Some(WorkspaceRole::User),
            (_, None) => None,
        }
    }

    /// The row that added somebody to a workspace, if one did.
    pub(super) fn added(&self, workspace_id: &str, user_id: &str) -> Option<&WorkspaceMember> {
        self.workspace_members.iter().find(|row| row.workspace_id == workspace_id && row.user_id == user_id)
    }

    /// Whether somebody is in a workspace, one way or the other.
    pub(super) fn is_in(&self, workspace_id: &str, user_id: &str) -> bool {
        let both = self.workspace(workspace_id).zip(self.member(user_id));
        both.is_some_and(|(workspace, member)| self.role_in(workspace, member).is_some())
    }

    /// Whether inference may be asked with this key: its own status, its workspace, and whoever it stands for.
    pub(super) fn works(&self, key: &Key, now: Moment) -> bool {
        let at_home = match &key.workspace_id {
            None => true,
            Some(id) => self.workspace(id).is_some_and(|workspace| workspace.archived_at.is_none()),
        };
        key.status(now) == KeyStatus::Active && at_home && self.stands(key)
    }

    /// Whether the one that a key stands for is still there. Ownerless keys stand for themselves.
    fn stands(&self, key: &Key) -> bool {
        match &key.kind {
            KeyKind::Workspace => true,
            KeyKind::Personal(user) => match &key.workspace_id {
                None => self.member(user).is_some(),
                Some(workspace) => self.is_in(workspace, user),
            },
            KeyKind::ServiceAccount(id) => {
                self.service_accounts.iter().any(|account| account.id == *id && account.archived_at.is_none())
            }
        }
    }

    /// Whether one more key may be active in `workspace_id`.
    pub(super) fn room_for_key(&self, workspace_id: Option<&str>, now: Moment) -> Result<(), TooManyKeys> {
        let active = || self.keys.iter().filter(|key| key.status(now) == KeyStatus::Active);
        if active().count() >= self.bounds.active_keys {
            return Err(TooManyKeys::InOrganization);
        }
        let Some(id) = workspace_id else { return Ok(()) };
        let here = active().filter(|key| key.workspace_id.as_deref() == Some(id)).count();
        if here >= self.bounds.active_keys_per_workspace { Err(TooManyKeys::InWorkspace) } else { Ok(()) }
    }
}
