//! Looks after keys as they get older: owners are reminded that one is to be replaced, a replaced one is switched off once nothing
//! uses it, one that lies idle is asked about, and what was switched off is archived in the end.
//!
//! Nothing is done on a guess: without a fresh report of what the keys used, no key is switched off.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::{Audience, Job};
use crate::change::{Failure, Pipeline, SwitchKey};
use crate::chat::{Message, Target};
use crate::clock::{Clock, Moment, moment};
use crate::domain::{Environment, KeyRhythm, LiveRules, PersonId, Place, StillNeeded, spoken_name, still_needed};
use crate::store::{KeyLife, ListedKey, Parcel, Store, UsageMark};
use crate::view::key_life::{self as view, AboutKey, Evidence};

/// The name of the job. It comes behind the one that reads what the keys used.
pub const KEYS: &str = "keys";

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// How many days before its day a key's owner is reminded; on the day itself, too.
const REMINDED_DAYS: [i64; 4] = [14, 7, 1, 0];
/// How many days after its day those who decide are told, and every so many days again.
const OVERDUE_DAYS: i64 = 7;
/// How many days after its replacement the owner of a key that is still used is told.
const LAGGARD_DAYS: [i64; 3] = [3, 7, 14];
/// A key that was not used for so many days is asked about.
const IDLE_DAYS: i64 = 30;
/// So many days its owner has to answer.
const ANSWER_DAYS: i64 = 14;
/// So many days a key that was switched off can be switched on again.
const OFF_DAYS: i64 = 30;
/// The rhythm of a key is that of the four weeks before it was replaced.
const RHYTHM_DAYS: i64 = 28;
/// An older report says nothing of today.
const FRESH_MS: i64 = 3 * HOUR_MS;
/// How often a replaced key is looked at.
const LOOK_MS: i64 = 6 * HOUR_MS;

/// Looks after keys.
pub struct KeyWatch {
    store: Store,
    clock: Clock,
    rules: Arc<LiveRules>,
    pipeline: Arc<Pipeline>,
    audience: Audience,
}

/// A key that works and that somebody looks after.
struct Kept {
    it: ListedKey,
    owner: PersonId,
    life: KeyLife,
    place: Place,
}

impl Kept {
    fn about(&self) -> AboutKey<'_> {
        AboutKey {
            id: &self.it.key.id,
            name: spoken_name(&self.it.key.name),
            workspace: &self.place.name,
            is_replaceable: self.it.record.is_some(),
        }
    }

    fn owner_name(&self) -> &str {
        self.it.owner.as_deref().unwrap_or("its owner")
    }

    /// Since when it is as it is: its owner's, and not older than the key.
    fn since(&self) -> Moment {
        self.it.record.as_ref().map_or(self.it.key.created_at, |it| it.since.max(self.it.key.created_at))
    }

    fn is_production(&self) -> bool {
        self.it.record.as_ref().map_or(self.place.environment, |it| it.environment) == Environment::Production
    }

    /// The day on which it ends or is to be replaced, and whether it ends by itself.
    fn deadline(&self) -> Option<(Moment, bool)> {
        let (rotate, ends) = (self.it.record.as_ref().and_then(|it| it.rotate_at), self.it.key.expires_at);
        match (rotate, ends) {
            (Some(rotate), Some(ends)) if ends <= rotate => Some((ends, true)),
            (Some(rotate), _) => Some((rotate, false)),
            (None, ends) => ends.map(|it| (it, true)),
        }
    }

    /// When it will have been idle for so long that its owner is asked.
    fn idle_from(&self) -> Moment {
        let used = self.it.used.last.unwrap_or(Moment::MIN).max(self.since());
        let idle = moment(used.as_millisecond() + IDLE_DAYS * DAY_MS);
        self.life.keep_until.map_or(idle, |it| it.max(idle))
    }
}

impl KeyWatch {
    /// Looks after the keys of `store`.
    #[must_use]
    pub fn new(
        (store, clock): (Store, Clock),
        rules: Arc<LiveRules>,
        pipeline: Arc<Pipeline>,
        audience: Audience,
    ) -> Self {
        Self { store, clock, rules, pipeline, audience }
    }

    /// The job, every ten minutes.
    #[must_use]
    pub fn job(self: &Arc<Self>) -> Job {
        let watch = Arc::clone(self);
        Job::every(KEYS, Duration::from_mins(10), move || {
            let watch = Arc::clone(&watch);
            Box::pin(async move { watch.look().await })
        })
    }

