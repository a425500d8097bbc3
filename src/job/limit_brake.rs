//! The brake of hard limits: put on once it was announced, told, and taken off when its period is over or the limit is not reached
//! any more.
//!
//! It is put on by changes of Steward itself, so that each has its plan and can be taken back. What touches production waits for
//! somebody's yes, and is asked once in a period. Whoever takes a brake off by hand has the last word in that period.

use std::sync::Arc;

use super::limit_watched::Watched;
use super::spend_audience::SpendAudience;
use crate::change::{
    BrakeKey, Braking, Failure, Pipeline, Proposal, Proposed, Request, SetWorkspaceLimits, SlowDown, StopKeys, keys_of,
    lowered,
};
use crate::claude::Reader;
use crate::clock::{Clock, Moment};
use crate::domain::{Amount, Brake, Environment, Limit, LiveRules, Period, SLOW_AT, STOP_AT, Scope, State, reaches};
use crate::store::{BrakeRow, Part, Store};
use crate::view::limit as view;

/// A brake is announced so long before it is put on.
pub(super) const ANNOUNCED_MS: i64 = 5 * 60_000;
/// A brake comes off again within its period once the limit is so many percent away: figures are revised, and it should not flutter.
const SLACK: u32 = 2;
/// So many workspaces of the organization's limit are slowed at most; the dearest first.
const MOST_PLACES: usize = 20;

/// Puts brakes on and takes them off.
pub(super) struct Brakes {
    store: Store,
    reader: Reader,
    clock: Clock,
    rules: Arc<LiveRules>,
    pipeline: Arc<Pipeline>,
    audience: SpendAudience,
}

impl Brakes {
    pub(super) fn new(
        (store, reader, clock): (Store, Reader, Clock),
        rules: Arc<LiveRules>,
        pipeline: Arc<Pipeline>,
        audience: SpendAudience,
    ) -> Self {
        Self { store, reader, clock, rules, pipeline, audience }
    }

    /// Brakes, if the limit is reached and that was announced.
    pub(super) async fn put_on(&self, it: &Watched<'_>, now: Moment) -> Result<(), Failure> {
        let is_due = |percent: u32| {
            let known = it.announced(percent);
            reaches(it.spent.amount, percent, it.amount)
                && known.is_some_and(|at| now.as_millisecond() - at.as_millisecond() >= ANNOUNCED_MS)
        };
        if is_due(SLOW_AT) {
            self.slow(it, now).await?;
        }
        if is_due(STOP_AT) {
            self.stop(it, now).await?;
        }
        Ok(())
    }

    async fn slow(&self, it: &Watched<'_>, now: Moment) -> Result<(), Failure> {
        let brakes = self.store.brakes().await?;
        for id in places(it) {
            let is_slow = brakes.iter().any(|brake| brake.workspace_id.as_ref() == Some(&id));
            let is_default = self.store.default_workspace().await?.is_some_and(|it| it.id == id);
            let Some(workspace) = self.store.workspace(&id).await? else { continue };
            if is_slow || is_default || workspace.archived_at.is_some() {
                continue;
            }
            let production = self.rules.now().place(&workspace.name).environment == Environment::Production;
            let asked = format!("brake slow {} {} {id}", it.limit.terms.id(), it.period.from.as_millisecond());
            if self.store.was_first(&asked).await? {
                continue;
            }
            let model = if let Scope::Model(model) = &it.limit.terms.scope { Some(model.as_str()) } else { None };
            let groups = lowered(&self.reader.workspace_rate_limits(&id).collect_all().await?, model);
            if groups.is_empty() {
                continue;
            }
            let to = SetWorkspaceLimits { workspace_id: id, groups };
            let proposal = Proposal::LimitSlow(SlowDown { braking: braking(it, production), to });
            self.ask(proposal, (SLOW_AT, &asked, production), now).await?;
        }
        Ok(())
    }

    async fn stop(&self, it: &Watched<'_>, now: Moment) -> Result<(), Failure> {
        let (id, period) = (it.limit.terms.id().to_string(), it.period.from);
        let mut held = Vec::new();
        for brake in self.store.brakes().await? {
            if brake.limit == id && brake.period == period && brake.workspace_id.is_none() {
                held.extend(self.store.brake_keys(brake.change).await?.into_iter().map(|it| it.0));
            }
        }
        let mut keys = keys_of(&self.store, &self.rules.now(), (it.limit, it.outlay), now).await?;
        keys.retain(|key| !held.contains(&key.id));
        let (production, others): (Vec<BrakeKey>, Vec<BrakeKey>) = keys.into_iter().partition(|it| it.production);
        for (keys, production) in [(others, false), (production, true)] {
            if keys.is_empty() {
                continue;
            }
            let keys: Vec<String> = keys.into_iter().map(|it| it.id).collect();
            let asked = format!("brake stop {id} {} {}", period.as_millisecond(), keys.join(" "));
            if production && self.store.was_first(&asked).await? {
                continue;
            }
            let proposal = Proposal::LimitStop(StopKeys { braking: braking(it, production), keys });
            self.ask(proposal, (STOP_AT, &asked, production), now).await?;
        }
        Ok(())
    }

