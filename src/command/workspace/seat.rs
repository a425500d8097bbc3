//! `/claude workspace add/remove/role`: who works in a workspace, and as what.
//!
//! - Needs: [`crate::domain::Permission::WorkspaceJoin`]: to do, or to ask for oneself. Reads: the directory.
//! - Proposes: [`AddToWorkspace`], [`RemoveFromWorkspace`], [`ChangeWorkspaceRole`]. Leaves behind: nothing of its own.

use crate::change::{AddToWorkspace, Asker, ChangeWorkspaceRole, Failure, Proposal, RemoveFromWorkspace};
use crate::command::ask::Ask;
use crate::command::{Outcome, Tools, find};
use crate::domain::{Who, WorkspaceName, WorkspaceRole};

/// Let a member into a workspace.
///
/// Admins of the organization and its billing members are in every workspace already.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "workspace add research ada@example.com --role workspace_developer\n\
    workspace add research me --reason \"moving to the research team\"\n\
    workspace add research @lea --dry-run")]
pub struct Add {
    /// Name or wrkspc_… id.
    #[arg(value_name = "workspace")]
    pub workspace: WorkspaceName,
    /// Address, @user, name, id or me.
    #[arg(value_name = "who")]
    pub who: Who,
    /// What they may do there.
    #[arg(long, value_enum, ignore_case = true, default_value = "workspace_user")]
    pub role: WorkspaceRole,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
}

/// Take a member out of a workspace.
///
/// They stay in the organization. Their personal API keys stop working in that workspace; its own keys go on.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "workspace remove research ada@example.com\nworkspace remove research me --dry-run")]
pub struct Remove {
    /// Name or wrkspc_… id.
    #[arg(value_name = "workspace")]
    pub workspace: WorkspaceName,
    /// Address, @user, name, id or me.
    #[arg(value_name = "who")]
    pub who: Who,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
}

/// Change what a member may do in a workspace.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "workspace role research ada@example.com workspace_admin\n\
    workspace role research me workspace_developer --reason \"I need API keys there\"")]
pub struct Role {
    /// Name or wrkspc_… id.
    #[arg(value_name = "workspace")]
    pub workspace: WorkspaceName,
    /// Address, @user, name, id or me.
    #[arg(value_name = "who")]
    pub who: Who,
    /// What they may do there from now on.
    #[arg(value_enum, ignore_case = true)]
    pub role: WorkspaceRole,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
}

/// The ids of the one workspace and the one member that are meant.
async fn meant(tools: &Tools, asker: &Asker, (workspace, who): (&WorkspaceName, &Who)) -> Result<[String; 2], Failure> {
    Ok([find::workspace(tools, workspace).await?.id, find::member(tools, asker, who).await?.id])
}

impl Add {
    /// Proposes to let somebody in.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if nobody, nothing or several are meant.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        let [workspace_id, user_id] = meant(tools, asker, (&self.workspace, &self.who)).await?;
        let proposal = AddToWorkspace { workspace_id, user_id, role: self.role.to_string() };
        Ok(Outcome::proposes(self.ask.request(Proposal::WorkspaceAdd(proposal))))
    }
}

impl Remove {
    /// Proposes to take somebody out.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if nobody, nothing or several are meant.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        let [workspace_id, user_id] = meant(tools, asker, (&self.workspace, &self.who)).await?;
        let proposal = RemoveFromWorkspace { workspace_id, user_id };
        Ok(Outcome::proposes(self.ask.request(Proposal::WorkspaceRemove(proposal))))
    }
}

impl Role {
    /// Proposes another role.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if nobody, nothing or several are meant.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        let [workspace_id, user_id] = meant(tools, asker, (&self.workspace, &self.who)).await?;
        let proposal = ChangeWorkspaceRole { workspace_id, user_id, role: self.role.to_string() };
        Ok(Outcome::proposes(self.ask.request(Proposal::WorkspaceRole(proposal))))
    }
}