    /// Does and tells whatever is due.
    ///
    /// # Errors
    ///
    /// The first [`Failure`]; every key is looked at all the same, and the rest is done the next time.
    pub async fn look(&self) -> Result<(), Failure> {
        let now = self.clock.now();
        self.archive(now).await?;
        let is_fresh = self.is_fresh(now).await?;
        let mut trouble = Ok(());
        for key in self.kept().await? {
            let done = match (key.life.replaced_at, is_fresh) {
                (Some(since), true) => self.watch_replaced(&key, since, now).await,
                (Some(_), false) => Ok(()),
                (None, _) => match self.remind(&key, now).await {
                    Ok(()) if is_fresh => self.ask_idle(&key, now).await,
                    done => done,
                },
            };
            trouble = trouble.and(done);
        }
        trouble
    }

    async fn is_fresh(&self, now: Moment) -> Result<bool, Failure> {
        let read = self.store.usage_mark(UsageMark::HoursTo).await?;
        Ok(read.is_some_and(|it| it.as_millisecond() >= now.as_millisecond() - FRESH_MS))
    }

    /// The keys that work and that somebody looks after, or whose own they are.
    async fn kept(&self) -> Result<Vec<Kept>, Failure> {
        let rules = self.rules.now();
        let mut lives: BTreeMap<String, KeyLife> = self.store.key_lives().await?;
        let mut kept = Vec::new();
        for it in self.store.listed_keys(false, self.clock.now()).await? {
            if it.in_stock || it.key.status != "active" {
                continue;
            }
            let Some(owner) = self.store.owner_of_key(Some(&it.key)).await? else { continue };
            let life = lives.remove(&it.key.id).unwrap_or_default();
            let place = rules.place(it.workspace.as_deref().unwrap_or("no workspace"));
            kept.push(Kept { it, owner, life, place });
        }
        Ok(kept)
    }

    async fn remind(&self, key: &Kept, now: Moment) -> Result<(), Failure> {
        let Some((at, ends)) = key.deadline() else { return Ok(()) };
        let left_ms = at.as_millisecond() - now.as_millisecond();
        let passed = REMINDED_DAYS.iter().filter(|days| left_ms <= **days * DAY_MS);
        if let Some(days) = passed.min().copied() {
            let once = format!("key {} due {} {days}", key.it.key.id, at.as_millisecond());
            self.tell_owner(key, &once, &view::to_be_replaced(&key.about(), (days, at), ends), now).await?;
        }
        let over_days = -left_ms / DAY_MS;
        if !ends && over_days >= OVERDUE_DAYS {
            let once = format!("key {} overdue {} {}", key.it.key.id, at.as_millisecond(), over_days / OVERDUE_DAYS);
            self.tell_deciders(key, &once, &view::overdue(&key.about(), key.owner_name(), at), now).await?;
        }
        Ok(())
    }

    async fn watch_replaced(&self, key: &Kept, since: Moment, now: Moment) -> Result<(), Failure> {
        if key.life.keep_until.is_some_and(|it| it > now) {
            return Ok(());
        }
        let before = moment(since.as_millisecond() - RHYTHM_DAYS * DAY_MS);
        let hours = self.store.key_hours(&key.it.key.id, before).await?;
        let rhythm = KeyRhythm::of(hours.iter().map(|it| it.0).filter(|at| *at < since));
        let last = key.it.used.last;
        let Some(why) = still_needed(&rhythm, (last, since, now), key.place.silent_hours) else {
            return self.retire_silent(key, last, now).await;
        };
        let days = (now.as_millisecond() - since.as_millisecond()) / DAY_MS;
        let Some(told) = LAGGARD_DAYS.iter().filter(|it| **it <= days).max() else { return Ok(()) };
        // Silence that has not lasted long enough is nobody's fault.
        let is_used = matches!(why, StillNeeded::Used(_));
        if !is_used && *told < LAGGARD_DAYS[2] {
            return Ok(());
        }
        let tokens = hours.iter().filter(|it| it.0 >= since).map(|it| it.1).sum();
        let evidence = Evidence { why, last, tokens, rhythm: rhythm.words() };
        let message = view::laggard(&key.about(), &evidence, days);
        let once = format!("key {} laggard {} {told}", key.it.key.id, since.as_millisecond());
        self.tell_owner(key, &once, &message, now).await?;
        if *told == LAGGARD_DAYS[2] {
            self.tell_deciders(key, &format!("{once} deciders"), &message, now).await?;
        }
        Ok(())
    }

    async fn retire_silent(&self, key: &Kept, last: Option<Moment>, now: Moment) -> Result<(), Failure> {
        let reason = "it was replaced, and nothing uses it any more".to_owned();
        let asked = self.pipeline.switch(SwitchKey::retire(key.it.key.id.clone()), reason).await?;
        if asked.is_some() {
            let once = format!("key {} silent {}", key.it.key.id, now.as_millisecond());
            self.tell_owner(key, &once, &view::went_silent(&key.about(), last), now).await?;
        }
        Ok(())
    }

