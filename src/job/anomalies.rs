//! Tells of spend that is unusual: each workspace's day against its own weekdays, told once a day to those who decide, and to the
//! channels that want warnings.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};

use super::spend_audience::SpendAudience;
use super::{Audience, Job};
use crate::change::Failure;
use crate::chat::{Message, Target};
use crate::clock::{Clock, Moment};
use crate::domain::{Amount, Dimension, LiveRules, SAME_WEEKDAYS, Scope, SpendQuery, Spent, Unusual, usual};
use crate::store::Store;
use crate::view::anomaly::{self as view, Anomaly};

/// The job's name.
pub const ANOMALIES: &str = "unusual spend";
/// So long after its end a day is still looked at: its last hours are known later.
const LATE_HOURS: i64 = 3;

/// Looks for spend that is unusual.
pub struct Anomalies {
    store: Store,
    clock: Clock,
    rules: Arc<LiveRules>,
    audience: SpendAudience,
}

/// One day, and the same weekdays before.
struct Day {
    date: Date,
    from: Moment,
    to: Moment,
    is_running: bool,
    zone: TimeZone,
    /// Since then there is a day to compare with.
    since: Moment,
    before: Vec<Date>,
}

/// What was spent by each part, that day, and on each weekday before.
type Parts = BTreeMap<String, (Amount, Vec<Amount>)>;

impl Anomalies {
    /// Looks into `store`; the zone is that of `rules`.
    #[must_use]
    pub fn new((store, clock): (Store, Clock), rules: Arc<LiveRules>, audience: Audience) -> Self {
        let audience = SpendAudience::new(store.clone(), Arc::clone(&rules), audience);
        Self { store, clock, rules, audience }
    }

    /// The job, as often as spend is read.
    #[must_use]
    pub fn job(self) -> Job {
        let anomalies = Arc::new(self);
        Job::every(ANOMALIES, Duration::from_mins(15), move || {
            let anomalies = Arc::clone(&anomalies);
            Box::pin(async move { anomalies.look().await })
        })
    }

    /// Tells what is unusual today, and yesterday while that is not known to its end.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] of the database. What was told before stays told.
    pub async fn look(&self) -> Result<(), Failure> {
        let zone = self.rules.now().zone();
        let now = self.clock.now();
        let today = zone.to_datetime(now).date();
        let mut days = vec![today];
        let late = now.checked_sub(LATE_HOURS.hours()).map(|it| zone.to_datetime(it).date());
        days.extend(late.ok().filter(|it| *it != today));
        for date in days {
            if let Some(day) = Day::of(date, zone.clone(), now) {
                self.look_at(day, now).await?;
            }
        }
        Ok(())
    }

    async fn look_at(&self, mut day: Day, now: Moment) -> Result<(), Failure> {
        let by_day = vec![Dimension::Workspace, Dimension::Day(day.zone.clone())];
        let before = self.store.spend(&day.query(Scope::Organization, by_day, true)).await?;
        day.compare_with(&before);
        let parts = day.parts(&self.spent(&day, Scope::Organization, Dimension::Workspace).await?, &before);
        let mut found: Vec<(Scope, Unusual)> = Vec::new();
        for (workspace, (spent, before)) in &parts {
            let unusual = Unusual::of(*spent, before).filter(|_| !workspace.is_empty());
            found.extend(unusual.map(|it| (Scope::Workspace(workspace.clone()), it)));
        }
        if found.is_empty() {
            let spent = sum(parts.values().map(|it| it.0));
            let before: Vec<Amount> = (0..day.before.len()).map(|at| sum(parts.values().map(|it| it.1[at]))).collect();
            found.extend(Unusual::of(spent, &before).map(|it| (Scope::Organization, it)));
        }
        if found.is_empty() {
            return Ok(());
        }
        let quiet: BTreeSet<String> = self.store.quiet_spend(day.date, now).await?;
        for (scope, unusual) in found.into_iter().filter(|(scope, _)| !quiet.contains(&scope.to_string())) {
            self.tell(&day, scope, unusual, now).await?;
        }
        Ok(())
    }

    async fn spent(&self, day: &Day, scope: Scope, by: Dimension) -> Result<Vec<Spent>, Failure> {
        Ok(self.store.spend(&day.query(scope, vec![by], false)).await?)
    }

    async fn tell(&self, day: &Day, scope: Scope, unusual: Unusual, now: Moment) -> Result<(), Failure> {
        let anomaly = self.told_of(day, scope, unusual).await?;
        let targets = self.audience.targets(&anomaly.scope).await?;
        let subscribed = self.audience.subscribed((&anomaly.scope, &targets), now).await?;
        let here = targets.into_iter().map(|to| (to, view::message(&anomaly, true, true)));
        let also = subscribed.into_iter().map(|(to, names)| (to, view::message(&anomaly, names, false)));
        let told: Vec<(Target, Message)> = here.chain(also).collect();
        let about = format!("unusual spend of {}", anomaly.scope);
        let mut tx = self.store.begin().await?;
        // Otherwise another house was faster.
        if self.store.tell_anomaly(&mut tx, (&anomaly.scope, day.date), now).await? {
            self.audience.tell_each(&mut tx, (&about, told), now).await?;
        }
        Ok(self.store.commit(tx).await?)
    }

