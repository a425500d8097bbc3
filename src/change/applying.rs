//! From a decided row to the organization. Exactly once in effect: intention first, look before repeating, never guess.

use std::sync::PoisonError;

use super::applied::{Applied, Ready};
use super::checking::Checked;
use super::failure::Failure;
use super::join_workspace::waited_for;
use super::ledger::{CallEnd, HOLD_MS, read};
use super::permit::RightsChecked;
use super::pipeline::Pipeline;
use super::proposal::Proposal;
use super::settling::Round;
use super::world::World;
use crate::clock::moment;
use crate::domain::{Change, State};
use crate::store::{EffectRow, EffectState, Hold, Move};

/// How many calls one round makes before it says how far it is. The rest follows in the next round.
const CALLS_A_ROUND: usize = 20;
/// How many of the things that were done are told one by one.
const MOST_TOLD: usize = 8;

impl Pipeline {
    /// Makes a decided change, as far as it can be made now, and answers the row as it stands then.
    ///
    /// Safe to call at any time and from several processes: only one holds the change, and what was begun before a crash is
    /// looked up in the organization before anything is sent again.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] of the database; what was begun is finished by a later call.
    pub async fn apply(&self, number: i64) -> Result<Change, Failure> {
        self.going.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
        let now = self.clock.now();
        let until = moment(now.as_millisecond() + HOLD_MS);
        let Some(hold) = self.store.hold_change(number, &self.holder, now, until).await? else {
            return self.reread(number).await;
        };
        let change = self.reread(number).await?;
        let round = self.round(&change, hold).await;
        let retry = match round {
            Ok(round) => {
                if matches!(round, Round::Progress(_)) {
                    self.going.lock().unwrap_or_else(PoisonError::into_inner).insert(number);
                }
                self.settle(&change, round).await?
            }
            Err(failure) => {
                tracing::warn!(change = %change.id, trouble = %failure.logged(), "a change could not be applied; it is tried again");
                Some(moment(self.clock.now().as_millisecond() + 15_000))
            }
        };
        self.store.let_go(hold, retry).await?;
        self.reread(number).await
    }

    /// Makes the next round of every change that is being made in several. Answers how many those were.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] of the database; the sweep takes up what is left.
    pub async fn go_on(&self) -> Result<usize, Failure> {
        let going: Vec<i64> = self.going.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect();
        for number in &going {
            self.apply(*number).await?;
        }
        Ok(going.len())
    }

    /// Begins to make a change that was decided just now. Trouble on the way is no trouble of the decision: that stands, and
    /// the sweep goes on with it.
    pub(super) async fn begin_applying(&self, change: Change) -> Change {
        match self.apply(change.id.number()).await {
            Ok(change) => change,
            Err(failure) => {
                tracing::warn!(change = %change.id, trouble = %failure.logged(), "a decided change could not be begun");
                change
            }
        }
    }

    async fn round(&self, change: &Change, hold: Hold) -> Result<Round, Failure> {
        if !self.store.is_genuine(change) {
            return Ok(Round::Ended(
                State::Failed,
                "The stored request was not written by this Steward; nothing was sent.".into(),
            ));
        }
        let proposal: Proposal =
            serde_json::from_str(&change.asked.body).map_err(|_| Failure::internal("a change's row cannot be read"))?;
        let effects = self.store.effects(change.id.number()).await?;
        // The digest binds the plan, and the plan its calls: what somebody wrote into the ledger is not sent.
        let planned = change.asked.plan.steps.iter().map(|it| it.exact.as_str());
        if !planned.eq(effects.iter().map(|it| it.body.as_str())) {
            return Ok(Round::Ended(
                State::Failed,
                "The stored calls are not those that were approved; nothing was sent.".into(),
            ));
        }
        if self.store.was_settled(change).await? {
            return Ok(Round::Ended(
                State::Failed,
                "The audit trail says that this came to its end before; nothing was sent again.".into(),
            ));
        }
        let rights = match self.rights_now(change, &proposal).await? {
            Checked::Yes(rights) => rights,
            Checked::No(why) => return self.stop(effects, hold, why).await,
            Checked::Unknown(why) => return Ok(Round::Later(moment(self.clock.now().as_millisecond() + 60_000), why)),
        };
        if effects.iter().all(|it| it.state == EffectState::Planned)
            && let Some(end) = self.has_moved(change, &proposal).await
        {
            return Ok(end);
        }
        if change.state == State::Approved {
            let mut tx = self.store.begin().await?;
            self.store
                .move_change(
                    &mut tx,
                    change.id.number(),
                    Move { from: State::Approved, to: State::Applying, note: None, at: self.clock.now() },
                )
                .await?;
            self.store.commit(tx).await?;
        }
        self.make_all(change, effects, hold, &rights).await
    }

