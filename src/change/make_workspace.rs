//! The call that makes a workspace: `POST /v1/organizations/workspaces`.

use serde::{Deserialize, Serialize};

use super::applied::{Applied, Found, call};
use super::permit::Permit;
use crate::claude::{Error, Reader, WorkspaceFilter, Writer};
use crate::clock::Moment;

/// The name of a new workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MakeWorkspace {
    /// Its name.
    pub(super) name: String,
    /// Workspaces that had this name before, by id: never taken for the new one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) known: Vec<String>,
}

impl MakeWorkspace {
    fn applied(&self, id: String) -> Applied {
        Applied { id, done: format!("the workspace {} was made", self.name), was: None }
    }

    /// Makes it. The API knows no idempotency key and takes a name twice, so the ledger asks [`Self::already`] before it ever
    /// repeats this.
    pub(super) async fn apply(&self, permit: Permit, claude: &Writer) -> Result<Applied, Error> {
        let made = call(permit, claude.create_workspace(&self.name)).await?;
        Ok(self.applied(made.id))
    }

    /// Same name, made since, and not there before. It may have been archived meanwhile. Of two, one is somebody else's.
    pub(super) async fn already(&self, claude: &Reader, since: Moment) -> Result<Found, Error> {
        let all = WorkspaceFilter { include_archived: true, include_default: false };
        let found = claude.workspaces(all).collect_all().await?;
        let ours = found.iter().filter(|it| it.name == self.name && it.created_at >= since);
        let ours: Vec<&str> =
            ours.map(|it| it.id.as_str()).filter(|id| !self.known.iter().any(|it| it == id)).collect();
        Ok(match ours.as_slice() {
            [] => Found::NotDone,
            [id] => Found::Done(self.applied((*id).to_owned())),
            _ => Found::Unclear("several_workspaces_of_this_name"),
        })
    }
}
