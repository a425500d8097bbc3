//! The jobs that keep what was spent: tokens every five minutes, amounts every quarter of an hour.

use std::sync::Arc;
use std::time::Duration;

use super::bills::BillReading;
use super::reckoning::{DAY_MS, Reckoner};
use super::seats::SeatReading;
use super::tokens::{OLDER_DAYS, TokenReading, down};
use crate::change::Failure;
use crate::claude::Reader;
use crate::clock::{Clock, Moment, moment};
use crate::domain::LiveRules;
use crate::job::{DirectorySync, Job};
use crate::store::{Resource, Store, UsageMark};

/// The name of the job that reads what was used.
pub const KEY_USAGE: &str = "key usage";
/// The name of the job that reads it every minute while a limit is near.
const NEAR_USAGE: &str = "usage near a limit";
/// The name of the job that reads what was billed.
pub const COSTS: &str = "spend";

/// Between two readings of what was used lies at least most of a minute.
const MINUTE_MS: i64 = 55_000;
/// For so long what was near a limit is taken to be near: limits are looked at every minute.
const NEAR_MS: i64 = 150_000;
/// After so many days a bill is not revised any more; after so many, no bill comes that has not come.
const SETTLED_DAYS: i64 = 40;
const HOPELESS_DAYS: i64 = 400;

/// Reads what was used and what was billed. Cut off anywhere, it goes on there the next time.
pub struct SpendSync {
    store: Store,
    reader: Reader,
    clock: Clock,
    rules: Arc<LiveRules>,
}

/// How far a backfill has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backfilled {
    /// Another share of tokens.
    Tokens,
    /// Another share of bills.
    Bills,
}

impl SpendSync {
    /// Reads with `reader` into `store`; prices are those of `rules`. Where nobody waits for it, the reader is one for the
    /// background.
    #[must_use]
    pub fn new(store: Store, reader: &Reader, clock: Clock, rules: Arc<LiveRules>) -> Self {
        Self { store, reader: reader.clone(), clock, rules }
    }

    /// The jobs. Usage is hardly fresher than five minutes, which is how often it is read as long as no limit is near; of bills, what
    /// is old is read bit by bit as well.
    #[must_use]
    pub fn jobs(self) -> [Job; 3] {
        let tokens = Arc::new(self);
        let [newest, amounts] = [Arc::clone(&tokens), Arc::clone(&tokens)];
        [
            Job::every(NEAR_USAGE, Duration::from_mins(1), move || {
                let sync = Arc::clone(&newest);
                Box::pin(async move { sync.read_near_limit().await })
            }),
            Job::every(KEY_USAGE, Duration::from_mins(5), move || {
                let sync = Arc::clone(&tokens);
                Box::pin(async move { sync.read_tokens().await })
            }),
            Job::every(COSTS, Duration::from_mins(15), move || {
                let sync = Arc::clone(&amounts);
                Box::pin(async move { sync.read_bills().await })
            }),
        ]
    }

    /// Reads what was used.
    ///
    /// # Errors
    ///
    /// Any [`Failure`]; what was read before it is kept.
    pub async fn read_tokens(&self) -> Result<(), Failure> {
        let begun = self.clock.now();
        let done = async {
            let home = self.home().await?;
            let reckoner = self.reckoner();
            let tokens = self.tokens(&reckoner, &home);
            let first = self.store.usage_mark(UsageMark::HoursTo).await?.is_none();
            tokens.read_recent().await?;
            // What is old comes bit by bit, and never before somebody could be answered.
            if !first {
                tokens.read_more(down(begun.as_millisecond(), DAY_MS) - OLDER_DAYS * DAY_MS).await?;
            }
            self.forget().await
        };
        let done = done.await;
        self.note(Resource::KeyUsage, begun, done).await
    }

    /// Reads what was used just now, if a limit is nearly reached and nobody has read it within the last minute.
    ///
    /// # Errors
    ///
    /// Any [`Failure`]; what was read before it is kept.
    pub async fn read_near_limit(&self) -> Result<(), Failure> {
        let now = self.clock.now();
        let since = |at: Moment| now.as_millisecond() - at.as_millisecond();
        let near = self.store.usage_mark(UsageMark::NearLimit).await?;
        if near.is_none_or(|at| since(at) > NEAR_MS) {
            return Ok(());
        }
        let what = Resource::KeyUsage.as_str();
        let read =
            self.store.freshness().await?.iter().filter(|it| it.resource == what).filter_map(|it| it.complete_at).max();
        if read.is_some_and(|at| since(at) < MINUTE_MS) {
            return Ok(());
        }
        let done = async { self.tokens(&self.reckoner(), &self.home().await?).read_newest().await };
        let done = done.await;
        self.note(Resource::KeyUsage, now, done).await
    }

