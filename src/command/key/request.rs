//! `/claude key request --workspace W --purpose "…"` asks for an API key.
//!
//! - Needs: [`crate::domain::Permission::KeyGet`], to do or to ask. Reads: the directory. Proposes: [`IssueKey`].

use super::named::{new_name, plain_words};
use crate::change::{Failure, IssueKey, Proposal};
use crate::command::ask::Ask;
use crate::command::{Outcome, Tools, find};
use crate::domain::{Environment, WorkspaceName};

/// The longest purpose that is taken, in characters.
const LONGEST_PURPOSE: usize = 200;
/// The longest name of a team, in characters.
const LONGEST_TEAM: usize = 40;

/// Ask for an API key.
///
/// Once it is approved you get a direct message with a button. The key begins to work when you press it, and is shown to you
/// alone. Where a workspace issues tokens instead, the button makes one, as often as you need it.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "key request --workspace research --purpose \"nightly evals\"\n\
    key request --workspace research --purpose \"nightly evals\" --environment staging --dry-run")]
pub struct Request {
    /// Name or wrkspc_… id.
    #[arg(long, value_name = "workspace")]
    pub workspace: WorkspaceName,
    /// What it is for.
    #[arg(long, value_name = "text", value_parser = purpose)]
    pub purpose: String,
    /// What it is called.
    ///
    /// Without a name: as keys of the workspace are called; you and its purpose, if nothing else is set.
    #[arg(long, value_name = "text", value_parser = new_name)]
    pub name: Option<String>,
    /// Its team.
    ///
    /// Without one it is for you alone. You answer for it either way.
    #[arg(long, value_name = "text", value_parser = team)]
    pub team: Option<String>,
    /// Where it is used.
    ///
    /// Without one: as the workspace.
    #[arg(long, value_enum, ignore_case = true)]
    pub environment: Option<Environment>,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
}

pub(super) fn purpose(text: &str) -> Result<String, String> {
    let text = plain_words(text, LONGEST_PURPOSE)?;
    if text.trim().is_empty() { Err("a few words are expected".to_owned()) } else { Ok(text.trim().to_owned()) }
}

fn team(text: &str) -> Result<String, String> {
    let text = plain_words(text, LONGEST_TEAM)?;
    if text.trim().is_empty() { Err("the name of a team is expected".to_owned()) } else { Ok(text.trim().to_owned()) }
}

impl Request {
    /// Proposes to issue one.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if no workspace or several are meant.
    pub async fn run(self, tools: &Tools) -> Result<Outcome, Failure> {
        let workspace = find::workspace(tools, &self.workspace).await?;
        let proposal = IssueKey {
            workspace_id: workspace.id,
            name: self.name.unwrap_or_default(),
            purpose: self.purpose,
            team: self.team,
            environment: self.environment,
            replaces: None,
            terms: None,
        };
        Ok(Outcome::proposes(self.ask.request(Proposal::KeyIssue(proposal))))
    }
}
