//! From a decided row to the organization. Exactly once in effect: intention first, look before repeating, never guess.

use super::applied::Applied;
use super::asker::Asker;
use super::concerned::Concerned;
use super::effect::Effect;
use super::failure::Failure;
use super::ledger::{CallEnd, HOLD_MS, parked_because, read};
use super::permit::RightsChecked;
use super::pipeline::Pipeline;
use super::proposal::Proposal;
use super::recording::Line;
use super::world::World;
use crate::clock::{Moment, moment};
use crate::domain::{Asking, Change, Decision, Right, State, Toward, decide};
use crate::store::{EffectRow, EffectState, Hold, InviteRow, MemberRow, Move, Pass, Tx};
use crate::view;

/// How one round of applying ended.
enum Round {
    /// Every call is done.
    Done(String),
    /// It came to another end.
    Ended(State, String),
    /// To be tried again, not before.
    Later(Moment, String),
    /// Somebody has to look.
    Parked(&'static str),
}

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
        let now = self.clock.now();
        let until = moment(now.as_millisecond() + HOLD_MS);
        let Some(hold) = self.store.hold_change(number, &self.holder, now, until).await? else {
            return self.reread(number).await;
        };
        let change = self.reread(number).await?;
        let round = self.round(&change, hold).await;
        let retry = match round {
            Ok(round) => self.settle(&change, round).await?,
            Err(failure) => {
                tracing::warn!(change = %change.id, trouble = %failure.logged(), "a change could not be applied; it is tried again");
                Some(moment(self.clock.now().as_millisecond() + 15_000))
            }
        };
        self.store.let_go(hold, retry).await?;
        self.reread(number).await
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
        let mut done = Vec::new();
        for effect in effects {
            match self.run(change, effect, hold, &rights).await? {
                CallEnd::Done(applied) => done.push(applied.done),
                CallEnd::Failed(why) => return Ok(Round::Ended(State::Failed, so_far(&done, &why))),
                CallEnd::Parked(code) => return Ok(Round::Parked(code)),
                CallEnd::Later(at, why) => return Ok(Round::Later(at, why)),
            }
        }
        Ok(Round::Done(done.join("; ")))
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
                CallEnd::Failed(_) => break,
                CallEnd::Parked(code) => return Ok(Round::Parked(code)),
                CallEnd::Later(at, why) => return Ok(Round::Later(at, why)),
            }
        }
        Ok(match done.len() {
            0 => Round::Ended(State::Lapsed, why),
            all if all == count => Round::Done(done.join("; ")),
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
        self.keep(row, hold, step).await
    }

    /// Writes down how a call ended, and brings the directory up to date.
    async fn keep(&self, mut row: EffectRow, hold: Hold, step: CallEnd) -> Result<CallEnd, Failure> {
        (row.state, row.result, row.trouble) = match &step {
            CallEnd::Done(applied) => (EffectState::Done, serde_json::to_string(applied).ok(), None),
            CallEnd::Failed(why) => (EffectState::Failed, None, Some(why.clone())),
            CallEnd::Parked(code) => (EffectState::Parked, None, Some((*code).to_owned())),
            CallEnd::Later(..) => return Ok(step),
        };
        let mut tx = self.store.begin().await?;
        self.store.finish_effect(&mut tx, hold, &row, self.clock.now()).await?;
        self.store.commit(tx).await?;
        if let CallEnd::Done(applied) = &step {
            self.reflect(&read(&row)?, applied).await;
        }
        Ok(step)
    }

    /// Are those who asked and decided still allowed to, by what the platforms say now?
    async fn rights_now(&self, change: &Change, proposal: &Proposal) -> Result<Checked, Failure> {
        let asked = &change.asked;
        let asker = Asker::fresh(&self.store, &self.rules, &*self.roster, &asked.asker_account).await?;
        let Some(asker) = asker else {
            return Ok(Checked::Unknown("The chat does not say at the moment who the asker is.".into()));
        };
        let own = matches!(proposal, Proposal::Invite(it) if asker.may_invite_themselves(&self.rules, &it.email));
        if asker.right(proposal.needs(), Toward::Other) == Right::No && !own {
            return Ok(Checked::No("Whoever asked may no longer ask for this.".into()));
        }
        let Some(decided) = &change.decided else {
            return Ok(Checked::No("Nobody decided it.".into()));
        };
        if asked.decision == Decision::AtOnce {
            let world = World::recorded(&self.store, &proposal.looks(), self.clock.now()).await?;
            let asking = Asking { kind: asked.kind, rights: &asker.rights, weighty: proposal.weighty(&world) };
            let still = decide(&self.rules.policies, asking) == Decision::AtOnce;
            return Ok(if still {
                Checked::Yes(RightsChecked::just_now())
            } else {
                Checked::No("It needs an approval now.".into())
            });
        }
        let decider = Asker::fresh(&self.store, &self.rules, &*self.roster, &decided.account).await?;
        let Some(decider) = decider else {
            return Ok(Checked::Unknown("The chat does not say at the moment who the approver is.".into()));
        };
        let same = decider
            .person
            .as_ref()
            .is_none_or(|it| it.id == asked.asked_by || Some(&it.id) == asked.for_person.as_ref());
        if same || !decider.may_approve(&asked.decision) {
            return Ok(Checked::No("Whoever approved it may no longer approve this.".into()));
        }
        Ok(Checked::Yes(RightsChecked::just_now()))
    }

    /// Looks at the organization itself and plans again. Another digest means that the approval was for another world.
    async fn has_moved(&self, change: &Change, proposal: &Proposal) -> Option<Round> {
        let now = self.clock.now();
        let world = match World::fresh(&self.store, &self.reader, &proposal.looks(), now).await {
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

    /// Writes how the round ended: state, audit, news, all in one transaction. Answers when to try again.
    async fn settle(&self, change: &Change, round: Round) -> Result<Option<Moment>, Failure> {
        let now = self.clock.now();
        let number = change.id.number();
        let admins = match &round {
            Round::Parked(_) => self.card_targets(&Decision::one_admin(), &Concerned::default()).await?,
            _ => Vec::new(),
        };
        let mut tx = self.store.begin().await?;
        let (to, note, step, retry) = match round {
            Round::Done(done) => (State::Applied, done, "applied", None),
            Round::Ended(state, why) => (state, why, state.as_str(), None),
            Round::Later(at, why) => (State::Applying, why, "postponed", Some(at)),
            Round::Parked(code) => {
                (State::Applying, parked_because(code), "parked", Some(moment(now.as_millisecond() + 3_600_000)))
            }
        };
        let current = self.store.change_in(&mut tx, &change.id).await?.map_or(change.state, |it| it.state);
        let to = if to == State::Applying { current } else { to };
        let first_time = change.note.as_deref() != Some(note.as_str());
        let moved =
            self.store.move_change(&mut tx, number, Move { from: current, to, note: Some(&note), at: now }).await?;
        if moved && (to != current || first_time) {
            self.note(&mut tx, change, Line::steward(step, serde_json::json!({ "what": note }))).await?;
            if to == State::Applied {
                self.take_back(&mut tx, change).await?;
            }
            let settled = self.store.change_in(&mut tx, &change.id).await?.unwrap_or_else(|| change.clone());
            self.post_to(&mut tx, admins, &settled, &view::parked(&settled)).await?;
            self.tell(&mut tx, &settled).await?;
        }
        self.store.commit(tx).await?;
        Ok(retry)
    }

    /// Marks what a change has taken back, and tells whoever had asked for it.
    async fn take_back(&self, tx: &mut Tx<'_>, change: &Change) -> Result<(), Failure> {
        let Some(original) = &change.asked.undoes else { return Ok(()) };
        if !self.store.mark_undone(tx, original, &change.id).await? {
            return Ok(());
        }
        self.refresh_card(tx, original.number()).await?;
        match self.store.change_in(tx, original).await? {
            Some(original) if original.asked.asked_by != change.asked.asked_by => self.post_news(tx, &original).await,
            _ => Ok(()),
        }
    }

    /// What was changed is shown at once: the directory is not left to the next pass. A failure here costs freshness only.
    async fn reflect(&self, effect: &Effect, applied: &Applied) {
        let now = self.clock.now();
        let outcome: Result<(), Failure> = async {
            match effect {
                Effect::SendInvite(_) => {
                    let invite: InviteRow = self.reader.invite(&applied.id).await?.into();
                    self.store.write_page(&Pass::Invites(vec![invite]), now).await?;
                }
                Effect::SetRole(_) => {
                    let member: MemberRow = self.reader.user(&applied.id).await?.into();
                    self.store.write_page(&Pass::Members(vec![member]), now).await?;
                }
                Effect::DeleteInvite(_) => self.store.invite_gone(&applied.id, now).await?,
                Effect::RemoveUser(_) => self.store.member_gone(&applied.id, now).await?,
            }
            Ok(())
        }
        .await;
        if let Err(failure) = outcome {
            tracing::warn!(trouble = %failure.logged(), "the directory was not brought up to date after a change");
        }
    }
}

/// The answer of a check of rights.
enum Checked {
    Yes(RightsChecked),
    No(String),
    Unknown(String),
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
        format!("{why} Before that: {}.", done.join("; "))
    }
}
