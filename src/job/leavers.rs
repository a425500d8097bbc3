//! Whoever seems to have left is told of once: a chat account that was switched off, a member who vanished. Nothing is done.

use std::time::Duration;

use super::{Audience, Job};
use crate::change::Failure;
use crate::clock::{Clock, Moment};
use crate::domain::{Leaver, LeaverState};
use crate::store::{Act, Notice, Parcel, Store, Tx};

/// Looks for people who have left.
#[derive(Clone)]
pub struct Leavers {
    store: Store,
    clock: Clock,
    audience: Audience,
}

impl Leavers {
    /// Looks in `store`, and tells `audience`.
    #[must_use]
    pub fn new(store: Store, clock: Clock, audience: Audience) -> Self {
        Self { store, clock, audience }
    }

    /// The job, once a minute.
    #[must_use]
    pub fn job(&self) -> Job {
        let leavers = self.clone();
        Job::every("leavers", Duration::from_mins(1), move || {
            let leavers = leavers.clone();
            Box::pin(async move { leavers.look().await.map(|_| ()) })
        })
    }

    /// Compares with what was told. Answers of how many people it told.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] of the database.
    pub async fn look(&self) -> Result<usize, Failure> {
        let now = self.clock.now();
        let (found, told) = (self.store.who_seems_to_have_left().await?, self.store.leavers().await?);
        let stands = |it: &Leaver| told.iter().any(|old| old.person == it.person && is_told(old, it, now));
        let new: Vec<&Leaver> = found.iter().filter(|it| !stands(it)).collect();
        let is_over = |old: &&Leaver| old.state != LeaverState::Over && found.iter().all(|it| it.person != old.person);
        let over: Vec<&Leaver> = told.iter().filter(is_over).collect();
        if new.is_empty() && over.is_empty() {
            return Ok(0);
        }
        let targets = if new.is_empty() { Vec::new() } else { self.audience.targets().await? };
        let mut tx = self.store.begin().await?;
        for it in &new {
            self.store.find_leaver(&mut tx, it, now).await?;
            let detail = serde_json::json!({ "why": it.sign.as_str(), "account": it.account, "member": it.member });
            let act = Act { at: now, actor: "steward", action: "leaver.found", about: &it.person.0, detail };
            self.store.append(&mut tx, &act).await?;
            for to in &targets {
                self.post(&mut tx, it, |notice| Parcel::Notice { notice, to: to.clone() }, now).await?;
            }
        }
        for it in over {
            if self.store.settle_leaver(&mut tx, &it.person, (LeaverState::Over, None), ("steward", now)).await? {
                self.post(&mut tx, it, |notice| Parcel::NoticeRefresh { notice }, now).await?;
            }
        }
        self.store.commit(tx).await?;
        Ok(new.len())
    }

    async fn post(
        &self,
        tx: &mut Tx<'_>,
        leaver: &Leaver,
        parcel: impl FnOnce(Notice) -> Parcel,
        now: Moment,
    ) -> Result<(), Failure> {
        let notice = Notice::Leaver(leaver.person.clone());
        let about = notice.about();
        Ok(self.store.post(tx, &about, &parcel(notice), now).await?)
    }
}

/// True if nothing has to be said: it was told, or put off, and its time is not over; and it is still the same sign.
fn is_told(old: &Leaver, found: &Leaver, now: Moment) -> bool {
    let in_time = match old.state {
        LeaverState::Open => true,
        LeaverState::Later => old.later_until.is_some_and(|until| until > now),
        LeaverState::Over => false,
    };
    in_time && old.sign == found.sign
}
