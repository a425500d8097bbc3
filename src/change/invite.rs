//! Asking somebody into the organization: one `POST` on `/v1/organizations/invites`, then, once accepted, one per workspace.

use serde::{Deserialize, Serialize};

use super::draft::Draft;
use super::effect::Effect;
use super::failure::Failure;
use super::join_workspace::{JoinWorkspace, Seat};
use super::placing::place;
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
    /// The workspaces they join once they have accepted: an invitation alone leads into none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seats: Vec<Seat>,
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
            summary: format!("invite {} as {}{}", self.email, self.role, places(world)),
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
        let mut draft = Draft { plan, effects: vec![Effect::SendInvite(effect)] };
        for seat in &self.seats {
            self.plan_seat(seat, world, &mut draft)?;
        }
        Ok(draft)
    }

    fn plan_seat(&self, seat: &Seat, world: &World, draft: &mut Draft) -> Result<(), Failure> {
        let never = "everybody is in it, with what their role in the organization brings along";
        let workspace = &place(world, &seat.workspace_id, never)?.workspace;
        if self.role == "billing" && seat.role != "workspace_admin" {
            return Err(Failure::mistake(
                "Whoever is billing in the organization is in every workspace already, and can only be raised to workspace_admin.",
                "Nothing was sent. Leave the workspace out, or name workspace_admin.",
            ));
        }
        let effect = JoinWorkspace::once_accepted(workspace, &self.email, &seat.role);
        draft.plan.steps.push(effect.step());
        let name = format!("Workspace {}", workspace.name);
        draft.plan.before.push(Fact::new(&name, "not a member"));
        draft.plan.after.push(Fact::new(&name, format!("{} once accepted", seat.role)));
        draft.effects.push(Effect::JoinWorkspace(effect));
        Ok(())
    }
}

/// The workspaces, in words.
fn places(world: &World) -> String {
    let names: Vec<&str> = world.places.iter().map(|it| it.workspace.name.as_str()).collect();
    match names.as_slice() {
        [] => String::new(),
        [only] => format!(", then into {only}"),
        [first @ .., last] => format!(", then into {} and {last}", first.join(", ")),
    }
}