    /// Asks for it. In production once: a no is a no until the period is over.
    async fn ask(
        &self,
        proposal: Proposal,
        (percent, asked, production): (u32, &str, bool),
        now: Moment,
    ) -> Result<(), Failure> {
        let reason = format!("{percent} % of a hard limit are spent");
        let request = Request { reason: Some(reason), ..Request::of(proposal) };
        if self.pipeline.ask_itself(request).await?.is_some() && production {
            let mut tx = self.store.begin().await?;
            self.store.first_time(&mut tx, asked, now).await?;
            self.store.commit(tx).await?;
        }
        Ok(())
    }

    /// Tells of brakes that are on, and takes off what is to come off. `running` are the limits in the periods that run, and how
    /// much of them is spent.
    pub(super) async fn look_after(&self, running: &[(&Limit, Period, Amount)], now: Moment) -> Result<(), Failure> {
        let mut trouble = Ok(());
        for brake in self.store.brakes().await? {
            let of = running.iter().find(|(limit, ..)| limit.terms.id().to_string() == brake.limit);
            trouble = trouble.and(self.look_after_one(&brake, of, now).await);
        }
        trouble
    }

    async fn look_after_one(
        &self,
        brake: &BrakeRow,
        of: Option<&(&Limit, Period, Amount)>,
        now: Moment,
    ) -> Result<(), Failure> {
        if let Some((limit, period, _)) = of.filter(|(_, period, _)| period.from == brake.period) {
            self.tell_on(brake, limit, period.to, now).await?;
        }
        let Some(why) = self.is_over(brake, of, now).await? else { return Ok(()) };
        let Some(releasing) = self.pipeline.releasing(brake).await? else { return Ok(()) };
        let proposed = self.pipeline.release(releasing, why).await?;
        if let (Some(Proposed::Stands(change)), Some((limit, ..))) = (proposed, of)
            && change.state == State::Applied
        {
            let done = change.note.clone().unwrap_or_default();
            let message = view::released((&limit.terms.id(), &limit.name), &done);
            let targets = self.audience.targets(&limit.terms.scope).await?;
            let mut tx = self.store.begin().await?;
            self.audience.tell(&mut tx, (limit, &targets), (&message, &message), now).await?;
            self.store.commit(tx).await?;
        }
        Ok(())
    }

    /// Why a brake comes off; none: it stays on.
    async fn is_over(
        &self,
        brake: &BrakeRow,
        of: Option<&(&Limit, Period, Amount)>,
        now: Moment,
    ) -> Result<Option<String>, Failure> {
        let Some((limit, period, spent)) = of else { return Ok(Some("the limit was removed".into())) };
        if period.from != brake.period {
            return Ok(Some("its period is over".into()));
        }
        let by_hand = self.is_by_hand(brake).await?;
        if by_hand {
            return Ok(None);
        }
        let at = if brake.workspace_id.is_some() { SLOW_AT } else { STOP_AT };
        let is_reached = reaches(*spent, at - SLACK, limit.amount_at(now));
        Ok(match (limit.terms.brake, is_reached) {
            (Brake::Soft, _) => Some("the limit only warns now".into()),
            (Brake::Hard, false) => Some("the limit is not reached any more".into()),
            (Brake::Hard, true) => None,
        })
    }

    /// What somebody took off by hand stays written down until its period is over; so does what they put on.
    async fn is_by_hand(&self, brake: &BrakeRow) -> Result<bool, Failure> {
        let change = self.store.change_numbered(brake.change).await?;
        let own = crate::chat::Account::steward();
        Ok(change.is_some_and(|it| it.state == State::Undone || it.asked.asker_account != own))
    }

    /// Tells once that it is on.
    async fn tell_on(&self, brake: &BrakeRow, limit: &Limit, until: Moment, now: Moment) -> Result<(), Failure> {
        let Some(change) = self.store.change_numbered(brake.change).await? else { return Ok(()) };
        let once = format!("brake told {}", brake.change);
        if change.state != State::Applied || self.store.was_first(&once).await? {
            return Ok(());
        }
        let done = change.note.clone().unwrap_or_else(|| change.asked.plan.summary.clone());
        let id = change.id.to_string();
        let message = view::braked((&limit.terms.id(), &limit.name), (&done, &id), until);
        let targets = self.audience.targets(&limit.terms.scope).await?;
        let mut tx = self.store.begin().await?;
        if self.store.first_time(&mut tx, &once, self.clock.now().max(now)).await? {
            self.audience.tell(&mut tx, (limit, &targets), (&message, &message), now).await?;
        }
        Ok(self.store.commit(tx).await?)
    }
}

/// The workspaces whose rate limits a limit lowers: its own; for one of everybody or of a model, those that spend for it.
fn places(it: &Watched<'_>) -> Vec<String> {
    match &it.limit.terms.scope {
        Scope::Workspace(id) => vec![id.clone()],
        Scope::Organization | Scope::Model(_) => {
            let dearest = it.outlay.dearest(&it.limit.terms.scope, Part::Workspace, MOST_PLACES);
            dearest.into_iter().filter_map(|(id, _)| id).collect()
        }
        Scope::Person(_) | Scope::Key(_) | Scope::Tag(_) => Vec::new(),
    }
}

fn braking(it: &Watched<'_>, production: bool) -> Braking {
    Braking { limit: it.limit.terms.id(), name: it.limit.name.clone(), period: it.period.from, production }
}
