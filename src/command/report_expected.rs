//! `/claude report expected <scope>`: more is spent than usually, and somebody knows why.
//!
//! - Needs: `report.subscribe`. Reads: the directory. Comes to a ruling, for the pipeline. Leaves behind: nothing of its own.

use jiff::civil::Date;

use super::ask::{LONGEST_REASON, short_text};
use super::day::{self, day};
use super::{Outcome, Ruling, Tools};
use crate::change::{ExpectSpend, Failure};
use crate::chat::Text;
use crate::domain::{Per, Period, Scope};

/// This spend is expected.
///
/// Nothing unusual is told of it until then; to the end of the week, if nothing else is said.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(
    after_help = "report expected workspace:research\nreport expected org --until 2026-12-31 --reason \"load tests\""
)]
pub struct Expected {
    /// Whose.
    #[arg(value_name = "scope", value_parser = scope)]
    pub scope: Scope,
    /// Last day.
    #[arg(long, value_name = "date", value_parser = day)]
    pub until: Option<Date>,
    /// Why.
    #[arg(long, value_name = "text", value_parser = reason)]
    pub reason: Option<String>,
}

fn reason(text: &str) -> Result<String, String> {
    short_text(text, LONGEST_REASON)
}

fn scope(text: &str) -> Result<Scope, String> {
    let fits = |it: &Scope| matches!(it, Scope::Organization | Scope::Workspace(_));
    text.parse().ok().filter(fits).ok_or_else(|| "it is org or workspace:NAME".to_owned())
}

impl Expected {
    /// Says so.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] for a day that is over, and for a workspace that is not there.
    pub async fn run(self, tools: &Tools) -> Result<Outcome, Failure> {
        let named = tools.store.scope_named(&self.scope).await?.ok_or_else(|| {
            Failure::mistake(
                "No one workspace goes by that.",
                Text::plain("Nothing was changed. All of them: ").command("workspace list").then("."),
            )
        })?;
        let until = if let Some(date) = self.until {
            day::through(tools, date)?.at
        } else {
            let zone = tools.rules.now().zone();
            let week = Period::around(Per::Week, tools.clock.now(), &zone);
            week.ok_or_else(|| Failure::internal("a moment outside the calendar"))?.to
        };
        if until <= tools.clock.now() {
            return Err(Failure::mistake("That day is over.", "Nothing was changed. Name a day to come."));
        }
        let expected = ExpectSpend { scope: named.scope, name: named.name, until, reason: self.reason };
        Ok(Outcome::Decides(Ruling::Expect(expected)))
    }
}
