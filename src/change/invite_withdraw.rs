//! Taking an open invitation back: one `DELETE` on `/v1/organizations/invites/{id}`.

use serde::{Deserialize, Serialize};

use super::delete_invite::DeleteInvite;
use super::draft::Draft;
use super::effect::Effect;
use super::failure::Failure;
use super::world::World;
use crate::chat::Text;
use crate::domain::{Fact, Plan};

/// The invitation to withdraw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WithdrawInvite {
    /// `invite_…`.
    pub invite_id: String,
    /// Whom it went to.
    pub email: String,
}

impl WithdrawInvite {
    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        let Some(open) = world.open_invite() else {
            return Err(Failure::mistake(
                format!("The invitation of {} is no longer open.", self.email),
                Text::plain("It was accepted, lapsed or was withdrawn. See ").command("invites list").then("."),
            ));
        };
        let effect = DeleteInvite::of(open);
        let plan = Plan {
            summary: format!("withdraw the invitation of {}", open.email),
            steps: vec![effect.step()],
            before: vec![Fact::new("Invitation", format!("{} as {}, open", open.email, open.role))],
            after: vec![Fact::new("Invitation", "withdrawn")],
            cost: None,
            undo: None,
        };
        Ok(Draft { plan, effects: vec![Effect::DeleteInvite(effect)] })
    }
}
