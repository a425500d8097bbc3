//! Looks after the stock: each free key is looked up in the organization before this process may issue it, and again every hour;
//! secrets whose time is over are erased; admins are told when few keys are left.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::TryStreamExt;

use super::{Audience, Job};
use crate::change::{Failure, Pipeline, not_free};
use crate::chat::{Message, Text, Tone};
use crate::claude::{ApiKey, KeyFilter, Reader};
use crate::clock::{Clock, Moment, moment};
use crate::domain::LiveRules;
use crate::store::{StockRow, Store};

/// The name of the job.
pub const STOCK: &str = "stock";

/// How long it is good for that a key was seen free.
const SEEN_MS: i64 = 3_600_000;

/// Looks after the stock.
pub struct StockWatch {
    store: Store,
    reader: Reader,
    clock: Clock,
    rules: Arc<LiveRules>,
    pipeline: Arc<Pipeline>,
    audience: Audience,
    /// Since when this process is: what another one saw is not believed.
    since: Moment,
    /// True once this process has looked every free key up.
    has_looked: AtomicBool,
}

impl StockWatch {
    /// Looks after the stock in `store`.
    #[must_use]
    pub fn new(
        (store, reader, clock): (Store, Reader, Clock),
        rules: Arc<LiveRules>,
        pipeline: Arc<Pipeline>,
        audience: Audience,
    ) -> Self {
        let since = clock.now();
        Self { store, reader, clock, rules, pipeline, audience, since, has_looked: AtomicBool::new(false) }
    }

    /// The job, once a minute.
    #[must_use]
    pub fn job(self: &Arc<Self>) -> Job {
        let watch = Arc::clone(self);
        Job::every(STOCK, Duration::from_mins(1), move || {
            let watch = Arc::clone(&watch);
            Box::pin(async move { watch.look().await })
        })
    }

    /// Looks every free key up, once in the life of this process: the job may be another replica's. Trouble is said in the log;
    /// until it is over, nothing is issued here.
    pub async fn look_first(&self) {
        if self.has_looked.load(Ordering::SeqCst) {
            return;
        }
        match self.check_before(Moment::MAX).await {
            Ok(()) => self.has_looked.store(true, Ordering::SeqCst),
            Err(failure) => {
                tracing::warn!(trouble = %failure.logged(), "the stock cannot be looked up; nothing is issued");
            }
        }
    }

    /// Erases what is due, looks up what has to be, and counts.
    ///
    /// # Errors
    ///
    /// Any [`Failure`]; the rest is done the next time.
    pub async fn look(&self) -> Result<(), Failure> {
        self.pipeline.erase_secrets().await?;
        let oldest = moment((self.clock.now().as_millisecond() - SEEN_MS).max(self.since.as_millisecond()));
        self.check_before(oldest).await?;
        self.count().await
    }

    /// Compares free keys with what the organization says of them: one that is not called by its pool name and inactive there was
    /// issued, or taken, in a past that this database does not know. It is never issued.
    async fn check_before(&self, seen_before: Moment) -> Result<(), Failure> {
        let due = self.store.stock_to_check(seen_before).await?;
        let mut by_workspace: BTreeMap<&str, Vec<&StockRow>> = BTreeMap::new();
        for row in &due {
            by_workspace.entry(&row.workspace_id).or_default().push(row);
        }
        for (workspace, rows) in by_workspace {
            let filter = KeyFilter { workspace_id: Some(workspace.to_owned()), ..KeyFilter::default() };
            let mut found: BTreeMap<String, ApiKey> = BTreeMap::new();
            let mut pages = self.reader.api_keys(&filter);
            while let Some(page) = pages.try_next().await? {
                found.extend(page.items.into_iter().map(|it| (it.id.clone(), it)));
            }
            let (good, bad): (Vec<_>, Vec<_>) = rows.into_iter().partition(|it| trouble(it, &found).is_none());
            let good: Vec<String> = good.iter().map(|it| it.key_id.clone()).collect();
            self.store.stock_seen(&good, self.clock.now()).await?;
            for row in bad {
                self.refuse(row, trouble(row, &found).unwrap_or("gone")).await?;
            }
        }
        Ok(())
    }

    async fn refuse(&self, row: &StockRow, trouble: &str) -> Result<(), Failure> {
        let targets = self.audience.targets().await?;
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        if self.store.refuse_stock(&mut tx, &row.key_id, trouble, now).await? {
            let message = refused(row, trouble);
            self.audience.tell(&mut tx, &targets, (&format!("stock {}", row.key_id), &message), now).await?;
        }
        Ok(self.store.commit(tx).await?)
    }

    /// Tells the admins, once on the way down, when a workspace's stock is low.
    async fn count(&self) -> Result<(), Failure> {
        let rules = self.rules.now();
        for (id, left) in self.store.stock_left().await? {
            let Some(workspace) = self.store.workspace(&id).await?.filter(|it| it.archived_at.is_none()) else {
                continue;
            };
            let is_low = left <= i64::from(rules.place(&workspace.name).low_stock);
            let told = self.store.low_stock_told(&workspace.id).await?;
            if !is_low {
                if told.is_some() {
                    self.store.forget_low_stock(&workspace.id).await?;
                }
                continue;
            }
            if told.is_some_and(|told| told <= left) {
                continue;
            }
            let targets = self.audience.targets().await?;
            let now = self.clock.now();
            let mut tx = self.store.begin().await?;
            self.store.tell_low_stock(&mut tx, &workspace.id, left, now).await?;
            self.audience
                .tell(&mut tx, &targets, (&format!("stock {}", workspace.id), &low(&workspace.name, left)), now)
                .await?;
            self.store.commit(tx).await?;
        }
        Ok(())
    }
}

/// Why a key of the stock is not free in the organization, as a code; none if it is.
fn trouble(row: &StockRow, found: &BTreeMap<String, ApiKey>) -> Option<&'static str> {
    match found.get(&row.key_id) {
        None => Some("gone"),
        Some(key) => not_free(key, &row.pool_name),
    }
}

fn refused(row: &StockRow, trouble: &str) -> Message {
    let why = match trouble {
        "has_another_name" => "it has another name there",
        "is_not_inactive" => "it is not switched off there",
        _ => "it is not there any more",
    };
    Message::plain(format!("A key of the stock is not free in the organization: {why}."))
        .tone(Tone::Bad)
        .fields(vec![("Key", Text::new().code(row.key_id.clone())), ("Hint", Text::plain(row.hint.clone()))])
        .hint("It will not be issued. If nobody knows it, revoke it; if an older copy of the database was put back, this is how it should be.")
}

fn low(workspace: &str, left: i64) -> Message {
    let text = match left {
        0 => format!("The stock of {workspace} is empty: requests there wait."),
        1 => format!("One API key is left in the stock of {workspace}."),
        _ => format!("{left} API keys are left in the stock of {workspace}."),
    };
    Message::plain(text).tone(Tone::Warning).hint(
        Text::plain("Make some in the Claude Console, and load them on the server: ")
            .code(format!("steward stock add --workspace {workspace}")),
    )
}
