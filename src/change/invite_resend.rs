//! A new mail: the API cannot resend, so the open invitation is withdrawn and a new one is sent.

use serde::{Deserialize, Serialize};

use super::delete_invite::DeleteInvite;
use super::draft::Draft;
use super::effect::Effect;
use super::failure::Failure;
use super::invite::Invite;
use super::world::World;
use crate::domain::{Fact, Plan};

/// Whose invitation to send anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResendInvite {
    /// The address, in lower case.
    pub email: String,
    /// The role if none is open any more, as the API calls it.
    pub role: String,
}

impl ResendInvite {
    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        let open = world.open_invite();
        let role = open.map_or(self.role.as_str(), |it| it.role.as_str()).to_owned();
        let rest = World { invites: Vec::new(), ..world.clone() };
        let Draft { mut plan, mut effects } =
            Invite { email: self.email.clone(), role, seats: Vec::new() }.plan(&rest)?;
        if let Some(open) = open {
            let delete = DeleteInvite::of(open);
            plan.steps.insert(0, delete.step());
            effects.insert(0, Effect::DeleteInvite(delete));
            plan.before =
                vec![Fact::new("Member", "no"), Fact::new("Open invitation", format!("{} as {}", open.id, open.role))];
        }
        plan.summary = format!("send {} a new invitation", self.email);
        Ok(Draft { plan: Plan { undo: None, ..plan }, effects })
    }
}
