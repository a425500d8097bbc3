//! `/claude limit set/remove <scope>`.
//!
//! - Needs: [`crate::domain::Permission::LimitManage`]. Reads: limits. Proposes: [`SetLimit`], [`RemoveLimit`].

use super::meant;
use super::words::{per, scope, usd};
use crate::change::{Asker, Failure, Proposal, RemoveLimit, SetLimit};
use crate::command::ask::Ask;
use crate::command::{Outcome, Tools};
use crate::domain::{Amount, Brake, LimitTerms, Per, Scope};

/// Set a limit.
///
/// Whoever it concerns is told when 50, 80 and 100 percent are spent. A hard one lowers rate limits at 90 percent and switches
/// keys off at 100, those in production only if somebody agrees. Periods are of the calendar.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(
    after_help = "limit set workspace:research --amount 500\nlimit set org --amount 20000 --brake hard\nlimit set key:nightly-evals --amount 25 --per day --brake hard"
)]
pub struct Set {
    /// org, or workspace, person, key, model or tag:NAME.
    #[arg(value_name = "scope", value_parser = scope)]
    pub scope: Scope,
    /// Dollars.
    #[arg(long, value_name = "dollars", value_parser = usd)]
    pub amount: Amount,
    /// Day, week or month.
    #[arg(long, value_parser = per, default_value = "month")]
    pub per: Per,
    /// What happens then.
    #[arg(long, value_enum, ignore_case = true, default_value = "soft")]
    pub brake: Brake,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
}

/// Remove a limit.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "limit remove workspace:research")]
pub struct Remove {
    /// Whose.
    #[arg(value_name = "scope", value_parser = scope)]
    pub scope: Scope,
    /// Day, week or month.
    #[arg(long, value_parser = per)]
    pub per: Option<Per>,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
}

impl Set {
    /// Proposes it.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if nothing or several things are meant.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        let named = meant::scope(tools, asker, &self.scope).await?;
        let terms = LimitTerms { scope: named.scope, per: self.per, amount: self.amount, brake: self.brake };
        let proposal = SetLimit { terms, name: named.name };
        Ok(Outcome::proposes(self.ask.request(Proposal::LimitSet(proposal))))
    }
}

impl Remove {
    /// Proposes it.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if no limit or several are meant.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        let limit = meant::limit(tools, asker, &self.scope, self.per).await?;
        if limit.origin == crate::domain::LimitOrigin::File {
            return Err(Failure::refused(
                "This limit stands in the configuration, and is not changed in chat.",
                "Nothing was changed. An operator changes the file.",
            ));
        }
        let proposal = RemoveLimit { id: limit.terms.id(), name: limit.name };
        Ok(Outcome::proposes(self.ask.request(Proposal::LimitRemove(proposal))))
    }
}
