//! Asking somebody into the organization: one `POST` on `/v1/organizations/invites`.

use serde::{Deserialize, Serialize};

use super::draft::Draft;
use super::effect::Effect;
use super::failure::Failure;
use super::send_invite::SendInvite;
use super::world::World;
use crate::chat::Text;
use crate::domain::{Fact, Plan, Step};

/// One person to ask in, and what they may do once inside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invite {
    /// The address, in lower case.
    pub email: String,
    /// The role, as the API calls it. Never `admin`.
    pub role: String,
}

impl Invite {
    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        if let Some(member) = world.members.first() {
            return Err(Failure::mistake(
                format!("{} is a member already, as {}.", member.email, member.role),
                Text::plain("Nothing was sent. To change what they may do: ")
                    .command(format!("member role {} …", member.email)),
            ));
        }
        if let Some(open) = world.open_invite() {
            return Err(Failure::mistake(
                format!("{} was already invited, as {}.", open.email, open.role),
                Text::plain("That invitation lapses on ")
                    .time(open.expires_at)
                    .then(". A new mail goes out with ")
                    .command(format!("invites resend {}", open.email))
                    .then("."),
            ));
        }
        let effect = SendInvite { email: self.email.clone(), role: self.role.clone() };
        let plan = Plan {
            summary: format!("invite {} as {}", self.email, self.role),
            steps: vec![Step {
                call: "POST /v1/organizations/invites".into(),
                does: format!("Anthropic sends {} an invitation as {}, good for 21 days", self.email, self.role),
                exact: String::new(),
            }],
            before: vec![Fact::new("Member", "no"), Fact::new("Open invitation", "none")],
            after: vec![Fact::new("Open invitation", format!("as {}", self.role))],
            cost: None,
            undo: Some("withdraw the invitation while it is pending".into()),
        };
        Ok(Draft { plan, effects: vec![Effect::SendInvite(effect)] })
    }
}