    /// Makes the calls in order, as many as fit into one round.
    async fn make_all(
        &self,
        change: &Change,
        effects: Vec<EffectRow>,
        hold: Hold,
        rights: &RightsChecked,
    ) -> Result<Round, Failure> {
        let (count, mut calls, mut done) = (effects.len(), 0, Vec::new());
        let mut effects = effects.into_iter();
        while let Some(effect) = effects.next() {
            calls += usize::from(effect.state != EffectState::Done);
            if calls > CALLS_A_ROUND {
                return Ok(Round::Progress(format!("{} of {count} calls are made.", done.len())));
            }
            match self.run(change, effect, hold, rights).await? {
                CallEnd::Done(applied) => done.push(applied.done),
                CallEnd::Failed(why) => return Ok(Round::Ended(State::Failed, so_far(&done, &why))),
                CallEnd::Parked(code) => return Ok(Round::Parked(code)),
                CallEnd::Later(at, why) => return Ok(Round::Later(at, why)),
                CallEnd::Waits(why) => {
                    let why = self.waits_with(why, effects).await?;
                    return Ok(Round::Waits(waiting(&done, &why)));
                }
            }
        }
        // Of a key that is issued, how it ended says everything.
        let told = if change.asked.kind.issues() { done.split_off(done.len().saturating_sub(1)) } else { done };
        Ok(Round::Done(summed_up(&told)))
    }

    /// What a call waits for, and what those behind it do.
    async fn waits_with(&self, why: String, behind: impl Iterator<Item = EffectRow>) -> Result<String, Failure> {
        let mut all = vec![why];
        for row in behind {
            if let Ready::NotYet(why) = read(&row)?.ready(&self.store, self.clock.now()).await? {
                all.push(why);
            }
        }
        Ok(waited_for(&all))
    }

    /// Ends a change that may not go on. What was begun is looked up first, so that nobody hears that nothing was changed
    /// when something was.
    async fn stop(&self, effects: Vec<EffectRow>, hold: Hold, why: String) -> Result<Round, Failure> {
        let (count, mut done) = (effects.len(), Vec::new());
        for row in effects {
            let step = match row.state {
                EffectState::Planned | EffectState::Failed => break,
                EffectState::Done => kept(&row),
                EffectState::Sending | EffectState::Parked => match self.look(&row).await? {
                    Some(step) => self.keep(row, hold, step).await?,
                    None => break,
                },
            };
            match step {
                CallEnd::Done(applied) => done.push(applied.done),
                CallEnd::Failed(_) | CallEnd::Waits(_) => break,
                CallEnd::Parked(code) => return Ok(Round::Parked(code)),
                CallEnd::Later(at, why) => return Ok(Round::Later(at, why)),
            }
        }
        Ok(match done.len() {
            0 => Round::Ended(State::Lapsed, why),
            all if all == count => Round::Done(summed_up(&done)),
            _ => Round::Ended(State::Failed, so_far(&done, &format!("Stopped half-way. {why}"))),
        })
    }

