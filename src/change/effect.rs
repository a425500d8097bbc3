//! Effects: one call each, which can find out whether it was done.

use serde::{Deserialize, Serialize};

use super::applied::{Applied, Found, Ready};
use super::close_workspace::CloseWorkspace;
use super::delete_invite::DeleteInvite;
use super::hand_over::HandOver;
use super::join_workspace::JoinWorkspace;
use super::leave_workspace::LeaveWorkspace;
use super::local::Local;
use super::make_workspace::MakeWorkspace;
use super::name_key::NameKey;
use super::name_workspace::NameWorkspace;
use super::park_key::ParkKey;
use super::permit::Permit;
use super::remove_user::RemoveUser;
use super::send_invite::SendInvite;
use super::set_key_status::SetKeyStatus;
use super::set_limits::SetLimits;
use super::set_role::SetRole;
use super::set_workspace_role::SetWorkspaceRole;
use crate::claude::{Error, Reader, Writer};
use crate::clock::{Moment, moment};
use crate::store::{self, Store};

/// How far Anthropic's clock may lag behind ours before we take what we made ourselves for somebody else's.
const SKEW_MS: i64 = 120_000;

/// One call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum Effect {
    /// `POST /v1/organizations/invites`.
    SendInvite(SendInvite),
    /// `DELETE /v1/organizations/invites/{id}`.
    DeleteInvite(DeleteInvite),
    /// `POST /v1/organizations/users/{id}`.
    SetRole(SetRole),
    /// `DELETE /v1/organizations/users/{id}`.
    RemoveUser(RemoveUser),
    /// `POST /v1/organizations/workspaces/{id}/members`, once whoever was invited is there.
    JoinWorkspace(JoinWorkspace),
    /// A change of Steward's own books; no call.
    Local(Local),
    /// `DELETE /v1/organizations/workspaces/{id}/members/{user_id}`.
    LeaveWorkspace(LeaveWorkspace),
    /// `POST /v1/organizations/workspaces/{id}/members/{user_id}`.
    SetWorkspaceRole(SetWorkspaceRole),
    /// `POST /v1/organizations/api_keys/{id}`.
    SetKeyStatus(SetKeyStatus),
    /// `POST /v1/organizations/workspaces`.
    MakeWorkspace(MakeWorkspace),
    /// `POST /v1/organizations/workspaces/{id}`.
    NameWorkspace(NameWorkspace),
    /// `POST /v1/organizations/workspaces/{id}/archive`.
    CloseWorkspace(CloseWorkspace),
    /// `POST /v1/organizations/workspaces/{id}/rate_limits/{rate_limit_id}`.
    SetLimits(SetLimits),
    /// `POST /v1/organizations/api_keys/{id}`.
    ParkKey(ParkKey),
    /// `POST /v1/organizations/api_keys/{id}`.
    NameKey(NameKey),
    /// `POST /v1/organizations/api_keys/{id}`, once its owner reveals the key.
    HandOver(HandOver),
}

impl Effect {
    /// Makes the call, spending `permit`.
    pub(super) async fn apply(&self, permit: Permit, claude: &Writer) -> Result<Applied, Error> {
        match self {
            Self::SendInvite(it) => it.apply(permit, claude).await,
            Self::DeleteInvite(it) => it.apply(permit, claude).await,
            Self::SetRole(it) => it.apply(permit, claude).await,
            Self::RemoveUser(it) => it.apply(permit, claude).await,
            Self::JoinWorkspace(it) => it.apply(permit, claude).await,
            Self::LeaveWorkspace(it) => it.apply(permit, claude).await,
            Self::SetWorkspaceRole(it) => it.apply(permit, claude).await,
            Self::SetKeyStatus(it) => it.apply(permit, claude).await,
            Self::MakeWorkspace(it) => it.apply(permit, claude).await,
            Self::NameWorkspace(it) => it.apply(permit, claude).await,
            Self::CloseWorkspace(it) => it.apply(permit, claude).await,
            Self::SetLimits(it) => it.apply(permit, claude).await,
            Self::ParkKey(it) => it.apply(permit, claude).await,
            Self::NameKey(it) => it.apply(permit, claude).await,
            Self::HandOver(it) => it.apply(permit, claude).await,
            // The ledger makes these itself, in the transaction that writes them down.
            Self::Local(_) => Err(Error::Unreachable),
        }
    }

    /// Was it done, by us, after `intended_at`?
    pub(super) async fn already(&self, claude: &Reader, intended_at: Moment) -> Result<Found, Error> {
        let since = moment(intended_at.as_millisecond() - SKEW_MS);
        match self {
            Self::SendInvite(it) => it.already(claude, since).await,
            Self::DeleteInvite(it) => it.already(claude).await,
            Self::SetRole(it) => it.already(claude).await,
            Self::RemoveUser(it) => it.already(claude).await,
            Self::JoinWorkspace(it) => it.already(claude).await,
            Self::LeaveWorkspace(it) => it.already(claude).await,
            Self::SetWorkspaceRole(it) => it.already(claude).await,
            Self::SetKeyStatus(it) => it.already(claude).await,
            Self::MakeWorkspace(it) => it.already(claude, since).await,
            Self::NameWorkspace(it) => it.already(claude).await,
            Self::CloseWorkspace(it) => it.already(claude).await,
            Self::SetLimits(it) => it.already(claude).await,
            Self::ParkKey(it) => it.already(claude).await,
            Self::NameKey(it) => it.already(claude).await,
            Self::HandOver(it) => it.already(claude).await,
            // Done and written down in one transaction: what is not written down was not done.
            Self::Local(_) => Ok(Found::NotDone),
        }
    }

    /// Can it be made now? Looks at the directory only.
    pub(super) async fn ready(self, store: &Store, now: Moment) -> Result<Ready<Self>, store::Error> {
        match self {
            Self::JoinWorkspace(it) => Ok(it.ready(store, now).await?.map(Self::JoinWorkspace)),
            Self::NameKey(it) => Ok(it.ready(store).await?.map(Self::NameKey)),
            Self::HandOver(it) => Ok(it.ready(store, now).await?.map(Self::HandOver)),
            Self::Local(it) => Ok(it.ready(store, now).await?.map(Self::Local)),
            other => Ok(Ready::Now(other)),
        }
    }

    /// As JSON, for the ledger.
    ///
    /// # Panics
    ///
    /// Never: effects are made of strings.
    #[must_use]
    pub fn body(&self) -> String {
        serde_json::to_string(self).expect("an effect is made of strings, which always have a JSON form")
    }
}
