//! Puts the house together: database, client, pipeline, commands, jobs, outbox. Doors are opened by whoever calls this.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::directory_jobs::{directory_jobs, watching_jobs};
use super::key_jobs::KeyJobs;
use super::upstream::connected;
use crate::change::{self, Failure, HouseVault, Pipeline};
use crate::chat::{Roster, Vault};
use crate::claude::{self, Reader, Time};
use crate::clock::{Clock, Moment};
use crate::command::Tools;
use crate::dispatch::{self, Dispatch};
use crate::domain::{LiveRules, Rules};
use crate::job::{
    ActivityWatch, Audience, AuditHead, AuditWebhook, DirectorySync, GIVEN, Given, HeadPlaces, Messengers, Outbox,
    Queries, REPORTS, REQUESTS, Reload, Scheduler, Standings, Webhook, same_organization,
};
use crate::random::Random;
use crate::store::Store;

/// How often the jobs are looked at while nothing wakes them.
const TICK: Duration = Duration::from_secs(1);

/// A push of the clock ends after so many stops, so that it cannot run for ever; what is left is done at its end.
const MOST_STOPS: usize = 20_000;

/// What a house is made of.
pub struct Plan {
    /// The database, migrated.
    pub store: Store,
    /// How to reach the organization.
    pub claude: claude::Settings,
    /// The client's idea of time.
    pub time: Arc<dyn Time>,
    /// What the configuration decides.
    pub rules: Rules,
    /// What the platforms say of people now.
    pub roster: Arc<dyn Roster>,
    /// How messages go out.
    pub messengers: Messengers,
    /// Where the audit trail is told outside the database.
    pub outside: Outside,
    /// The time.
    pub clock: Clock,
    /// Randomness.
    pub random: Random,
}

/// Where the audit trail is told outside the database; nowhere, unless something is set.
#[derive(Default)]
pub struct Outside {
    /// Where signed heads go.
    pub heads: HeadPlaces,
    /// Where entries go.
    pub webhook: Option<Webhook>,
}

/// Everything that works together, without any door.
pub struct House {
    /// The database.
    pub store: Store,
    /// Looks at the organization.
    pub reader: Reader,
    /// Where changes go.
    pub pipeline: Arc<Pipeline>,
    /// Where invocations go.
    pub dispatch: Arc<Dispatch>,
    /// The local copy's keeper.
    pub sync: DirectorySync,
    /// The jobs.
    pub scheduler: Scheduler,
    /// The outbox.
    pub outbox: Outbox,
    /// Takes another configuration.
    pub reload: Reload,
    /// What the configuration decides, as it is now.
    pub rules: Arc<LiveRules>,
    heads: AuditHead,
    webhook: AuditWebhook,
    given: Given,
    keys: Box<KeyJobs>,
    clock: Clock,
    queries: Arc<Queries>,
    wake: Arc<Notify>,
    settling: tokio::sync::Mutex<()>,
}

/// What a push of the clock came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pushed {
    /// How often a job ran.
    pub ran: usize,
    /// At how many moments it stopped on its way.
    pub stops: usize,
}

