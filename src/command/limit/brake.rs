//! `/claude limit brake <scope>`: what a hard limit does by itself, now.
//!
//! - Needs: [`crate::domain::Permission::LimitManage`]. Reads: limits, keys; for rate limits the organization, one call.
//! - Proposes: [`StopKeys`], [`SlowDown`].

use super::meant;
use super::words::{per, scope};
use crate::change::{Asker, Braking, Failure, Proposal, SetWorkspaceLimits, SlowDown, StopKeys, keys_of, lowered};
use crate::command::ask::Ask;
use crate::command::{Outcome, Tools};
use crate::domain::{Environment, Limit, Per, Scope};

/// Put the brake on.
///
/// The keys that spend for it are switched off until the period is over, but for those that are kept; with --slow, the rate limits
/// of the workspace are lowered to a quarter. What touches production needs somebody else's yes.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "limit brake workspace:research\nlimit brake workspace:research --slow")]
pub struct Stop {
    /// Whose.
    #[arg(value_name = "scope", value_parser = scope)]
    pub scope: Scope,
    /// Rate limits instead.
    #[arg(long)]
    pub slow: bool,
    /// Day, week or month.
    #[arg(long, value_parser = per)]
    pub per: Option<Per>,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
}

impl Stop {
    /// Proposes it.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if no limit or several are meant, or nothing is there to be braked.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        let limit = meant::limit(tools, asker, &self.scope, self.per).await?;
        let period = meant::period(tools, limit.terms.per)?;
        let braking =
            Braking { limit: limit.terms.id(), name: limit.name.clone(), period: period.from, production: false };
        let proposal = if self.slow {
            Proposal::LimitSlow(slow(tools, &limit, braking).await?)
        } else {
            let outlay = tools.store.outlay((period.from, period.to)).await?;
            let keys = keys_of(&tools.store, &tools.rules.now(), (&limit, &outlay), tools.clock.now()).await?;
            let keys: Vec<_> = keys.into_iter().filter(|it| it.works).collect();
            let braking = Braking { production: keys.iter().any(|it| it.production), ..braking };
            Proposal::LimitStop(StopKeys { braking, keys: keys.into_iter().map(|it| it.id).collect() })
        };
        Ok(Outcome::proposes(self.ask.request(proposal)))
    }
}

async fn slow(tools: &Tools, limit: &Limit, braking: Braking) -> Result<SlowDown, Failure> {
    let Scope::Workspace(workspace_id) = &limit.terms.scope else {
        return Err(Failure::mistake(
            "Rate limits are a workspace's: only its own limit can lower them by hand.",
            "Nothing was changed. Name a workspace, or brake without --slow.",
        ));
    };
    let all = tools.reader.workspace_rate_limits(workspace_id).collect_all().await?;
    let groups = lowered(&all, None);
    if groups.is_empty() {
        return Err(Failure::mistake("There are no rate limits that could be lowered.", "Nothing was changed."));
    }
    let production = tools.rules.now().place(&limit.name).environment == Environment::Production;
    let to = SetWorkspaceLimits { workspace_id: workspace_id.clone(), groups };
    Ok(SlowDown { braking: Braking { production, ..braking }, to })
}
