//! The call that takes a member out: `DELETE /v1/organizations/users/{id}`.

use serde::{Deserialize, Serialize};

use super::applied::{Applied, Found, call};
use super::permit::Permit;
use crate::claude::{Error, Reader, Writer};

/// The member who goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoveUser {
    pub(super) user_id: String,
    pub(super) email: String,
    pub(super) role: String,
}

impl RemoveUser {
    fn applied(&self) -> Applied {
        Applied { id: self.user_id.clone(), done: format!("{} was removed", self.email), was: Some(self.role.clone()) }
    }

    /// Removes them. Gone already is as good: they were there when this was intended.
    pub(super) async fn apply(&self, permit: Permit, claude: &Writer) -> Result<Applied, Error> {
        call(permit, claude.remove_user(&self.user_id)).await?;
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
