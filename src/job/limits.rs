//! Watches limits: each threshold that is reached is told once in its period, to whose channel it is and to its owner.
//!
//! What is told is written down in the transaction that puts it into the outbox. A period is looked at for a while after its end,
//! because what was spent in its last minutes is known later.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::limit_brake::{ANNOUNCED_MS, Brakes};
use super::limit_watched::Watched;
use super::spend_audience::SpendAudience;
use super::{Audience, Job};
use crate::change::{Failure, Pipeline};
use crate::chat::Message;
use crate::claude::Reader;
use crate::clock::{Clock, Moment, moment};
use crate::domain::{Amount, Brake, Limit, LiveRules, Period, Rules, SLOW_AT, STOP_AT, Scope, Told, crossed, is_told};
use crate::store::{Outlay, Part, Store, Telling, UsageMark};
use crate::view::limit::{self as view, Reached};

/// The name of the job.
pub const LIMITS: &str = "limits";

const HOUR_MS: i64 = 3_600_000;
/// So long after its end a period is still looked at.
const LATE_MS: i64 = 2 * HOUR_MS;
/// What was told longer ago is in no period that is looked at.
const TOLD_MS: i64 = 40 * 24 * HOUR_MS;
/// From here on what is used is read every minute.
const NEAR_PERCENT: u32 = 80;
/// So many of the dearest parts are named.
const NAMED: usize = 3;

/// Watches limits.
pub struct LimitWatch {
    store: Store,
    clock: Clock,
    rules: Arc<LiveRules>,
    audience: SpendAudience,
    brakes: Brakes,
}

/// What was asked of the store in one look.
#[derive(Default)]
struct Outlays(Vec<((Moment, Moment), Outlay)>);

impl Outlays {
    async fn of(&mut self, store: &Store, period: &Period) -> Result<&Outlay, Failure> {
        let span = (period.from, period.to);
        if let Some(at) = self.0.iter().position(|it| it.0 == span) {
            return Ok(&self.0[at].1);
        }
        self.0.push((span, store.outlay(span).await?));
        Ok(&self.0[self.0.len() - 1].1)
    }
}

impl LimitWatch {
    /// Watches the limits of `store` and of the configuration.
    #[must_use]
    pub fn new(
        (store, reader, clock): (&Store, &Reader, &Clock),
        rules: &Arc<LiveRules>,
        pipeline: &Arc<Pipeline>,
        audience: Audience,
    ) -> Self {
        let audience = SpendAudience::new(store.clone(), Arc::clone(rules), audience);
        let of = (store.clone(), reader.background(), clock.clone());
        let brakes = Brakes::new(of, Arc::clone(rules), Arc::clone(pipeline), audience.clone());
        Self { store: store.clone(), clock: clock.clone(), rules: Arc::clone(rules), audience, brakes }
    }

    /// The job, every minute.
    #[must_use]
    pub fn job(self: &Arc<Self>) -> Job {
        let watch = Arc::clone(self);
        Job::every(LIMITS, Duration::from_mins(1), move || {
            let watch = Arc::clone(&watch);
            Box::pin(async move { watch.look().await })
        })
    }

    /// Tells whatever is reached, and brakes where it was announced.
    ///
    /// # Errors
    ///
    /// The first [`Failure`]; every limit is looked at all the same, and the rest is done the next time.
    pub async fn look(&self) -> Result<(), Failure> {
        let (now, rules) = (self.clock.now(), self.rules.now());
        let zone = rules.zone();
        let limits = self.store.limits(&rules.limits).await?.all;
        let told = self.store.limits_told(moment(now.as_millisecond() - TOLD_MS)).await?;
        let (mut outlays, mut trouble) = (Outlays::default(), Ok(()));
        for limit in &limits {
            if limit.since.is_none() {
                self.begin(limit, now).await?;
            }
            for period in periods(limit, now, &zone) {
                let outlay = outlays.of(&self.store, &period).await?;
                let spent = self.store.spent_by(outlay, &limit.terms.scope).await?;
                let amount = limit.amount_at(now.min(moment(period.to.as_millisecond() - 1)));
                let told = told.get(&(limit.terms.id().to_string(), period.from)).map_or(&[][..], Vec::as_slice);
                let watched = Watched { limit, period, outlay, spent, amount, told };
                trouble = trouble.and(self.tell(&rules, &watched, now).await);
                if limit.terms.brake == Brake::Hard && now < period.to {
                    trouble = trouble.and(self.brakes.put_on(&watched, now).await);
                }
            }
        }
        let (mut running, mut is_near) = (Vec::new(), false);
        for limit in &limits {
            let Some(period) = Period::around(limit.terms.per, now, &zone) else { continue };
            let spent = self.store.spent_by(outlays.of(&self.store, &period).await?, &limit.terms.scope).await?;
            is_near |= nearly_reached(spent.amount, limit.amount_at(now));
            running.push((limit, period, spent.amount));
        }
        if is_near {
            let mut tx = self.store.begin().await?;
            self.store.set_usage_mark(&mut tx, UsageMark::NearLimit, now).await?;
            self.store.commit(tx).await?;
        }
        trouble.and(self.brakes.look_after(&running, now).await)
    }

    /// A limit of the configuration is watched from the first look on: what was spent in periods before is not told.
    async fn begin(&self, limit: &Limit, now: Moment) -> Result<(), Failure> {
        let mut tx = self.store.begin().await?;
        self.store.watch_limit(&mut tx, &limit.terms.id(), now).await?;
        Ok(self.store.commit(tx).await?)
    }