    /// One call, and its row in the ledger.
    async fn run(
        &self,
        change: &Change,
        row: EffectRow,
        hold: Hold,
        rights: &RightsChecked,
    ) -> Result<CallEnd, Failure> {
        let step = match row.state {
            EffectState::Done => return Ok(kept(&row)),
            EffectState::Failed => return Ok(CallEnd::Failed(row.trouble.unwrap_or_default())),
            // Somebody may have set it right meanwhile. Nothing is ever sent again.
            EffectState::Parked => self
                .look(&row)
                .await?
                .unwrap_or_else(|| CallEnd::Failed("A later look shows that it was not made.".into())),
            EffectState::Planned | EffectState::Sending => self.make(change, &row, hold, rights).await?,
        };
        if matches!(step, CallEnd::Waits(_)) {
            return Ok(step);
        }
        self.keep(row, hold, step).await
    }

    /// Writes down how a call ended, and brings the directory up to date.
    async fn keep(&self, mut row: EffectRow, hold: Hold, step: CallEnd) -> Result<CallEnd, Failure> {
        (row.state, row.result, row.trouble) = match &step {
            CallEnd::Done(applied) => (EffectState::Done, serde_json::to_string(applied).ok(), None),
            CallEnd::Failed(why) => (EffectState::Failed, None, Some(why.clone())),
            CallEnd::Parked(code) => (EffectState::Parked, None, Some((*code).to_owned())),
            CallEnd::Later(..) | CallEnd::Waits(_) => return Ok(step),
        };
        let mut tx = self.store.begin().await?;
        self.store.finish_effect(&mut tx, hold, &row, self.clock.now()).await?;
        if let CallEnd::Done(applied) = &step {
            let effect = read(&row)?;
            self.reflect_at_once(&mut tx, &effect, applied).await?;
            self.expect(&mut tx, &effect, applied).await?;
            self.keep_stock(&mut tx, (hold.number, &effect), applied).await?;
        }
        self.store.commit(tx).await?;
        if let CallEnd::Done(applied) = &step {
            self.reflect(&read(&row)?, applied).await;
        }
        Ok(step)
    }

    /// Looks at the organization itself and plans again. Another digest means that the approval was for another world.
    async fn has_moved(&self, change: &Change, proposal: &Proposal) -> Option<Round> {
        let now = self.clock.now();
        if proposal.needs_no_look() {
            return None;
        }
        let reader = self.reader_for(proposal.revokes());
        let world = match World::fresh(&self.store, &reader, &proposal.looks(), now).await {
            Ok(world) => world,
            Err(Failure::Upstream(error)) => {
                let pause =
                    error.retry_after().map_or(15_000, |it| i64::try_from(it.as_millis()).unwrap_or(60_000).max(1_000));
                return Some(Round::Later(moment(now.as_millisecond() + pause), super::failure::upstream(&error)));
            }
            Err(failure) => return Some(Round::Later(moment(now.as_millisecond() + 15_000), failure.logged())),
        };
        match proposal.plan(&world) {
            Ok(draft) if draft.plan.digest() == change.digest => None,
            Ok(draft) => Some(Round::Ended(State::Lapsed, change.asked.plan.moved(&draft.plan).join("; "))),
            Err(Failure::Mistake { text, .. }) => Some(Round::Ended(State::Lapsed, text.to_plain())),
            Err(failure) => Some(Round::Later(moment(now.as_millisecond() + 15_000), failure.logged())),
        }
    }
}

/// A call that was made before.
fn kept(row: &EffectRow) -> CallEnd {
    let applied = row.result.as_deref().and_then(|it| serde_json::from_str::<Applied>(it).ok());
    applied.map_or(CallEnd::Parked("result_unreadable"), CallEnd::Done)
}

fn so_far(done: &[String], why: &str) -> String {
    if done.is_empty() {
        format!("{why} Nothing was changed.")
    } else {
        format!("{why} Before that: {}.", summed_up(done))
    }
}

fn waiting(done: &[String], why: &str) -> String {
    if done.is_empty() { format!("{why}.") } else { format!("{}. {why}.", summed_up(done)) }
}

/// What was done, in a sentence that stays readable however much it was.
fn summed_up(done: &[String]) -> String {
    match done.len() {
        0..=MOST_TOLD => done.join("; "),
        all => format!("{}; and {} more", done[..MOST_TOLD].join("; "), all - MOST_TOLD),
    }
}
