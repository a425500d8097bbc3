//! `/claude workspace rename <workspace> <name>` gives a workspace another name.
//!
//! - Needs: [`crate::domain::Permission::WorkspaceManage`]. Reads: the directory. Proposes: [`RenameWorkspace`].

use crate::change::{Failure, Proposal, RenameWorkspace};
use crate::command::ask::Ask;
use crate::command::{Outcome, Tools, find};
use crate::domain::{NewWorkspaceName, WorkspaceName};

/// Give a workspace another name.
///
/// What Steward's configuration says of the old name does not follow it.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "workspace rename evals evaluations\nworkspace rename evals \"Nightly evals\" --dry-run")]
pub struct Rename {
    /// Name or wrkspc_… id.
    #[arg(value_name = "workspace")]
    pub workspace: WorkspaceName,
    /// What it is called from now on.
    #[arg(value_name = "name")]
    pub name: NewWorkspaceName,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
}

impl Rename {
    /// Proposes another name.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if no workspace or several are meant.
    pub async fn run(self, tools: &Tools) -> Result<Outcome, Failure> {
        let workspace = find::workspace(tools, &self.workspace).await?;
        let proposal = RenameWorkspace { workspace_id: workspace.id, name: self.name.to_string() };
        Ok(Outcome::proposes(self.ask.request(Proposal::WorkspaceRename(proposal))))
    }
}
