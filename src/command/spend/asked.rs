//! How spending is asked about.

use std::fmt;
use std::str::FromStr;

use super::answer;
use crate::change::{Asker, Failure};
use crate::command::ask::whole_number;
use crate::command::{Outcome, Tools};
use crate::domain::{Period, Scope};

/// As many lines as are shown at most.
const MOST: u32 = 50;

/// What was spent.
///
/// From Steward's own books: billed where a bill has come, an estimate before. Yours; for whoever may see more, the organization's.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(
    after_help = "cost\ncost --of org --by day\ncost --of workspace:research --by model --period last-month\ncost --by key --top 10\ncost --period 2026-11-01..2026-11-15 --explain"
)]
pub struct Cost {
    /// What is asked.
    #[command(flatten)]
    pub spending: Spending,
}

/// How many tokens were used.
///
/// The same as cost, with tokens in front.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(
    after_help = "usage\nusage --of me --by model\nusage --of org --by workspace --period week\nusage --period month --csv"
)]
pub struct Usage {
    /// What is asked.
    #[command(flatten)]
    pub spending: Spending,
}

/// What is asked about spending.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub struct Spending {
    /// Whose: me, org, workspace:…, person:…, key:…, model:… or tag:….
    #[arg(long = "of", value_name = "whose")]
    pub whose: Option<Of>,
    /// Broken down by what.
    #[arg(long, value_enum, ignore_case = true)]
    pub by: Option<By>,
    /// When: today, week, month, last-month or two days with two dots between them.
    #[arg(long, value_name = "period")]
    pub period: Option<Period>,
    /// How many lines; the rest is summed up.
    #[arg(long, value_name = "number", value_parser = top)]
    pub top: Option<u32>,
    /// Show what stands behind the figure: tokens, prices, scale.
    #[arg(long)]
    pub explain: bool,
    /// As comma-separated values.
    #[arg(long)]
    pub csv: bool,
    /// Answer in JSON, at the command line.
    #[arg(long, hide = true)]
    pub json: bool,
}

fn top(text: &str) -> Result<u32, String> {
    whole_number(text, MOST)
}

/// Whose spending somebody asks about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Of {
    /// `me`.
    Me,
    /// Anything else; what stands behind the colon is a name still.
    Scope(Scope),
}

impl FromStr for Of {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.trim().eq_ignore_ascii_case("me") {
            return Ok(Self::Me);
        }
        let wrong = "it is me, org, workspace:NAME, person:…, key:…, model:… or tag:…";
        text.parse().map(Self::Scope).map_err(|_| wrong)
    }
}

impl fmt::Display for Of {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Me => f.write_str("me"),
            Self::Scope(scope) => scope.fmt(f),
        }
    }
}

/// What spending is broken down by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum By {
    /// Each day.
    Day,
    /// Each model.
    Model,
    /// Each workspace.
    Workspace,
    /// Each key.
    Key,
    /// Each person.
    Person,
    /// Each tag.
    Tag,
}

impl By {
    /// As it is typed.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Model => "model",
            Self::Workspace => "workspace",
            Self::Key => "key",
            Self::Person => "person",
            Self::Tag => "tag",
        }
    }
}

impl Cost {
    /// Answers with money in front.
    ///
    /// # Errors
    ///
    /// [`Failure::Refused`] for what the asker may not see, [`Failure::Mistake`] for what nobody knows.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        answer::answer(tools, asker, (self.spending, false)).await
    }
}

impl Usage {
    /// Answers with tokens in front.
    ///
    /// # Errors
    ///
    /// As [`Cost::run`].
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        answer::answer(tools, asker, (self.spending, true)).await
    }
}