impl House {
    /// Puts the house together. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// That the client's settings are unusable or the database could not be asked.
    pub async fn build(plan: Plan) -> anyhow::Result<Self> {
        let Plan { store, claude, time, rules, roster, messengers, outside, clock, random } = plan;
        let (reader, writer, exchange) = connected(claude, time)?;
        let rules = Arc::new(LiveRules::new(rules));
        bind_links_of_before(&store, &clock).await?;
        let pipeline = Arc::new(Pipeline::new(change::Parts {
            store: store.clone(),
            reader: reader.clone(),
            writer,
            exchange,
            rules: Arc::clone(&rules),
            roster: Arc::clone(&roster),
            clock: clock.clone(),
            random: random.clone(),
            holder: random.id("process"),
        }));
        let (queries, wake) = (Arc::new(Queries::new(store.clone())), Arc::default());
        let (of, by) = ((store.clone(), reader.clone()), (Arc::clone(&rules), Arc::clone(&roster)));
        let dispatch = Arc::new(Dispatch::new(dispatch::Parts {
            tools: Tools { store: of.0, reader: of.1, rules: by.0, roster: by.1, clock: clock.clone() },
            pipeline: Arc::clone(&pipeline),
            queries: Arc::clone(&queries),
            random: random.clone(),
            wake: Arc::clone(&wake),
        }));
        let sync = DirectorySync::new(store.clone(), reader.clone(), clock.clone());
        let standings = Standings::new(store.clone(), Arc::clone(&roster), Arc::clone(&pipeline), clock.clone());
        let audience = Audience::new(store.clone(), Arc::clone(&rules), roster, clock.clone());
        let heads = AuditHead::new(store.clone(), clock.clone(), outside.heads, audience.clone());
        let webhook = AuditWebhook::new(store.clone(), clock.clone(), outside.webhook);
        let activity = ActivityWatch::new(store.clone(), &reader, clock.clone(), audience.clone());
        let watching = watching_jobs(&store, &clock, &audience);
        let keys = Box::new(KeyJobs::new((&store, &reader, &clock), &rules, &pipeline, &audience));
        let reload = Reload::new(store.clone(), clock.clone(), Arc::clone(&rules), audience);
        let given = Given::new(store.clone(), clock.clone());
        let telling = [given.clone().job(), standings.job(), activity.job(), heads.job()];
        let jobs = directory_jobs(&sync, &pipeline).into_iter().chain(telling).chain(watching).chain(webhook.job());
        let jobs = jobs.chain(keys.jobs(&reader, &clock));
        let scheduler = Scheduler::start(store.clone(), clock.clone(), jobs.collect()).await?;
        let outbox = Outbox::new(store.clone(), clock.clone(), random, Arc::clone(&rules), messengers);
        Ok(Self {
            store,
            reader,
            pipeline,
            dispatch,
            sync,
            scheduler,
            outbox,
            reload,
            rules,
            heads,
            webhook,
            given,
            keys,
            clock,
            queries,
            wake,
            settling: tokio::sync::Mutex::new(()),
        })
    }

    /// Does everything that is due: jobs, then messages, then the trail of questions. Answers how many jobs ran.
    ///
    /// # Errors
    ///
    /// The first [`Failure`]; the rest is tried all the same.
    pub async fn settle(&self) -> Result<usize, Failure> {
        // One at a time: whoever pushes the clock must not return while a round that was under way still works.
        let _alone = self.settling.lock().await;
        let mut ran = self.round().await?;
        while self.pipeline.go_on().await? > 0 {
            ran += self.round().await?;
        }
        self.webhook.drain().await?;
        Ok(ran)
    }

    /// A round of everything but the webhook, whose receiver may take its time.
    async fn round(&self) -> Result<usize, Failure> {
        self.pipeline.forget_tokens();
        self.keys.stock.look_first().await;
        let ran = self.scheduler.tick().await;
        let sent = self.outbox.drain().await;
        self.queries.flush().await?;
        sent?;
        Ok(ran?.len())
    }

    /// Opens what is for somebody: keys, and tokens that were just made.
    #[must_use]
    pub fn vault(&self) -> Arc<dyn Vault> {
        Arc::new(HouseVault::new(Arc::clone(&self.pipeline)))
    }

    /// Makes sure that the admin key opens the organization that this database belongs to.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it does not, or if that cannot be found out.
    pub async fn check_organization(&self) -> Result<(), Failure> {
        same_organization(&self.store, &self.clock, &self.reader).await
    }

    /// The next moment, later than now, at which something happens by itself: a message goes out; or the sweep of the
    /// requests comes round to one that is then to expire, to be reminded of, or to be tried again; or a right that was given
    /// begins, ends, or is reminded of; or a channel gets a report.
    ///
    /// What is due by now is not asked for: [`House::settle`] does it.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] of the database.
    pub async fn next_due(&self) -> Result<Option<Moment>, Failure> {
        let now = self.clock.now();
        let mut next = vec![self.store.next_parcel().await?, self.keys.next_due(&self.scheduler, now).await?];
        let waiting = [
            (REQUESTS, self.store.next_change_moment().await?),
            (GIVEN, self.given.next_moment(now).await?),
            (REPORTS, self.store.next_report().await?),
        ];
        for (job, due) in waiting {
            let Some(due) = due else { continue };
            next.push(self.scheduler.beat(job, due).await?);
        }
        Ok(next.into_iter().flatten().filter(|at| *at > now).min())
    }

