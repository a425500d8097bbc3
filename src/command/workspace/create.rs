//! `/claude workspace create <name>` makes a workspace.
//!
//! - Needs: [`crate::domain::Permission::WorkspaceManage`]. Proposes: [`CreateWorkspace`]. Leaves behind: nothing of its own.

use crate::change::{CreateWorkspace, Proposal};
use crate::command::Outcome;
use crate::command::ask::Ask;
use crate::domain::NewWorkspaceName;

/// Make a workspace.
///
/// API keys are made in it in the Claude Console; people are let in with workspace add.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "workspace create evals-2027\nworkspace create \"Data science\" --dry-run")]
pub struct Create {
    /// What it is called.
    #[arg(value_name = "name")]
    pub name: NewWorkspaceName,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
}

impl Create {
    /// Proposes it.
    #[must_use]
    pub fn run(self) -> Outcome {
        let proposal = Proposal::WorkspaceCreate(CreateWorkspace { name: self.name.to_string() });
        Outcome::proposes(self.ask.request(proposal))
    }
}