    /// Only of keys that came through Steward, or were adopted: what a company had before is not switched off behind its back.
    async fn ask_idle(&self, key: &Kept, now: Moment) -> Result<(), Failure> {
        let id = &key.it.key.id;
        if key.it.record.is_none() {
            return Ok(());
        }
        if key.idle_from() > now {
            if key.life.asked_at.is_some() {
                let mut tx = self.store.begin().await?;
                self.store.key_in_use(&mut tx, id).await?;
                self.store.commit(tx).await?;
            }
            return Ok(());
        }
        let Some(asked) = key.life.asked_at else {
            let used = key.it.used.last.unwrap_or(Moment::MIN).max(key.since());
            let days = (now.as_millisecond() - used.as_millisecond()) / DAY_MS;
            let message = view::idle(&key.about(), key.it.used.last, days);
            let mut tx = self.store.begin().await?;
            if self.store.key_doubted(&mut tx, id, now).await? {
                self.post_to_owner(&mut tx, key, &message, now).await?;
            }
            return Ok(self.store.commit(tx).await?);
        };
        if now.as_millisecond() - asked.as_millisecond() < ANSWER_DAYS * DAY_MS {
            return Ok(());
        }
        if key.is_production() {
            let once = format!("key {id} idle {}", asked.as_millisecond());
            return self.tell_deciders(key, &once, &view::idle_production(&key.about(), key.owner_name()), now).await;
        }
        let reason = "it was not used, and nobody has said that it is needed".to_owned();
        if self.pipeline.switch(SwitchKey::retire(id.clone()), reason).await?.is_some() {
            let once = format!("key {id} idle off {}", asked.as_millisecond());
            self.tell_owner(key, &once, &view::idle_off(&key.about()), now).await?;
        }
        Ok(())
    }

    /// Archives what was switched off long ago, and is off still.
    async fn archive(&self, now: Moment) -> Result<(), Failure> {
        for (key_id, life) in self.store.key_lives().await? {
            let is_over = life.off_at.is_some_and(|it| it.as_millisecond() + OFF_DAYS * DAY_MS <= now.as_millisecond());
            if !is_over || self.store.api_key(&key_id).await?.is_none_or(|it| it.status != "inactive") {
                continue;
            }
            let reason = "it was switched off 30 days ago, and nobody needed it".to_owned();
            self.pipeline.switch(SwitchKey::to(key_id, "archived"), reason).await?;
        }
        Ok(())
    }

    /// The next moment at which something is due; one that has passed is not among them.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] of the database.
    pub async fn next_moment(&self, now: Moment) -> Result<Option<Moment>, Failure> {
        let lives = self.store.key_lives().await?;
        let later = |at: Moment, days: i64| moment(at.as_millisecond() + days * DAY_MS);
        let mut due: Vec<Moment> = lives.values().filter_map(|it| Some(later(it.off_at?, OFF_DAYS))).collect();
        for key in self.kept().await? {
            if key.life.replaced_at.is_some() {
                due.push(moment(now.as_millisecond() + LOOK_MS));
                continue;
            }
            let reminders = key.deadline().into_iter().flat_map(|(at, _)| REMINDED_DAYS.map(|days| later(at, -days)));
            due.extend(reminders);
            if key.it.record.is_some() {
                due.push(key.idle_from());
                due.extend(key.life.asked_at.map(|it| later(it, ANSWER_DAYS)));
            }
        }
        Ok(due.into_iter().filter(|it| *it > now).min())
    }

    async fn tell_owner(&self, key: &Kept, once: &str, message: &Message, now: Moment) -> Result<(), Failure> {
        let mut tx = self.store.begin().await?;
        if self.store.first_time(&mut tx, once, now).await? {
            self.post_to_owner(&mut tx, key, message, now).await?;
        }
        Ok(self.store.commit(tx).await?)
    }

    async fn post_to_owner(
        &self,
        tx: &mut crate::store::Tx<'_>,
        key: &Kept,
        message: &Message,
        now: Moment,
    ) -> Result<(), Failure> {
        for account in self.store.reachable_in(tx, &key.owner).await? {
            let parcel = Parcel::Message { to: Target::Direct(account), message: Box::new(message.clone()) };
            self.store.post(tx, &format!("key {}", key.it.key.id), &parcel, now).await?;
        }
        Ok(())
    }

    async fn tell_deciders(&self, key: &Kept, once: &str, message: &Message, now: Moment) -> Result<(), Failure> {
        let targets = self.audience.targets().await?;
        let mut tx = self.store.begin().await?;
        if self.store.first_time(&mut tx, once, now).await? {
            self.audience.tell(&mut tx, &targets, (&format!("key {}", key.it.key.id), message), now).await?;
        }
        Ok(self.store.commit(tx).await?)
    }
}
