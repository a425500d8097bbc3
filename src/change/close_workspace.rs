//! The call that archives a workspace for good: `POST /v1/organizations/workspaces/{id}/archive`.

use serde::{Deserialize, Serialize};

use super::applied::{Applied, Found, call};
use super::permit::Permit;
use crate::claude::{Error, Reader, Writer};

/// The workspace that is closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloseWorkspace {
    pub(super) workspace_id: String,
    /// What people call it.
    pub(super) workspace: String,
}

impl CloseWorkspace {
    pub(super) fn workspace_id(&self) -> &str {
        &self.workspace_id
    }

    fn applied(&self) -> Applied {
        let done = format!("the workspace {} is archived, and its API keys no longer work", self.workspace);
        Applied { id: self.workspace_id.clone(), done, was: None }
    }

    /// Archives it. Sent once: [`Self::already`] tells whether it was, and nobody can take it back in between.
    pub(super) async fn apply(&self, permit: Permit, claude: &Writer) -> Result<Applied, Error> {
        call(permit, claude.archive_workspace(&self.workspace_id)).await?;
        Ok(self.applied())
    }

    pub(super) async fn already(&self, claude: &Reader) -> Result<Found, Error> {
        let workspace = claude.workspace(&self.workspace_id).await?;
        Ok(if workspace.is_archived() { Found::Done(self.applied()) } else { Found::NotDone })
    }
}
