//! The call that takes an open invitation back: `DELETE /v1/organizations/invites/{id}`.

use serde::{Deserialize, Serialize};

use super::applied::{Applied, Found, call};
use super::permit::Permit;
use crate::claude::{Error, InviteStatus, Reader, Writer};
use crate::domain::Step;

/// The invitation, and what it offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteInvite {
    invite_id: String,
    email: String,
    role: String,
}

impl DeleteInvite {
    pub(super) fn of(open: &crate::store::InviteRow) -> Self {
        Self { invite_id: open.id.clone(), email: open.email.clone(), role: open.role.clone() }
    }

    pub(super) fn step(&self) -> Step {
        Step {
            call: format!("DELETE /v1/organizations/invites/{}", self.invite_id),
            does: format!("the link in the mail to {} stops working", self.email),
            exact: String::new(),
        }
    }

    fn applied(&self) -> Applied {
        let done = format!("the invitation of {} was withdrawn", self.email);
        Applied { id: self.invite_id.clone(), done, was: Some(self.role.clone()) }
    }

    /// Withdraws it. One that is gone already is as good: it was there when this was intended.
    pub(super) async fn apply(&self, permit: Permit, claude: &Writer) -> Result<Applied, Error> {
        call(permit, claude.withdraw_invite(&self.invite_id)).await?;
        Ok(self.applied())
    }

    pub(super) async fn already(&self, claude: &Reader) -> Result<Found, Error> {
        match claude.invite(&self.invite_id).await {
            Ok(invite) if invite.status == InviteStatus::Deleted => Ok(Found::Done(self.applied())),
            Ok(invite) if invite.status == InviteStatus::Pending => Ok(Found::NotDone),
            Ok(_) => Ok(Found::Unclear("invitation_no_longer_open")),
            Err(error) if error.is_not_found() => Ok(Found::Done(self.applied())),
            Err(error) => Err(error),
        }
    }
}
