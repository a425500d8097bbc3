//! Changing what a member may do: one `POST` on `/v1/organizations/users/{id}`.

use serde::{Deserialize, Serialize};

use super::proposal::Draft;
use super::{Applied, Effect, Failure, Found, Permit, World};
use crate::claude::{Error, Reader, Role, Writer};
use crate::domain::{Fact, Plan, Step};

/// The member and their next role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetMemberRole {
    /// `user_…`.
    pub user_id: String,
    /// The role, as the API calls it. Never `admin`.
    pub role: String,
}

/// The call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetRole {
    user_id: String,
    email: String,
    from: String,
    to: String,
}

impl SetMemberRole {
    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        let Some(member) = world.members.first() else {
            return Err(super::proposal::no_such_member());
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

impl SetRole {
    fn applied(&self) -> Applied {
        let done = format!("{} is {} now, was {}", self.email, self.to, self.from);
        Applied { id: self.user_id.clone(), done, was: Some(self.from.clone()) }
    }

    pub(super) async fn apply(&self, permit: Permit, claude: &Writer) -> Result<Applied, Error> {
        super::ledger::call(permit, claude.set_role(&self.user_id, &Role::from(self.to.as_str()))).await?;
        Ok(self.applied())
    }

    /// A third role means that somebody else changed it meanwhile; that is not overwritten.
    pub(super) async fn already(&self, claude: &Reader) -> Result<Found, Error> {
        let user = claude.user(&self.user_id).await?;
        Ok(match user.role.as_str() {
            role if role == self.to => Found::Done(self.applied()),
            role if role == self.from => Found::NotDone,
            _ => Found::Unclear("role_changed_elsewhere"),
        })
    }
}
