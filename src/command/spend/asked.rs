//! How spending is asked about.

use std::fmt;
use std::str::FromStr;

use crate::command::ask::whole_number;
use crate::domain::{Scope, Timeframe};

/// As many lines as are shown at most.
const MOST: u32 = 50;

/// Money spent.
///
/// From Steward's own books: billed where a bill has come, an estimate before. Yours; for whoever may see more, the organization's.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(
    after_help = "cost\ncost --of org --by day\ncost --of workspace:research --by model --period last-month\ncost --by key --top 10\ncost --period 2026-11-01..2026-11-15 --explain"
)]
pub struct Cost {
    /// What is asked.
    #[command(flatten)]
    pub asked: Asked,
    /// Lines.
    ///
    /// How many; the rest is summed up.
    #[arg(long, value_name = "number", value_parser = top)]
    pub top: Option<u32>,
    /// What is behind it.
    ///
    /// Tokens, prices and scale, row by row.
    #[arg(long)]
    pub explain: bool,
    /// As a file.
    ///
    /// Comma-separated values, in which no cell is a formula.
    #[arg(long)]
    pub csv: bool,
}

/// Tokens used.
///
/// As cost, with tokens in front.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(
    after_help = "usage\nusage --of me --by model\nusage --of org --by workspace --period week\nusage --period 2026-11-01..2026-11-15"
)]
pub struct Usage {
    /// What is asked.
    #[command(flatten)]
    pub asked: Asked,
    /// As for cost.
    #[arg(long, hide = true, value_name = "number", value_parser = top)]
    pub top: Option<u32>,
    /// As for cost.
    #[arg(long, hide = true)]
    pub explain: bool,
    /// As for cost.
    #[arg(long, hide = true)]
    pub csv: bool,
}

/// What is asked about spending.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub struct Asked {
    /// Whose.
    ///
    /// It is me, org, workspace:NAME, person:WHO, key:NAME, model:NAME or tag:NAME.
    #[arg(long = "of", value_name = "whose")]
    pub whose: Option<Of>,
    /// By what.
    ///
    /// It is day, model, workspace, key, person or tag.
    #[arg(long, value_name = "what")]
    pub by: Option<By>,
    /// When.
    ///
    /// It is today, week, month, last-month, or two days with two dots between them.
    #[arg(long, value_name = "period")]
    pub period: Option<Timeframe>,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

impl FromStr for By {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim().to_ascii_lowercase();
        let all = [Self::Day, Self::Model, Self::Workspace, Self::Key, Self::Person, Self::Tag];
        // Plurals are said as well.
        let fits = |it: &Self| it.as_str() == text || format!("{}s", it.as_str()) == text;
        all.into_iter().find(fits).ok_or("it is day, model, workspace, key, person or tag")
    }
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
