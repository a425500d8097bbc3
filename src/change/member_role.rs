//! Changing what a member may do: one `POST` on `/v1/organizations/users/{id}`.

use serde::{Deserialize, Serialize};

use super::draft::{Draft, no_such_member};
use super::effect::Effect;
use super::failure::Failure;
use super::set_role::SetRole;
use super::world::World;
use crate::domain::{Fact, Plan, Step};

/// The member and their next role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetMemberRole {
    /// `user_…`.
    pub user_id: String,
    /// The role, as the API calls it. Never `admin`.
    pub role: String,
}

impl SetMemberRole {
    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        let Some(member) = world.members.iter().find(|it| it.id == self.user_id) else {
            return Err(no_such_member());
        };
        if member.role == self.role {
            return Err(Failure::mistake(
                format!("{} is {} already.", member.email, member.role),
                "Nothing was changed.",
            ));
        }
        if member.role == "admin" {
            return Err(Failure::mistake(
                format!("{} is an admin of the organization, and the API cannot change that.", member.email),
                "An admin can do it in the Console, under Settings, Members.",
            ));
        }
        let effect = SetRole {
            user_id: member.id.clone(),
            email: member.email.clone(),
            from: member.role.clone(),
            to: self.role.clone(),
        };
        let plan = Plan {
            summary: format!("make {} {} instead of {}", member.email, self.role, member.role),
            steps: vec![Step {
                call: format!("POST /v1/organizations/users/{}", member.id),
                does: format!("the role of {} becomes {}", member.email, self.role),
            }],
            before: vec![Fact::new("Role", member.role.clone())],
            after: vec![Fact::new("Role", self.role.clone())],
            cost: None,
            undo: Some(format!("make them {} again", member.role)),
        };
        Ok(Draft { plan, effects: vec![Effect::SetRole(effect)] })
    }
}
