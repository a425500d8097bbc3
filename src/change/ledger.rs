//! One call of a change, from intention to result. The row is written before the call, so that a crash leaves evidence.

use super::applied::{Applied, Found, Ready};
use super::effect::Effect;
use super::failure::{Failure, upstream};
use super::local::Local;
use super::permit::{Permit, RightsChecked};
use super::pipeline::Pipeline;
use crate::claude::Error;
use crate::clock::{Moment, moment};
use crate::domain::{Change, Kind};
use crate::store::{Act, EffectRow, EffectState, Hold, Tx};

/// How long a worker keeps a change without a sign of life. Longer than any one call may take, its retries included.
pub(super) const HOLD_MS: i64 = 120_000;
/// The first pause after which a call is tried again; it doubles up to [`MOST_PAUSE_MS`].
const FIRST_PAUSE_MS: i64 = 5_000;
const MOST_PAUSE_MS: i64 = 600_000;
/// The longest of our own account before what takes access away is tried again.
const MOST_REVOKING_PAUSE_MS: i64 = 30_000;

/// How often a revocation asks for its turn in the budget, a minute each, before the change is put off.
const MOST_TURNS: usize = 10;

/// How one call ended.
pub(super) enum CallEnd {
    /// Done; what it left behind.
    Done(Applied),
    /// Refused; a sentence.
    Failed(String),
    /// Somebody has to look; a code.
    Parked(&'static str),
    /// Try again, not before; a sentence.
    Later(Moment, String),
    /// It waits for an event; a sentence.
    Waits(String),
}

impl Pipeline {
    /// Makes one call, or finds that it was made.
    pub(super) async fn make(
        &self,
        change: &Change,
        row: &EffectRow,
        hold: Hold,
        rights: &RightsChecked,
    ) -> Result<CallEnd, Failure> {
        let now = self.clock.now();
        let effect = match read(row)?.ready(&self.store, now).await? {
            Ready::Now(effect) => effect,
            Ready::NotYet(why) => return Ok(CallEnd::Waits(why)),
            Ready::NotBefore(until, why) => return Ok(CallEnd::Later(until, why)),
            Ready::Never(why) => return Ok(CallEnd::Failed(why)),
            Ready::Moot(why) => return Ok(CallEnd::Done(Applied { id: String::new(), done: why, was: None })),
        };
        // An earlier attempt may have got through: look before sending again. The trail knows of it, too, whatever the row says.
        let begun = match row.intended_at.filter(|_| row.state == EffectState::Sending) {
            None => self.store.begun_at(change, row.position).await?,
            at => at,
        };
        if let Some(intended_at) = begun.filter(|_| !effect.needs_no_look())
            && let Some(step) = self.reconcile(&effect, row.attempts, intended_at).await
        {
            return Ok(step);
        }
        if change.asked.kind == Kind::Sync
            && let Some(why) = self.no_longer_due(&effect).await?
        {
            return Ok(CallEnd::Done(Applied { id: String::new(), done: why, was: None }));
        }
        if let Some(why) = self.not_free_after_all(&effect).await? {
            return Ok(why);
        }
        let mut tx = self.store.begin().await?;
        let held = self.store.still_held(&mut tx, hold, moment(now.as_millisecond() + HOLD_MS)).await?;
        if !held || !self.store.intend(&mut tx, hold, row.position, now).await? {
            return Ok(CallEnd::Later(now, "another worker has taken over".into()));
        }
        let action = format!("{}.sending", change.asked.kind);
        let detail = serde_json::json!({ "call": row.position, "attempt": row.attempts + 1 });
        self.store
            .append(&mut tx, &Act { at: now, actor: "steward", action: &action, about: &change.id.to_string(), detail })
            .await?;
        if let Effect::Local(local) = &effect {
            return self.make_own(tx, (row, hold), local, change).await;
        }
        self.store.commit(tx).await?;
        let intended_at = begun.unwrap_or(now);
        let mut turns = 0;
        loop {
            let Some(permit) = Permit::mint(&self.store, change, row.position, rights) else {
                return Ok(CallEnd::Failed("The stored request was not written by this Steward.".into()));
            };
            turns += 1;
            match effect.apply(permit, &self.writer).await {
                Ok(applied) => return Ok(CallEnd::Done(applied)),
                // Nothing was sent: many others take access away just now, and went first.
                Err(error) if effect.keeps_its_turn(&error) && turns < MOST_TURNS && self.holds_on(hold).await? => {}
                Err(error) => return Ok(self.after_error(&effect, &error, row.attempts + 1, intended_at).await),
            }
        }
    }

    /// Shows that this process still works on a change. False: another one has taken over.
    async fn holds_on(&self, hold: Hold) -> Result<bool, Failure> {
        let until = moment(self.clock.now().as_millisecond() + HOLD_MS);
        let mut tx = self.store.begin().await?;
        let held = self.store.still_held(&mut tx, hold, until).await?;
        self.store.commit(tx).await?;
        Ok(held)
    }

