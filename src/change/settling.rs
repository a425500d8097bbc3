//! How a round of applying ended: state, audit, card and news, all in one transaction.

use super::concerned::Concerned;
use super::failure::Failure;
use super::ledger::parked_because;
use super::pipeline::Pipeline;
use super::recording::Line;
use crate::clock::{Moment, moment};
use crate::domain::{Change, Decision, State};
use crate::store::{Move, Tx};
use crate::view;

/// How often it is looked whether the event has come that a call waits for: every minute at first. An invitation is open for
/// weeks, and whoever has waited for hours does not mind minutes.
const LEAST_WAIT_MS: i64 = 60_000;
const MOST_WAIT_MS: i64 = 300_000;
/// The part of the time waited so far that a pause takes.
const A_PAUSE: i64 = 20;

/// How one round of applying ended.
pub(super) enum Round {
    /// Every call is done.
    Done(String),
    /// It came to another end.
    Ended(State, String),
    /// To be tried again, not before.
    Later(Moment, String),
    /// Somebody has to look.
    Parked(&'static str),
    /// The next call waits for an event.
    Waits(String),
    /// There are more calls to make, and nothing is in the way.
    Progress(String),
}

impl Pipeline {
    /// Writes how the round ended: state, audit, news, all in one transaction. Answers when to try again.
    pub(super) async fn settle(&self, change: &Change, round: Round) -> Result<Option<Moment>, Failure> {
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
            Round::Waits(why) => (State::Applying, why, "waiting", Some(look_again(change, now))),
            Round::Progress(how_far) => (State::Applying, how_far, "progress", Some(now)),
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
            // How far it is, is read off the ledger; the trail keeps what was decided and done.
            if step != "progress" {
                self.note(&mut tx, change, Line::steward(step, serde_json::json!({ "what": note }))).await?;
            }
            if to == State::Applied {
                self.take_back(&mut tx, change).await?;
            }
            let settled = self.store.change_in(&mut tx, &change.id).await?.unwrap_or_else(|| change.clone());
            self.post_to(&mut tx, admins, &settled, &view::parked(&settled)).await?;
            // Whoever made their own change at once was answered with just that.
            if step == "waiting" && !(settled.asked.decision == Decision::AtOnce && change.fence <= 1) {
                self.post_news(&mut tx, &settled).await?;
            }
            if step == "progress" && change.state == State::Approved {
                self.post_progress(&mut tx, &settled).await?;
            }
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
}

fn look_again(change: &Change, now: Moment) -> Moment {
    let now_ms = now.as_millisecond();
    let waited_ms = change.decided.as_ref().map_or(0, |it| now_ms - it.at.as_millisecond());
    moment(now_ms + (waited_ms / A_PAUSE).clamp(LEAST_WAIT_MS, MOST_WAIT_MS))
}
