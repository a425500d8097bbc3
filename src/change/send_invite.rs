//! The call that asks somebody in: `POST /v1/organizations/invites`.

use serde::{Deserialize, Serialize};

use super::applied::{Applied, Found, call};
use super::permit::Permit;
use crate::claude::{Error, InviteFilter, InviteStatus, Reader, Role, Writer};
use crate::clock::Moment;

/// One person and the role they are offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendInvite {
    pub(super) email: String,
    pub(super) role: String,
}

impl SendInvite {
    fn applied(&self, id: String) -> Applied {
        Applied { id, done: format!("{} was invited as {}", self.email, self.role), was: None }
    }

    /// Sends it. The API knows no idempotency key, so the ledger asks [`Self::already`] before it ever repeats this.
    pub(super) async fn apply(&self, permit: Permit, claude: &Writer) -> Result<Applied, Error> {
        let invite = call(permit, claude.invite(&self.email, &Role::from(self.role.as_str()))).await?;
        Ok(self.applied(invite.id))
    }

    /// Same address, same role, invited since. It may have been accepted meanwhile.
    pub(super) async fn already(&self, claude: &Reader, since: Moment) -> Result<Found, Error> {
        let filter = InviteFilter { email: Some(self.email.clone()), ..InviteFilter::default() };
        let invites = claude.invites(&filter).collect_all().await?;
        let mut ours = invites.iter().filter(|it| it.email.eq_ignore_ascii_case(&self.email) && it.invited_at >= since);
        let standing =
            |it: &&crate::claude::Invite| matches!(it.status, InviteStatus::Pending | InviteStatus::Accepted);
        Ok(match ours.find(standing) {
            Some(found) if found.role.as_str() == self.role => Found::Done(self.applied(found.id.clone())),
            Some(_) => Found::Unclear("invited_with_another_role"),
            None => Found::NotDone,
        })
    }
}
