//! The call that changes a member's role: `POST /v1/organizations/users/{id}`.

use serde::{Deserialize, Serialize};

use super::applied::{Applied, Found, call};
use super::permit::Permit;
use crate::claude::{Error, Reader, Role, Writer};

/// The member, and the role before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetRole {
    pub(super) user_id: String,
    pub(super) email: String,
    pub(super) from: String,
    pub(super) to: String,
}

impl SetRole {
    fn applied(&self) -> Applied {
        let done = format!("{} is {} now, was {}", self.email, self.to, self.from);
        Applied { id: self.user_id.clone(), done, was: Some(self.from.clone()) }
    }

    pub(super) async fn apply(&self, permit: Permit, claude: &Writer) -> Result<Applied, Error> {
        call(permit, claude.set_role(&self.user_id, &Role::from(self.to.as_str()))).await?;
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
