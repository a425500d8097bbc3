//! What time does to changes: reminders, expiry, and going on after a crash or an outage.

use super::failure::Failure;
use super::pipeline::Pipeline;
use super::recording::Line;
use super::revoking::revokes;
use crate::chat::Target;
use crate::clock::moment;
use crate::domain::{Change, State};
use crate::store::{Move, Parcel};

/// How many changes a sweep moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Requests that expired.
    pub expired: u32,
    /// Requests whose approvers were reminded.
    pub reminded: u32,
    /// Decided changes that were taken up again.
    pub resumed: u32,
}

/// Reminders back off: twice the time each, four times at most.
const MOST_DOUBLINGS: u32 = 4;

impl Pipeline {
    /// Expires, reminds and resumes whatever is due.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] of the database; the rest is done by the next sweep.
    pub async fn sweep(&self) -> Result<Swept, Failure> {
        let now = self.clock.now();
        let mut swept = Swept::default();
        for change in self.store.expired_changes(now).await? {
            swept.expired += u32::from(self.expire(&change).await?);
        }
        for change in self.store.changes_to_remind(now).await? {
            swept.reminded += u32::from(self.remind(&change).await?);
        }
        swept.resumed = self.resume().await?;
        Ok(swept)
    }

    /// Goes on with every decided change that nobody works on; first with those that take access away.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] of the database.
    pub async fn resume(&self) -> Result<u32, Failure> {
        let mut resumed = self.revoke_due().await?;
        for change in self.store.changes_to_apply(self.clock.now()).await? {
            if Self::is_decided(change.state) && !revokes(&change) {
                self.apply(change.id.number()).await?;
                resumed += 1;
            }
        }
        Ok(resumed)
    }

    async fn expire(&self, change: &Change) -> Result<bool, Failure> {
        let mut tx = self.store.begin().await?;
        let moved = self
            .store
            .move_change(
                &mut tx,
                change.id.number(),
                Move { from: State::Waiting, to: State::Expired, note: None, at: self.clock.now() },
            )
            .await?;
        if moved {
            self.note(&mut tx, change, Line::steward("expired", serde_json::json!({}))).await?;
            let change = self.store.change_in(&mut tx, &change.id).await?.unwrap_or_else(|| change.clone());
            self.tell(&mut tx, &change).await?;
        }
        self.store.commit(tx).await?;
        Ok(moved)
    }

    async fn remind(&self, change: &Change) -> Result<bool, Failure> {
        let now = self.clock.now();
        let doublings = u32::try_from(change.reminders + 1).unwrap_or(MOST_DOUBLINGS).min(MOST_DOUBLINGS);
        let pause =
            i64::try_from(self.rules.now().remind_after.as_millis()).unwrap_or(i64::MAX).saturating_mul(1 << doublings);
        let approvers = self.approvers(&change.asked.decision, &self.concerned(change).await?).await?;
        let mut tx = self.store.begin().await?;
        let first = self.store.reminded(&mut tx, change, moment(now.as_millisecond().saturating_add(pause))).await?;
        if first {
            let detail = serde_json::json!({ "reminder": change.reminders + 1 });
            self.note(&mut tx, change, Line::steward("reminded", detail)).await?;
            for account in approvers {
                let about = format!("reminder {} {}", change.id, account);
                let parcel = Parcel::Reminder { number: change.id.number(), to: Target::Direct(account) };
                self.store.post(&mut tx, &about, &parcel, now).await?;
            }
        }
        self.store.commit(tx).await?;
        Ok(first)
    }
}