    async fn tell(&self, rules: &Rules, it: &Watched<'_>, now: Moment) -> Result<(), Failure> {
        let told: Vec<Told> = it.told.iter().map(|(told, _)| *told).collect();
        let mut news = crossed(it.spent.amount, it.amount, &thresholds(rules, it.limit));
        news.retain(|percent| !is_told(&told, *percent, it.amount));
        if it.limit.is_quiet(now) {
            // What a hard limit does is announced all the same.
            news.retain(|percent| is_braked_at(it.limit, *percent));
        }
        let Some(highest) = news.last().copied() else { return Ok(()) };
        let (id, spent) = (it.limit.terms.id(), it.spent.amount);
        let channel = self.message(it, highest, (true, true)).await?;
        // Whoever set it looks after it; whose it merely is, asks.
        let sets = !matches!(it.limit.terms.scope, Scope::Person(_) | Scope::Key(_));
        let owner = self.message(it, highest, (false, sets)).await?;
        let targets = self.audience.targets(&it.limit.terms.scope).await?;
        let mut also = Vec::new();
        for (to, names) in self.audience.subscribed((&it.limit.terms.scope, &targets), now).await? {
            also.push((to, self.message(it, highest, (names, false)).await?));
        }
        let mut tx = self.store.begin().await?;
        let mut is_news = false;
        for percent in news {
            let told = Told { percent, amount: it.amount };
            let telling = Telling { limit: &id, period: it.period.from, told, spent };
            is_news = self.store.tell_limit(&mut tx, &telling, now).await?;
        }
        // Of several at once the highest is told: it says the others, too.
        if is_news {
            self.audience.tell(&mut tx, (it.limit, &targets), (&channel, &owner), now).await?;
            self.audience.tell_each(&mut tx, (&format!("limit {id}"), also), now).await?;
        }
        Ok(self.store.commit(tx).await?)
    }

    async fn message(
        &self,
        it: &Watched<'_>,
        percent: u32,
        (names_keys, may_act): (bool, bool),
    ) -> Result<Message, Failure> {
        let dearest = self.dearest(it, names_keys).await?;
        let Watched { limit, period, amount, spent, .. } = it;
        Ok(view::reached(&Reached { limit, period, amount: *amount, spent, percent, dearest: &dearest, may_act }))
    }

    /// Who, or what, spent most of it. Keys are named to those who decide alone, and to whose they are.
    async fn dearest(&self, it: &Watched<'_>, keys: bool) -> Result<Vec<(String, Amount)>, Failure> {
        let scope = &it.limit.terms.scope;
        let part = match scope {
            Scope::Organization => Part::Workspace,
            Scope::Person(_) => Part::Key,
            Scope::Workspace(_) | Scope::Model(_) | Scope::Tag(_) if keys => Part::Key,
            _ => Part::Model,
        };
        let mut named = Vec::new();
        for (id, amount) in it.outlay.dearest(scope, part, NAMED) {
            let name = match (part, id) {
                (_, None) => "nothing in particular".to_owned(),
                (Part::Key, Some(id)) => self.store.scope_name(&Scope::Key(id)).await?,
                (Part::Workspace, Some(id)) => self.store.scope_name(&Scope::Workspace(id)).await?,
                (Part::Model, Some(name)) => name,
            };
            named.push((name, amount));
        }
        Ok(named)
    }

    /// The next moment at which something may be due; none if there is no limit. What is spent meanwhile nobody knows, so the clock
    /// stops every hour.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] of the database.
    pub async fn next_moment(&self, now: Moment) -> Result<Option<Moment>, Failure> {
        let is_watched = !self.store.limits(&self.rules.now().limits).await?.all.is_empty();
        if !is_watched && self.store.brakes().await?.is_empty() {
            return Ok(None);
        }
        let told = self.store.limits_told(moment(now.as_millisecond() - TOLD_MS)).await?;
        let announced = told.values().flatten().map(|(_, at)| moment(at.as_millisecond() + ANNOUNCED_MS));
        let hour = moment(now.as_millisecond() - now.as_millisecond().rem_euclid(HOUR_MS) + HOUR_MS);
        Ok(announced.filter(|it| *it > now).chain([hour]).min())
    }
}

/// The thresholds of a limit: a hard one's brake is announced, too.
fn thresholds(rules: &Rules, limit: &Limit) -> Vec<u32> {
    let mut all = rules.thresholds.clone();
    if limit.terms.brake == Brake::Hard {
        all.extend([SLOW_AT, STOP_AT]);
        all.sort_unstable();
        all.dedup();
    }
    all
}

/// So much is spent that the next five minutes may be what counts; beyond the limit there is nothing to watch for.
fn nearly_reached(spent: Amount, of: Amount) -> bool {
    !crossed(spent, of, &[NEAR_PERCENT]).is_empty() && spent < of
}

fn is_braked_at(limit: &Limit, percent: u32) -> bool {
    limit.terms.brake == Brake::Hard && [SLOW_AT, STOP_AT].contains(&percent)
}

/// The period that runs, and behind it the one before, as long as something of it may still become known.
fn periods(limit: &Limit, now: Moment, zone: &TimeZone) -> Vec<Period> {
    let Some(running) = Period::around(limit.terms.per, now, zone) else { return Vec::new() };
    let is_young = now.as_millisecond() - running.from.as_millisecond() < LATE_MS;
    let counted = limit.since.is_some_and(|since| since < running.from);
    let before = if is_young && counted { running.before(limit.terms.per, zone) } else { None };
    before.into_iter().chain([running]).collect()
}