    /// A change of Steward's own books: made, and written into the ledger as done, in one transaction. No call, so no doubt.
    async fn make_own(
        &self,
        mut tx: Tx<'_>,
        (row, hold): (&EffectRow, Hold),
        local: &Local,
        change: &Change,
    ) -> Result<CallEnd, Failure> {
        let now = self.clock.now();
        match self.apply_own(&mut tx, local, change).await? {
            Ok(applied) => {
                let result = serde_json::to_string(&applied).ok();
                let done = EffectRow { state: EffectState::Done, result, trouble: None, ..row.clone() };
                self.store.finish_effect(&mut tx, hold, &done, now).await?;
                self.store.commit(tx).await?;
                Ok(CallEnd::Done(applied))
            }
            Err(end) => {
                drop(tx);
                Ok(end)
            }
        }
    }

    /// What an error means: refused for good, to be tried later, or to be looked at.
    async fn after_error(&self, effect: &Effect, error: &Error, attempts: i64, intended_at: Moment) -> CallEnd {
        let unsure =
            error.is_ambiguous() || (attempts > 1 && error.status().is_some_and(|status| (400..500).contains(&status)));
        if unsure && let Some(step) = self.reconcile(effect, attempts, intended_at).await {
            return step;
        }
        let sentence = upstream(error);
        let passing = error.is_ambiguous()
            || error.status().is_none_or(|status| matches!(status, 300..=399 | 401 | 403 | 408 | 409 | 429 | 500..))
            || error.error_code().is_some_and(|code| code.ends_with("_api_key_limit_exceeded"));
        if !passing {
            return CallEnd::Failed(sentence);
        }
        if effect.keeps_its_turn(error) {
            return CallEnd::Later(self.clock.now(), sentence);
        }
        let pause = error.retry_after().map_or(0, |it| i64::try_from(it.as_millis()).unwrap_or(MOST_PAUSE_MS));
        CallEnd::Later(self.after(effect, attempts, pause), sentence)
    }

    /// Looks whether a call that was begun was made. None: it was not, or it was never begun.
    pub(super) async fn look(&self, row: &EffectRow) -> Result<Option<CallEnd>, Failure> {
        let Some(intended_at) = row.intended_at else { return Ok(None) };
        Ok(self.reconcile(&read(row)?, row.attempts, intended_at).await)
    }

    /// Looks whether the call was made. None: it was not, so it may be sent again.
    pub(super) async fn reconcile(&self, effect: &Effect, attempts: i64, intended_at: Moment) -> Option<CallEnd> {
        match effect.already(&self.reader_for(effect.revokes()), intended_at).await {
            Ok(Found::Done(applied)) => Some(CallEnd::Done(applied)),
            Ok(Found::NotDone) => None,
            Ok(Found::Unclear(code)) => Some(CallEnd::Parked(code)),
            Err(error) if error.is_not_found() => Some(CallEnd::Failed(upstream(&error))),
            Err(error) => Some(CallEnd::Later(self.after(effect, attempts, 0), upstream(&error))),
        }
    }

    /// When to try again: doubling, at least what was asked for, never more than ten minutes on our own account.
    fn after(&self, effect: &Effect, attempts: i64, at_least_ms: i64) -> Moment {
        let doubled = FIRST_PAUSE_MS << attempts.clamp(1, 8).saturating_sub(1);
        let most = if effect.revokes() { MOST_REVOKING_PAUSE_MS } else { MOST_PAUSE_MS };
        moment(self.clock.now().as_millisecond() + doubled.min(most).max(at_least_ms))
    }
}

/// The call of a row.
pub(super) fn read(row: &EffectRow) -> Result<Effect, Failure> {
    serde_json::from_str(&row.body).map_err(|_| Failure::internal("an effect's row cannot be read"))
}

/// What a code of [`CallEnd::Parked`] means, as a sentence.
pub(super) fn parked_because(code: &str) -> String {
    let why = match code {
        "invited_with_another_role" => "somebody has invited the same address with another role meanwhile",
        "role_changed_elsewhere" => "somebody has given the member a third role meanwhile",
        "workspace_role_changed_elsewhere" => "somebody has given them another role in the workspace meanwhile",
        "key_renamed_elsewhere" => "somebody has given the API key another name meanwhile",
        "key_changed_elsewhere" => "somebody has archived the API key meanwhile, or it expired",
        "no_longer_in_the_workspace" => "somebody has taken them out of the workspace meanwhile",
        "several_workspaces_of_this_name" => "several workspaces of this name were made meanwhile",
        "renamed_elsewhere" => "somebody has given the workspace a third name meanwhile",
        "limits_changed_elsewhere" => "somebody has set other limits meanwhile",
        "invitation_no_longer_open" => "the invitation is no longer open",
        _ => "what an earlier step left behind cannot be read",
    };
    format!("Anthropic's answer was unclear, and {why} ({code}).")
}
