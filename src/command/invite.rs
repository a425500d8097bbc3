//! `/claude invite <email or @user> [--role …] [--workspace …]` asks somebody into the organization.

use std::fmt;
use std::str::FromStr;

use super::ask::Ask;
use crate::domain::{BadRole, InviteRole, Who, WorkspaceRole};

const LONGEST_WORKSPACE: usize = 80;

/// Ask somebody into the organization.
///
/// The invitation goes out by mail and can be accepted for 21 days. Workspaces are joined once it is accepted.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "invite ada@example.com --role developer\n\
    invite ada@example.com --workspace research:workspace_developer --reason \"joins the evals team\"\n\
    invite me --dry-run")]
pub struct Invite {
    /// Address, @user or me.
    #[arg(value_name = "email or @user", value_parser = invitee)]
    pub person: Who,
    /// What they may do.
    #[arg(long, value_enum, ignore_case = true, default_value = "user")]
    pub role: InviteRole,
    /// Workspace to join, or workspace:role; repeatable.
    #[arg(long, value_name = "workspace", value_delimiter = ',')]
    pub workspace: Vec<WorkspaceWish>,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
}

/// A workspace to join once the invitation is accepted, by name or id, written `research` or
/// `research:workspace_developer`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkspaceWish {
    /// Its name or id, as it was written. It is looked up later.
    pub workspace: String,
    /// What they may do in it; `workspace_user` if nothing was said.
    pub role: WorkspaceRole,
}

impl FromStr for WorkspaceWish {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (workspace, role) = match text.rsplit_once(':') {
            Some((workspace, role)) => (workspace.trim(), role.parse().map_err(|it| format!("{it}"))?),
            None => (text.trim(), WorkspaceRole::WorkspaceUser),
        };
        if workspace.is_empty() || workspace.chars().count() > LONGEST_WORKSPACE {
            return Err("a workspace is written research or research:workspace_developer".into());
        }
        Ok(Self { workspace: workspace.to_owned(), role })
    }
}

impl fmt::Display for WorkspaceWish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.workspace, self.role)
    }
}

/// Whoever can be invited: an address, or somebody whose chat account tells one.
fn invitee(text: &str) -> Result<Who, String> {
    match text.parse().map_err(|it| format!("{it}"))? {
        Who::Member(_) => Err("whoever has a user_… id is a member already".into()),
        Who::Name(_) => Err("an invitation goes to an address, or to a mentioned @user whose profile has one".into()),
        who => Ok(who),
    }
}

/// Why `text` is no role that could be given; none if it is one.
pub(super) fn why_no_role(text: &str) -> Option<BadRole> {
    text.parse::<InviteRole>().err()
}