    /// Pushes the clock to `target`: stops at each moment at which something happens by itself, and has it done.
    ///
    /// # Errors
    ///
    /// The first [`Failure`]; the clock stays where it was then.
    pub async fn push_to(&self, target: Moment) -> Result<Pushed, Failure> {
        let mut pushed = Pushed { ran: self.settle().await?, stops: 0 };
        while pushed.stops < MOST_STOPS {
            let Some(due) = self.next_due().await?.filter(|due| *due <= target) else { break };
            self.clock.advance_to(due);
            pushed.ran += self.settle().await?;
            pushed.stops += 1;
        }
        self.clock.advance_to(target);
        pushed.ran += self.settle().await?;
        Ok(pushed)
    }

    /// Writes what is left of the trail and closes the database, without any job or message: for a short command beside a bot
    /// that runs, or before one does.
    pub async fn finish(&self) {
        if let Err(failure) = self.queries.flush().await {
            tracing::error!(trouble = %failure.logged(), "the trail of questions could not be finished");
        }
        self.store.close().await;
    }

    /// Keeps the jobs, the outbox, long changes and the webhook going until `stop`, then writes what is left of the trail and signs its end.
    pub async fn keep_going(&self, stop: CancellationToken) {
        tokio::join!(
            self.keep_rounds(&stop),
            self.keep_revocations(&stop),
            self.keep_changes(&stop),
            self.keep_webhook(&stop)
        );
        if let Err(failure) = self.queries.flush().await {
            tracing::error!(trouble = %failure.logged(), "the trail of questions could not be finished");
        }
        if let Err(failure) = self.heads.tell_last().await {
            tracing::error!(trouble = %failure.logged(), "the end of the trail could not be signed");
        }
    }

    async fn keep_rounds(&self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            let round = async {
                let _alone = self.settling.lock().await;
                self.round().await
            };
            if let Err(failure) = round.await {
                tracing::warn!(trouble = %failure.logged(), "a round of work was not finished");
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.wake.notified() => {}
                () = tokio::time::sleep(TICK) => {}
            }
        }
    }

    /// Beside the rounds: what takes access away, and was not made at once, waits for no job.
    async fn keep_revocations(&self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(failure) = Box::pin(self.pipeline.revoke_due()).await {
                tracing::warn!(trouble = %failure.logged(), "a revocation did not go on; it is taken up again");
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(TICK) => {}
            }
        }
    }

    /// Beside the rounds: a change of many calls waits for the API's budget, and messages do not wait for it.
    async fn keep_changes(&self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            match Box::pin(self.pipeline.go_on()).await {
                Ok(0) => tokio::select! {
                    () = stop.cancelled() => {}
                    () = tokio::time::sleep(TICK) => {}
                },
                Ok(_) => self.wake.notify_one(),
                Err(failure) => {
                    tracing::warn!(trouble = %failure.logged(), "a change did not go on; the sweep takes it up");
                }
            }
        }
    }

    /// Beside the rounds: a receiver that answers slowly keeps nobody waiting. What is broken off here is sent again.
    async fn keep_webhook(&self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            let drain = async {
                if let Err(failure) = self.webhook.drain().await {
                    tracing::warn!(trouble = %failure.logged(), "the audit webhook was not served");
                }
                tokio::time::sleep(TICK).await;
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = drain => {}
            }
        }
    }
}

/// A database that was made before links were bound: bound once, and the log says so.
async fn bind_links_of_before(store: &Store, clock: &Clock) -> anyhow::Result<()> {
    let links = store.bind_links(clock.now()).await?;
    if links > 0 {
        tracing::info!(links, "the links of before are bound now");
    }
    Ok(())
}
