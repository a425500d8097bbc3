//! The jobs about API keys and money, and when the next of them has something to do.

use std::sync::Arc;

use crate::change::{Failure, Pipeline};
use crate::claude::Reader;
use crate::clock::{Clock, Moment};
use crate::domain::LiveRules;
use crate::job::{
    Anomalies, Audience, CLAIMS, Claims, Job, KEYS, KeyWatch, LIMITS, LimitWatch, STOCK, Scheduler, SpendSync,
    StockWatch,
};
use crate::store::Store;

/// The jobs about API keys and money.
pub(super) struct KeyJobs {
    store: Store,
    pub(super) stock: Arc<StockWatch>,
    claims: Arc<Claims>,
    keys: Arc<KeyWatch>,
    limits: Arc<LimitWatch>,
    audience: Audience,
    rules: Arc<LiveRules>,
}

impl KeyJobs {
    pub(super) fn new(
        (store, reader, clock): (&Store, &Reader, &Clock),
        rules: &Arc<LiveRules>,
        pipeline: &Arc<Pipeline>,
        audience: &Audience,
    ) -> Self {
        let of = (store.clone(), reader.clone(), clock.clone());
        let stock = StockWatch::new(of, Arc::clone(rules), Arc::clone(pipeline), audience.clone());
        let claims = Claims::new(store.clone(), reader, clock.clone(), audience.clone());
        let of = (store.clone(), clock.clone());
        let keys = KeyWatch::new(of, Arc::clone(rules), Arc::clone(pipeline), audience.clone());
        let (stock, claims, keys) = (Arc::new(stock), Arc::new(claims), Arc::new(keys));
        let limits = LimitWatch::new((store, reader, clock), rules, pipeline, audience.clone());
        let (limits, rules) = (Arc::new(limits), Arc::clone(rules));
        Self { store: store.clone(), stock, claims, keys, limits, audience: audience.clone(), rules }
    }

    pub(super) fn jobs(&self, reader: &Reader, clock: &Clock) -> [Job; 8] {
        let spend = SpendSync::new(self.store.clone(), &reader.background(), clock.clone(), Arc::clone(&self.rules));
        let [near, usage, costs] = spend.jobs();
        let of = (self.store.clone(), clock.clone());
        let anomalies = Anomalies::new(of, Arc::clone(&self.rules), self.audience.clone());
        [self.stock.job(), self.claims.job(), near, usage, costs, self.keys.job(), self.limits.job(), anomalies.job()]
    }

    /// The next moment, on a job's own beat, at which one of them has something to do.
    pub(super) async fn next_due(&self, scheduler: &Scheduler, now: Moment) -> Result<Option<Moment>, Failure> {
        let wanted = [
            (STOCK, self.store.next_erasure().await?),
            (CLAIMS, self.claims.next_moment(now).await?),
            (KEYS, self.keys.next_moment(now).await?),
            (LIMITS, self.limits.next_moment(now).await?),
        ];
        let mut next: Option<Moment> = None;
        for (job, due) in wanted {
            let Some(due) = due else { continue };
            next = next.into_iter().chain(scheduler.beat(job, due).await?).filter(|at| *at > now).min();
        }
        Ok(next)
    }
}
