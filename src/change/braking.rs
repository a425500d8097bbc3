//! Steward itself puts brakes on and takes them off, as changes like any other.

use super::asker::Asker;
use super::brake::ReleaseBrake;
use super::brake_reach::still_lowered;
use super::failure::Failure;
use super::pipeline::{Pipeline, Proposed, Request};
use super::proposal::Proposal;
use super::workspace_limits::SetWorkspaceLimits;
use crate::chat::{Account, Standing};
use crate::domain::{Change, LimitId, State};
use crate::store::BrakeRow;

/// What takes a brake off, and whose change that is.
#[derive(Clone, Debug)]
pub struct Releasing {
    /// The change that put it on.
    pub change: Change,
    /// The limit.
    pub limit: LimitId,
    /// True if somebody put it on by hand.
    pub by_hand: bool,
    proposal: Proposal,
}

impl Pipeline {
    /// Steward itself asks for a change. None: it makes no sense any more.
    ///
    /// # Errors
    ///
    /// Any other [`Failure`] of a request.
    pub async fn ask_itself(&self, request: Request) -> Result<Option<Proposed>, Failure> {
        let (account, rules) = (Account::steward(), self.rules.now());
        let asker = Asker::meet(&self.store, &rules, &account, Standing::default(), self.clock.now()).await?;
        match Box::pin(self.propose(request, &asker)).await {
            Ok(proposed) => Ok(Some(proposed)),
            Err(Failure::Mistake { .. }) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// What would take this brake off now. None while it is still being put on, or if nobody knows what it did.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the database or the organization could not be asked.
    pub async fn releasing(&self, brake: &BrakeRow) -> Result<Option<Releasing>, Failure> {
        let Some(change) = self.store.change_numbered(brake.change).await? else { return Ok(None) };
        if change.state.is_open() {
            return Ok(None);
        }
        // What somebody wrote into the database is not taken for what Steward did.
        let is_over = change.state == State::Undone || !self.store.is_genuine(&change);
        let release = match serde_json::from_str(&change.asked.body) {
            Ok(Proposal::LimitSlow(it)) => it.released(brake.change),
            Ok(Proposal::LimitStop(it)) => it.released(brake.change),
            _ => return Ok(None),
        };
        let limits = match release.limits {
            Some(limits) if !is_over => self.still_ours(limits).await?,
            _ => None,
        };
        let keys = if is_over { Vec::new() } else { release.keys };
        let release = ReleaseBrake { limits, keys, left: false, ..release };
        Ok(Some(Releasing {
            limit: release.limit.clone(),
            by_hand: change.asked.asker_account != Account::steward(),
            proposal: Proposal::LimitRelease(release),
            change,
        }))
    }

    /// Takes it off.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] of a request.
    pub async fn release(&self, it: Releasing, reason: String) -> Result<Option<Proposed>, Failure> {
        let undoes = (it.change.state == State::Applied).then(|| it.change.id.clone());
        self.ask_itself(Request { reason: Some(reason), undoes, ..Request::of(it.proposal) }).await
    }

    /// Only what is still as the brake left it is put back: somebody may have set something else since, or archived the workspace.
    async fn still_ours(&self, back: SetWorkspaceLimits) -> Result<Option<SetWorkspaceLimits>, Failure> {
        let SetWorkspaceLimits { workspace_id, groups } = back;
        let all = match self.reader.workspace_rate_limits(&workspace_id).collect_all().await {
            Ok(all) => all,
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let groups = still_lowered(&all, groups);
        Ok((!groups.is_empty()).then_some(SetWorkspaceLimits { workspace_id, groups }))
    }
}
