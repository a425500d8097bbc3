//! `/claude limit raise/snooze <scope>`: more for a while, or nothing told for a while.
//!
//! - Needs: [`crate::domain::Permission::LimitRaise`], or to snooze [`crate::domain::Permission::LimitManage`]. Reads: limits.
//! - Proposes: [`RaiseLimit`], [`SnoozeLimit`].

use jiff::civil::Date;

use super::meant;
use super::words::{per, scope, usd};
use crate::change::{Asker, Failure, Proposal, RaiseLimit, SnoozeLimit};
use crate::command::ask::Ask;
use crate::command::day::{self, day};
use crate::command::{Outcome, Tools};
use crate::domain::{Amount, LimitOrigin, Per, Scope};

/// Raise a limit for a while.
///
/// On top of what it is, until a day, the period's last if none is named; then it is as it was, by itself. Without billing or admin rights, one of those decides.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "limit raise workspace:research --by 100 --until 2026-12-31 --reason \"the launch\"")]
pub struct Raise {
    /// Whose.
    #[arg(value_name = "scope", value_parser = scope)]
    pub scope: Scope,
    /// Dollars on top; else a quarter.
    #[arg(long, value_name = "dollars", value_parser = usd)]
    pub by: Option<Amount>,
    /// The last day.
    #[arg(long, value_name = "date", value_parser = day)]
    pub until: Option<Date>,
    /// Day, week or month.
    #[arg(long, value_parser = per)]
    pub per: Option<Per>,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
}

/// Hear nothing of a limit for a while.
///
/// Until a day, the period's last if none is named. What a hard limit does is told and done all the same.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "limit snooze workspace:research --reason \"we know\"\nlimit snooze workspace:research --end")]
pub struct Snooze {
    /// Whose.
    #[arg(value_name = "scope", value_parser = scope)]
    pub scope: Scope,
    /// The last day.
    #[arg(long, value_name = "date", value_parser = day)]
    pub until: Option<Date>,
    /// Tell again.
    #[arg(long)]
    pub end: bool,
    /// Day, week or month.
    #[arg(long, value_parser = per)]
    pub per: Option<Per>,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
}

impl Raise {
    /// Proposes it.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if no limit or several are meant.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        let limit = meant::limit(tools, asker, &self.scope, self.per).await?;
        let until = match self.until {
            Some(day) => day::through(tools, day)?,
            None => meant::last_day(tools, limit.terms.per)?,
        };
        let (id, amount) = (limit.terms.id(), limit.terms.amount);
        let by = self.by.unwrap_or(Amount((amount.0 / 4).max(1)));
        let of_file = limit.origin == LimitOrigin::File;
        let proposal = RaiseLimit { id, name: limit.name, amount, by, until, of_file };
        Ok(Outcome::proposes(self.ask.request(Proposal::LimitRaise(proposal))))
    }
}

impl Snooze {
    /// Proposes it.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if no limit or several are meant.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        let limit = meant::limit(tools, asker, &self.scope, self.per).await?;
        let until = match self.until {
            _ if self.end => None,
            Some(day) => Some(day::through(tools, day)?),
            None => Some(meant::last_day(tools, limit.terms.per)?),
        };
        let proposal = SnoozeLimit { id: limit.terms.id(), name: limit.name, until };
        Ok(Outcome::proposes(self.ask.request(Proposal::LimitSnooze(proposal))))
    }
}