    /// Reads what was billed.
    ///
    /// # Errors
    ///
    /// Any [`Failure`]; what was read before it is kept.
    pub async fn read_bills(&self) -> Result<(), Failure> {
        let begun = self.clock.now();
        let done = async {
            let home = self.home().await?;
            // A bill is shared out among what was used: that is read before.
            let known = [UsageMark::HoursFrom, UsageMark::DaysFrom];
            let mut oldest = begun;
            for mark in known {
                oldest = oldest.min(self.store.usage_mark(mark).await?.unwrap_or(begun));
            }
            let reckoner = self.reckoner();
            self.bills(&reckoner, &home).read(down(oldest.as_millisecond(), DAY_MS)).await?;
            self.seats().read().await.map(drop)
        };
        let done = done.await;
        self.note(Resource::Costs, begun, done).await
    }

    /// Reads everything back to the day of `from`, and calls `told` after each share.
    ///
    /// # Errors
    ///
    /// Any [`Failure`]; what was read before it is kept, and a second call goes on there.
    pub async fn backfill(&self, from: Moment, mut told: impl FnMut(Backfilled)) -> Result<(), Failure> {
        if self.known_home().await?.is_none() {
            // Before the bot ran for the first time.
            DirectorySync::new(self.store.clone(), self.reader.clone(), self.clock.clone()).full().await?;
        }
        let home = self.home().await?;
        let (reckoner, enough) = (self.reckoner(), down(from.as_millisecond(), DAY_MS));
        // Bills first: then what was used is shared out as it comes, and need not be read again for it.
        while self.bills(&reckoner, &home).read(enough).await? {
            told(Backfilled::Bills);
        }
        told(Backfilled::Bills);
        let tokens = self.tokens(&reckoner, &home);
        tokens.read_recent().await?;
        told(Backfilled::Tokens);
        while tokens.read_more(enough).await? {
            told(Backfilled::Tokens);
        }
        // Last: it stands beside every figure and is in none.
        while self.seats().read().await? {}
        Ok(())
    }

    fn seats(&self) -> SeatReading<'_> {
        SeatReading { store: &self.store, reader: &self.reader, clock: &self.clock }
    }

    fn reckoner(&self) -> Reckoner {
        Reckoner::new(self.store.clone(), Arc::clone(&self.rules.now().money.prices))
    }

    fn tokens<'a>(&'a self, reckoner: &'a Reckoner, home: &'a str) -> TokenReading<'a> {
        TokenReading { store: &self.store, reader: &self.reader, clock: &self.clock, reckoner, home }
    }

    fn bills<'a>(&'a self, reckoner: &'a Reckoner, home: &'a str) -> BillReading<'a> {
        BillReading { store: &self.store, reader: &self.reader, clock: &self.clock, reckoner, home }
    }

    /// The Default Workspace's id, which the reports do not say: the workspaces have to be read before. The configuration's tags are
    /// written down by the way.
    async fn home(&self) -> Result<String, Failure> {
        let rules = self.rules.now();
        self.store.set_spend_tags(&rules.money.tags).await?;
        self.known_home().await?.ok_or_else(|| Failure::internal("the workspaces were not read yet"))
    }

    async fn known_home(&self) -> Result<Option<String>, Failure> {
        if let Some(home) = self.store.default_workspace().await? {
            return Ok(Some(home.id));
        }
        let workspaces = Resource::Workspaces.as_str();
        let known =
            self.store.freshness().await?.iter().any(|it| it.resource == workspaces && it.complete_at.is_some());
        Ok(known.then(|| "default".to_owned()))
    }

    async fn forget(&self) -> Result<(), Failure> {
        let kept = i64::try_from(self.rules.now().money.raw_retention.as_millis()).unwrap_or(i64::MAX);
        if kept == 0 {
            // Nobody said how long: then for ever.
            return Ok(());
        }
        // What may be billed yet, or billed otherwise, is needed until then; after so long nothing is any more.
        let now = self.clock.now().as_millisecond();
        let before = |kept: i64| moment(down(now.saturating_sub(kept), DAY_MS));
        let billed = kept.max(SETTLED_DAYS * DAY_MS);
        Ok(self.store.forget_spend_hours(before(billed), before(billed.max(HOPELESS_DAYS * DAY_MS))).await?)
    }

    async fn note(&self, what: Resource, begun: Moment, done: Result<(), Failure>) -> Result<(), Failure> {
        match &done {
            Ok(()) => self.store.end_pass(what, begun).await.map(drop)?,
            Err(failure) => self.store.stop_pass(what, begun, &failure.logged()).await?,
        }
        done
    }
}
