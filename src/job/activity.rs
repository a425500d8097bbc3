//! Reads Anthropic's own record of what was done in the organization, and pairs it with the ledger.
//!
//! Calls: `GET /v1/compliance/activities`, one listing a minute from the share that nobody waits for. What the ledger explains
//! is ours; whatever else changed the organization was done outside Steward, and people are told. What the ledger says is
//! done and the feed does not show after ten minutes is an alarm. Leaves behind: how far the feed was read, its activities (so
//! that nothing is told twice), entries of the trail. Where the feed is off, it is asked again once an hour.

use std::time::Duration;

use futures_util::TryStreamExt;

use super::Job;
use super::activity_pairing::{Read, paired};
use super::activity_trace::Trace;
use super::activity_words::KINDS;
use super::audience::Audience;
use crate::change::Failure;
use crate::claude::{self, ActivityFilter, Reader};
use crate::clock::{Clock, Moment, moment};
use crate::domain::FeedState;
use crate::store::{Act, BegunCall, Feed, Store, Tx};
use crate::view;

/// How often the feed is read.
const EVERY: Duration = Duration::from_mins(1);
const MINUTE_MS: i64 = 60_000;
/// How often a feed that is off is asked again.
const ASK_AGAIN_MS: i64 = 60 * MINUTE_MS;
/// So much of what was read already is read again: an activity shows up to a minute late, and sometimes later.
const OVERLAP_MS: i64 = 15 * MINUTE_MS;
/// At most so much is read at once, so that an outage of days is caught up with step by step.
const STRIDE_MS: i64 = 360 * MINUTE_MS;
/// A call that the feed does not show by then is looked for no longer.
const LOOK_BACK_MS: i64 = 24 * 60 * MINUTE_MS;
/// More activities than this are no listing that anybody could look at; the rest is read a minute later.
const MOST_ACTIVITIES: usize = 50_000;

/// Reads the feed.
#[derive(Clone)]
pub struct ActivityWatch {
    pub(super) store: Store,
    reader: Reader,
    pub(super) clock: Clock,
    pub(super) audience: Audience,
}

impl ActivityWatch {
    /// A watch of what `reader` sees.
    #[must_use]
    pub fn new(store: Store, reader: &Reader, clock: Clock, audience: Audience) -> Self {
        Self { store, reader: reader.background(), clock, audience }
    }

    /// The job.
    #[must_use]
    pub fn job(&self) -> Job {
        let watch = self.clone();
        Job::every("activity", EVERY, move || {
            let watch = watch.clone();
            Box::pin(async move { watch.look().await })
        })
    }

