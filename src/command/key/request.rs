//! `/claude key request --workspace W --purpose "…"` asks for an API key.
//!
//! - Needs: [`crate::domain::Permission::KeyGet`], to do or to ask. Reads: the directory. Proposes: [`IssueKey`].

use super::named::{new_name, plain_words};
use crate::change::{Asker, Failure, IssueKey, Proposal};
use crate::command::ask::Ask;
use crate::command::{Outcome, Tools, find};
use crate::domain::{Environment, WorkspaceName};

/// The longest purpose that is taken, in characters.
const LONGEST_PURPOSE: usize = 200;
/// How much of a purpose becomes part of a name.
const LONGEST_WORD: usize = 24;

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
    /// Without a name: you and its purpose.
    #[arg(long, value_name = "text", value_parser = new_name)]
    pub name: Option<String>,
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

impl Request {
    /// Proposes to issue one.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if no workspace or several are meant.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        let workspace = find::workspace(tools, &self.workspace).await?;
        let person = asker.person.as_ref().map_or("", |it| it.name.as_str());
        let name = self.name.unwrap_or_else(|| format!("{}-{}", word(person), word(&self.purpose)));
        let proposal = IssueKey {
            workspace_id: workspace.id,
            name,
            purpose: self.purpose,
            environment: self.environment,
            replaces: None,
            terms: None,
        };
        Ok(Outcome::proposes(self.ask.request(Proposal::KeyIssue(proposal))))
    }
}

/// A text as one word of a name: letters, digits and dashes.
fn word(text: &str) -> String {
    let letters = text.to_lowercase().chars().map(|it| if it.is_alphanumeric() { it } else { '-' }).collect::<String>();
    let word: Vec<&str> = letters.split('-').filter(|it| !it.is_empty()).collect();
    let word: String = word.join("-").chars().take(LONGEST_WORD).collect();
    word.trim_matches('-').to_owned()
}
