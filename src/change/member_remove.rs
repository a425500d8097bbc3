//! Taking a member out: one `DELETE` on `/v1/organizations/users/{id}`. Their personal keys die with it.

use serde::{Deserialize, Serialize};

use super::draft::{Draft, no_such_member};
use super::effect::Effect;
use super::failure::Failure;
use super::remove_user::RemoveUser;
use super::world::World;
use crate::domain::{Fact, Plan, Step};
use crate::store::{ApiKeyRow, TokenRule};
use crate::view;

/// The member to remove.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoveMember {
    /// `user_…`.
    pub user_id: String,
}

impl RemoveMember {
    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        let Some(member) = world.members.iter().find(|it| it.id == self.user_id) else {
            return Err(no_such_member());
        };
        if member.role == "admin" {
            return Err(Failure::mistake(
                format!("{} is an admin of the organization, and the API cannot remove admins.", member.email),
                "An admin can do it in the Console, under Settings, Members.",
            ));
        }
        let effect = RemoveUser { user_id: member.id.clone(), email: member.email.clone(), role: member.role.clone() };
        let personal = names(world, |key| key.kind == "personal" && key.owner_id.as_deref() == Some(&member.id));
        let survive = names(world, |key| key.kind != "personal" && key.created_by.as_deref() == Some(&member.id));
        let workspaces: Vec<&str> = world.workspaces.iter().map(|(workspace, _)| workspace.name.as_str()).collect();
        let mut plan = Plan {
            summary: format!("remove {} from the organization", member.email),
            steps: vec![Step {
                call: format!("DELETE /v1/organizations/users/{}", member.id),
                does: format!("{} can no longer sign in; their personal keys stop at once", member.email),
                exact: String::new(),
            }],
            before: vec![
                Fact::new("Role", member.role.clone()),
                Fact::new("Workspaces", listed(&workspaces)),
                Fact::new("Personal keys, which die", listed(&personal)),
                Fact::new("Other keys they made, which keep working", listed(&survive)),
            ],
            after: vec![Fact::new("Member", "no")],
            cost: None,
            undo: None,
        };
        // It is over with the same line of the books that says that they are gone.
        let access: Vec<&str> = world.tokens.iter().map(TokenRule::name).collect();
        if let Some(longest) = world.tokens.iter().map(|it| it.lifetime_s).max() {
            plan.before.push(Fact::new("Access by tokens, which ends", listed(&access)));
            plan.after.push(Fact::new("Access by tokens", format!("none; {}", view::token::live_on(longest))));
        }
        Ok(Draft { plan, effects: vec![Effect::RemoveUser(effect)] })
    }
}

fn names(world: &World, which: impl Fn(&ApiKeyRow) -> bool) -> Vec<&str> {
    world.keys.iter().filter(|key| key.status != "expired" && which(key)).map(|key| key.name.as_str()).collect()
}

fn listed(names: &[&str]) -> String {
    if names.is_empty() { "none".into() } else { names.join(", ") }
}
