//! The call that gives a workspace another name: `POST /v1/organizations/workspaces/{id}`.

use serde::{Deserialize, Serialize};

use super::applied::{Applied, Found, call};
use super::permit::Permit;
use crate::claude::{Error, Reader, Writer};

/// The workspace, and its name before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameWorkspace {
    pub(super) workspace_id: String,
    pub(super) from: String,
    pub(super) to: String,
}

impl NameWorkspace {
    pub(super) fn workspace_id(&self) -> &str {
        &self.workspace_id
    }

    fn applied(&self) -> Applied {
        let done = format!("the workspace {} is called {} now", self.from, self.to);
        Applied { id: self.workspace_id.clone(), done, was: Some(self.from.clone()) }
    }

    pub(super) async fn apply(&self, permit: Permit, claude: &Writer) -> Result<Applied, Error> {
        call(permit, claude.rename_workspace(&self.workspace_id, &self.to)).await?;
        Ok(self.applied())
    }

    /// A third name means that somebody else has renamed it meanwhile; that is not overwritten.
    pub(super) async fn already(&self, claude: &Reader) -> Result<Found, Error> {
        let workspace = claude.workspace(&self.workspace_id).await?;
        Ok(match workspace.name.as_str() {
            name if name == self.to => Found::Done(self.applied()),
            name if name == self.from => Found::NotDone,
            _ => Found::Unclear("renamed_elsewhere"),
        })
    }
}