    /// Reads what is new, pairs it, and tells what has to be told.
    ///
    /// # Errors
    ///
    /// Any [`Failure`]; what was read before it is kept.
    pub async fn look(&self) -> Result<(), Failure> {
        let feed = self.store.feed().await?;
        let now = self.clock.now();
        if feed.state == FeedState::Off && feed.asked_at.is_some_and(|at| ms_since(at, now) < ASK_AGAIN_MS) {
            return Ok(());
        }
        let since = look_back(&feed, now);
        let span = span(&feed, &self.store.begun_calls(since).await?, now);
        match self.read(&feed, span).await {
            Ok(activities) => {
                // Looked up after the feed was read: what it shows by then was written down before it was done.
                let calls = self.store.begun_calls(since).await?;
                let read = paired(activities, calls, self.own_key().await);
                self.keep(read, &feed, span).await?;
                self.tell_outside().await?;
                self.tell_missing().await
            }
            // The budget is spent: no trouble, the next run reads the same.
            Err(claude::Error::Busy { .. }) => Ok(()),
            Err(error) if matches!(error.status(), Some(403 | 404)) => self.is_off(&feed).await,
            // It does not take the kinds that are asked for: from now on all are read.
            Err(error) if error.status() == Some(400) && feed.sifted => {
                self.stands(&Feed { sifted: false, ..feed }).await
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn read(&self, feed: &Feed, (from, to): (Moment, Moment)) -> Result<Vec<claude::Activity>, claude::Error> {
        let kinds = if feed.sifted { KINDS.to_vec() } else { Vec::new() };
        let mut pages = self.reader.activities(&ActivityFilter { since: from, until: to, kinds });
        let mut all = Vec::new();
        while let Some(page) = pages.try_next().await? {
            all.extend(page.items.into_iter().filter(|it| KINDS.contains(&it.kind.as_str())));
            if all.len() > MOST_ACTIVITIES {
                return Err(claude::Error::TooLarge);
            }
        }
        Ok(all)
    }

    /// Keeps what was read and where reading stands, with what the trail has to say of it, in one transaction.
    async fn keep(&self, read: Read, feed: &Feed, (from, to): (Moment, Moment)) -> Result<(), Failure> {
        let now = self.clock.now();
        let known = self.store.kept_activities(moment(from.as_millisecond() - 1_000)).await?;
        let names = self.names(&read, &known).await?;
        let turned_on = feed.state != FeedState::On;
        let mut tx = self.store.begin().await?;
        if turned_on {
            self.note(&mut tx, "activity.on", "activity feed", None).await?;
        }
        if let Some(key) = &read.own_key {
            self.keep_own_key(&mut tx, key, now).await?;
        }
        for it in read.activities.iter().filter(|it| !known.contains(&it.activity.id)) {
            self.keep_one(&mut tx, it, &names, now).await?;
        }
        let since = if turned_on { Some(now) } else { feed.since };
        let feed = Feed { state: FeedState::On, since, asked_at: Some(now), read_to: Some(to), sifted: feed.sifted };
        self.store.keep_feed(&mut tx, &feed).await?;
        self.store.commit(tx).await?;
        self.tell_late(&read).await
    }

    /// The feed does not answer this key. That it stops to is told: somebody may have switched the record off.
    async fn is_off(&self, feed: &Feed) -> Result<(), Failure> {
        let now = self.clock.now();
        let was_on = feed.state == FeedState::On;
        let targets = if was_on { self.audience.targets().await? } else { Vec::new() };
        let since = if feed.state == FeedState::Off { feed.since } else { Some(now) };
        let mut tx = self.store.begin().await?;
        self.store.keep_feed(&mut tx, &Feed { state: FeedState::Off, since, asked_at: Some(now), ..*feed }).await?;
        if was_on {
            self.note(&mut tx, "activity.off", "activity feed", None).await?;
            let message = view::activity::switched_off();
            self.audience.tell(&mut tx, &targets, ("activity feed", &message), now).await?;
        }
        Ok(self.store.commit(tx).await?)
    }

    async fn stands(&self, feed: &Feed) -> Result<(), Failure> {
        let mut tx = self.store.begin().await?;
        self.store.keep_feed(&mut tx, feed).await?;
        Ok(self.store.commit(tx).await?)
    }

    /// Writes into the trail what was found, about one of the ledger's calls or about the feed itself.
    pub(super) async fn note(
        &self,
        tx: &mut Tx<'_>,
        action: &str,
        about: &str,
        call: Option<i64>,
    ) -> Result<(), Failure> {
        let detail = call.map_or_else(|| serde_json::json!({}), |position| serde_json::json!({ "call": position }));
        self.store.append(tx, &Act { at: self.clock.now(), actor: "steward", action, about, detail }).await?;
        Ok(())
    }
}

/// What to read now: from where it was read to, with an overlap, or from the oldest call that was not shown yet.
fn span(feed: &Feed, calls: &[BegunCall], now: Moment) -> (Moment, Moment) {
    let Some(read_to) = feed.read_to else {
        return (moment(now.as_millisecond() - MINUTE_MS), now);
    };
    let reached = moment(read_to.as_millisecond().saturating_add(STRIDE_MS)).min(now);
    let is_open = |it: &&BegunCall| it.gap.as_deref().is_none_or(|gap| gap == "missing") && Trace::is_awaited(it);
    let oldest = calls.iter().filter(is_open).map(|it| it.intended_at).min();
    let from = oldest.map_or(read_to, |at| at.min(read_to));
    (moment(from.as_millisecond() - OVERLAP_MS), reached)
}

/// From when on calls are looked at.
pub(super) fn look_back(feed: &Feed, now: Moment) -> Moment {
    moment(feed.read_to.map_or(now, |it| it.min(now)).as_millisecond() - LOOK_BACK_MS)
}

pub(super) fn ms_since(then: Moment, now: Moment) -> i64 {
    now.as_millisecond() - then.as_millisecond()
}
