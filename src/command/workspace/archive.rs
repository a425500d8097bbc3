//! `/claude workspace archive <workspace>` closes a workspace for good.
//!
//! - Needs: [`crate::domain::Permission::WorkspaceManage`], and another admin. Proposes: [`ArchiveWorkspace`].
//! - Reads: the organization, so that the plan lists each key that dies. Leaves behind: the directory as it was found.

use crate::change::{ArchiveWorkspace, Failure, Looks, Proposal, World};
use crate::command::ask::Ask;
use crate::command::{Outcome, Tools, find};
use crate::domain::WorkspaceName;

/// Close a workspace for good.
///
/// Every API key in it stops at once, and nothing brings them back. The plan lists each of them, with its owner and the day it
/// was made, before anything happens. Another admin has to agree.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "workspace archive sandbox-playground --reason \"the hackathon is over\"\n\
    workspace archive sandbox-playground --dry-run")]
pub struct Archive {
    /// Name or wrkspc_… id.
    #[arg(value_name = "workspace")]
    pub workspace: WorkspaceName,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
}

impl Archive {
    /// Proposes to archive it, by what is in it now; if Anthropic cannot be asked, by what was last seen: before anything is
    /// sent, it is looked at again.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if no workspace or several are meant.
    pub async fn run(self, tools: &Tools) -> Result<Outcome, Failure> {
        let workspace_id = find::workspace(tools, &self.workspace).await?.id;
        let looks = Looks::Inside(workspace_id.clone());
        match World::fresh(&tools.store, &tools.reader, &looks, tools.clock.now()).await {
            Ok(_) | Err(Failure::Upstream(_)) => {}
            Err(failure) => return Err(failure),
        }
        Ok(Outcome::proposes(self.ask.request(Proposal::WorkspaceArchive(ArchiveWorkspace { workspace_id }))))
    }
}
