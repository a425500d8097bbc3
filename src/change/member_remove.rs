//! Taking a member out: one `DELETE` on `/v1/organizations/users/{id}`. Their personal keys die with it.

use serde::{Deserialize, Serialize};

use super::proposal::Draft;
use super::{Applied, Effect, Failure, Found, Permit, World};
use crate::claude::{Error, Reader, Writer};
use crate::domain::{Fact, Plan, Step};
use crate::store::ApiKeyRow;

/// The member to remove.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoveMember {
    /// `user_…`.
    pub user_id: String,
}

/// The call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoveUser {
    user_id: String,
    email: String,
    role: String,
}

impl RemoveMember {
    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        let Some(member) = world.members.first() else {
            return Err(super::proposal::no_such_member());
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
        let plan = Plan {
            summary: format!("remove {} from the organization", member.email),
            steps: vec![Step {
                call: format!("DELETE /v1/organizations/users/{}", member.id),
                does: format!("{} can no longer sign in; their personal keys stop at once", member.email),
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
        Ok(Draft { plan, effects: vec![Effect::RemoveUser(effect)] })
    }
}

fn names(world: &World, which: impl Fn(&ApiKeyRow) -> bool) -> Vec<&str> {
    world.keys.iter().filter(|key| key.status != "expired" && which(key)).map(|key| key.name.as_str()).collect()
}

fn listed(names: &[&str]) -> String {
    if names.is_empty() { "none".into() } else { names.join(", ") }
}

impl RemoveUser {
    fn applied(&self) -> Applied {
        Applied { id: self.user_id.clone(), done: format!("{} was removed", self.email), was: Some(self.role.clone()) }
    }

    /// Removes them. Gone already is as good: they were there when this was intended.
    pub(super) async fn apply(&self, permit: Permit, claude: &Writer) -> Result<Applied, Error> {
        super::ledger::call(permit, claude.remove_user(&self.user_id)).await?;
        Ok(self.applied())
    }

    pub(super) async fn already(&self, claude: &Reader) -> Result<Found, Error> {
        match claude.user(&self.user_id).await {
            Ok(_) => Ok(Found::NotDone),
            Err(error) if error.is_not_found() => Ok(Found::Done(self.applied())),
            Err(error) => Err(error),
        }
    }
}
