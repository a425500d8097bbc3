//! Asking somebody into the organization: one `POST` on `/v1/organizations/invites`.

use serde::{Deserialize, Serialize};

use super::proposal::Draft;
use super::{Applied, Effect, Failure, Found, Permit, World};
use crate::chat::Text;
use crate::claude::{Error, InviteFilter, InviteStatus, Reader, Role, Writer};
use crate::clock::Moment;
use crate::domain::{Fact, Plan, Step};

/// One person to ask in, and what they may do once inside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invite {
    /// The address, in lower case.
    pub email: String,
    /// The role, as the API calls it. Never `admin`.
    pub role: String,
}

/// The call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendInvite {
    email: String,
    role: String,
}

impl Invite {
    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        if let Some(member) = world.members.first() {
            return Err(Failure::mistake(
                format!("{} is a member already, as {}.", member.email, member.role),
                Text::plain("Nothing was sent. To change what they may do: ")
                    .code(format!("member role {} …", member.email)),
            ));
        }
        if let Some(open) = world.open_invite() {
            return Err(Failure::mistake(
                format!("{} was already invited, as {}.", open.email, open.role),
                Text::plain("That invitation lapses on ")
                    .time(open.expires_at)
                    .then(". A new mail goes out with ")
                    .code(format!("invites resend {}", open.email))
                    .then("."),
            ));
        }
        let effect = SendInvite { email: self.email.clone(), role: self.role.clone() };
        let plan = Plan {
            summary: format!("invite {} as {}", self.email, self.role),
            steps: vec![Step {
                call: "POST /v1/organizations/invites".into(),
                does: format!("Anthropic sends {} an invitation as {}, good for 21 days", self.email, self.role),
            }],
            before: vec![Fact::new("Member", "no"), Fact::new("Open invitation", "none")],
            after: vec![Fact::new("Open invitation", format!("as {}", self.role))],
            cost: None,
            undo: Some("withdraw the invitation while it is pending".into()),
        };
        Ok(Draft { plan, effects: vec![Effect::SendInvite(effect)] })
    }
}

impl SendInvite {
    fn applied(&self, id: String) -> Applied {
        Applied { id, done: format!("{} was invited as {}", self.email, self.role), was: None }
    }

    /// Sends it. The API knows no idempotency key, so the ledger asks [`Self::already`] before it ever repeats this.
    pub(super) async fn apply(&self, permit: Permit, claude: &Writer) -> Result<Applied, Error> {
        let invite = super::ledger::call(permit, claude.invite(&self.email, &Role::from(self.role.as_str()))).await?;
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