    async fn told_of(&self, day: &Day, scope: Scope, unusual: Unusual) -> Result<Anomaly, Failure> {
        let names = self.store.spend_names().await?;
        let called = |of: &BTreeMap<String, String>, id: String| of.get(&id).cloned().unwrap_or(id);
        let whole = self.store.spend(&day.query(scope.clone(), Vec::new(), false)).await?.remove(0);
        let mut key = None;
        if let Some((id, more)) = self.risen(day, &scope, Dimension::Key).await? {
            let row = self.store.api_key(&id).await?;
            let owner = self.store.owner_of_key(row.as_ref()).await?;
            let owner = owner.and_then(|it| names.people.get(it.as_str()).cloned());
            let name = called(&names.keys, id);
            key = Some((owner.map_or(name.clone(), |owner| format!("{name} ({owner})")), more));
        }
        let workspace = match scope {
            Scope::Organization => self.risen(day, &scope, Dimension::Workspace).await?,
            _ => None,
        };
        Ok(Anomaly {
            name: called(&names.workspaces, scope.of().to_owned()),
            date: day.date,
            is_running: day.is_running,
            unusual,
            basis: whole.basis,
            as_of: whole.as_of,
            key,
            model: self.risen(day, &scope, Dimension::Model).await?,
            workspace: workspace.map(|(id, more)| (called(&names.workspaces, id), more)),
            can_brake: self.can_brake(&scope).await?,
            scope,
        })
    }

    async fn can_brake(&self, scope: &Scope) -> Result<bool, Failure> {
        let limits = self.store.limits(&self.rules.now().limits).await?.all;
        Ok(limits.iter().filter(|it| it.terms.scope == *scope).count() == 1)
    }

    /// The part that rose most over what is usual of it.
    async fn risen(&self, day: &Day, scope: &Scope, by: Dimension) -> Result<Option<(String, Amount)>, Failure> {
        let by_day = vec![by.clone(), Dimension::Day(day.zone.clone())];
        let before = self.store.spend(&day.query(scope.clone(), by_day, true)).await?;
        let parts = day.parts(&self.spent(day, scope.clone(), by).await?, &before);
        let rises = parts.into_iter().filter(|(name, _)| !name.is_empty());
        let rises = rises.map(|(name, (spent, before))| (name, Amount(spent.0.saturating_sub(usual(&before).0))));
        Ok(rises.filter(|it| it.1.0 > 0).max_by_key(|it| it.1))
    }
}

impl Day {
    /// None at the end of the calendar.
    fn of(date: Date, zone: TimeZone, now: Moment) -> Option<Self> {
        let midnight = |date: Date| zone.to_timestamp(date.at(0, 0, 0, 0)).ok();
        let weeks = |many: i64| date.checked_sub(Span::new().weeks(many)).ok();
        let most = i64::try_from(SAME_WEEKDAYS).ok()?;
        let before = (1..=most).map(weeks).collect::<Option<Vec<_>>>()?;
        let (from, end) = (midnight(date)?, midnight(date.tomorrow().ok()?)?);
        let since = midnight(*before.last()?)?;
        Some(Self { date, from, to: end.min(now), is_running: now < end, since, zone, before })
    }

    fn query(&self, scope: Scope, by: Vec<Dimension>, before: bool) -> SpendQuery {
        let (from, to) = if before { (self.since, self.from) } else { (self.from, self.to) };
        SpendQuery { scope, from, to, by }
    }

    /// Leaves out the weeks of which nothing is known at all: they would look as if nothing had been spent.
    fn compare_with(&mut self, before: &[Spent]) {
        let first = before.iter().filter_map(|it| it.group.get(1)?.as_deref()?.parse::<Date>().ok()).min();
        self.before.retain(|it| first.is_some_and(|first| *it >= first));
    }

    fn parts(&self, now: &[Spent], before: &[Spent]) -> Parts {
        let nothing = || (Amount::ZERO, vec![Amount::ZERO; self.before.len()]);
        let name = |it: &Spent| it.group.first().cloned().flatten().unwrap_or_default();
        let mut parts = Parts::new();
        for it in now {
            parts.entry(name(it)).or_insert_with(nothing).0 += it.amount;
        }
        for it in before {
            let date = it.group.get(1).and_then(|it| it.as_deref()?.parse::<Date>().ok());
            if let Some(at) = self.before.iter().position(|day| Some(*day) == date) {
                parts.entry(name(it)).or_insert_with(nothing).1[at] += it.amount;
            }
        }
        parts
    }
}

fn sum(all: impl Iterator<Item = Amount>) -> Amount {
    all.fold(Amount::ZERO, |sum, it| sum + it)
}
