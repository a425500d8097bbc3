//! Carries every entry of the audit trail to a webhook: in order, in batches, at least once, and beside everything else.
//!
//! The trail is the source and the outlet's row a place in it, so a receiver that is down costs nothing but time: one batch is
//! on its way however much waits, it is tried again for ever, and no change and no message waits for it. Each delivery is
//! stamped ([`HookKey::stamp`]); a receiver that sees an entry's number twice has seen it already.

use std::time::Duration;

use serde_json::{Value, json};

use super::Job;
use super::organization::recall_organization;
use crate::change::Failure;
use crate::clock::{Clock, Moment, moment};
use crate::outgoing::{self, Outgoing};
use crate::seal::{HookKey, STAMP_HEADER};
use crate::store::{Link, OutboxRow, Parcel, Store, StoreMemory, Trail, Way};

/// How many entries go in one delivery.
const BATCH: i64 = 200;
/// How long a worker keeps a batch. Longer than any delivery may take.
const HOLD_MS: i64 = 60_000;
/// The first pause after a failed delivery; it doubles up to five minutes, so that a receiver that is back is soon served.
const FIRST_PAUSE_MS: i64 = 2_000;
const MOST_PAUSE_MS: i64 = 300_000;
/// A drain ends after so many batches, so that it cannot run for ever.
const MOST_BATCHES: usize = 1_000;
/// How often it is looked whether there is something new.
const EVERY: Duration = Duration::from_secs(5);

/// A receiver. No `Debug`: it holds what deliveries are stamped with, and its address may hold a secret.
pub struct Webhook {
    /// Its address.
    pub url: String,
    /// A client that may speak to it and to nobody else.
    pub outgoing: Outgoing,
    /// What deliveries are stamped with.
    pub key: HookKey,
}

/// Carries entries.
pub struct AuditWebhook {
    store: Store,
    clock: Clock,
    webhook: Option<Webhook>,
}

impl AuditWebhook {
    /// Carries the entries of `store` to `webhook`, if there is one.
    #[must_use]
    pub fn new(store: Store, clock: Clock, webhook: Option<Webhook>) -> Self {
        Self { store, clock, webhook }
    }

    /// The job that puts what is new on its way; none without a webhook.
    #[must_use]
    pub fn job(&self) -> Option<Job> {
        self.webhook.as_ref()?;
        let (store, clock) = (self.store.clone(), self.clock.clone());
        let job = Job::every("audit webhook", EVERY, move || {
            let (store, clock) = (store.clone(), clock.clone());
            Box::pin(async move { collect(&store, clock.now()).await })
        });
        Some(job)
    }

    /// Delivers what is due. Answers how many batches were taken.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] of the database; the batch stays where it is.
    pub async fn drain(&self) -> Result<usize, Failure> {
        for taken in 0..MOST_BATCHES {
            let now = self.clock.now();
            let until = moment(now.as_millisecond() + HOLD_MS);
            let Some(row) = self.store.take_entries(now, until).await? else { return Ok(taken) };
            self.deliver(&row).await?;
        }
        Ok(MOST_BATCHES)
    }

    async fn deliver(&self, row: &OutboxRow) -> Result<(), Failure> {
        let Some(Parcel::Entries { after, upto }) = row.parcel else {
            return Err(Failure::internal("a message lies among the entries for the webhook"));
        };
        let Some(webhook) = &self.webhook else { return self.give_back(row).await };
        let wanted = Trail { after_seq: Some(after), limit: upto - after, ..Trail::default() };
        let entries = self.store.links_of_trail(&wanted).await?;
        if entries.is_empty() {
            // They were cut off: `doctor` and the metrics say that more was carried out than there is.
            return self.give_back(row).await;
        }
        match self.send(webhook, &entries).await {
            Ok(()) => self.arrived(row, upto).await,
            Err(code) => {
                tracing::warn!(%code, attempts = row.attempts, "the audit webhook does not take entries");
                let pause = (FIRST_PAUSE_MS << row.attempts.clamp(1, 12).saturating_sub(1)).min(MOST_PAUSE_MS);
                let due = moment(self.clock.now().as_millisecond() + pause);
                Ok(self.store.parcel_later(row, due, &code).await?)
            }
        }
    }

    /// One delivery. What goes wrong with it is a code; none of them is final.
    async fn send(&self, webhook: &Webhook, entries: &[Link]) -> Result<(), String> {
        let memory = StoreMemory::new(self.store.clone(), self.clock.clone());
        let organization = recall_organization(&memory).await;
        let body = body(entries, organization.as_deref()).to_string().into_bytes();
        let stamp = webhook.key.stamp(self.clock.now().as_second(), &body);
        match webhook.outgoing.post_stamped(&webhook.url, body, (STAMP_HEADER, &stamp)).await {
            Ok(answer) if answer.is_success() => Ok(()),
            Ok(answer) => Err(format!("status_{}", answer.status)),
            Err(error) => Err(code(error).to_owned()),
        }
    }

    /// Notes the arrival and puts the next batch on its way, in one transaction.
    async fn arrived(&self, row: &OutboxRow, upto: i64) -> Result<(), Failure> {
        let now = self.clock.now();
        let newest = self.store.outlet(Way::Webhook).await?.newest;
        let mut tx = self.store.begin().await?;
        if self.store.parcel_done(&mut tx, row, None, now).await? {
            self.store.entries_arrived(&mut tx, upto, now).await?;
            if newest > upto {
                self.store.send_entries(&mut tx, upto, newest.min(upto + BATCH), now).await?;
            }
        }
        Ok(self.store.commit(tx).await?)
    }

    /// There is nobody to deliver to any more, or nothing: whoever comes next goes on from what has arrived.
    async fn give_back(&self, row: &OutboxRow) -> Result<(), Failure> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        if self.store.parcel_done(&mut tx, row, None, now).await? {
            self.store.recall_entries(&mut tx).await?;
        }
        Ok(self.store.commit(tx).await?)
    }
}

/// Puts what is new on its way, unless something is.
async fn collect(store: &Store, now: Moment) -> Result<(), Failure> {
    let outlet = store.outlet(Way::Webhook).await?;
    if outlet.taken != outlet.carried || outlet.waiting() == 0 {
        return Ok(());
    }
    let mut tx = store.begin().await?;
    store.send_entries(&mut tx, outlet.carried, outlet.newest.min(outlet.carried + BATCH), now).await?;
    Ok(store.commit(tx).await?)
}

/// What a delivery says.
fn body(entries: &[Link], organization: Option<&str>) -> Value {
    let seq = |it: Option<&Link>| it.map(|it| it.entry.seq);
    json!({
        "type": "steward.audit",
        "organization": organization,
        "first": seq(entries.first()),
        "last": seq(entries.last()),
        "entries": entries.iter().map(as_json).collect::<Vec<_>>(),
    })
}

/// An entry for other programs: its detail as an object, and the hash that binds it.
#[must_use]
pub fn as_json(link: &Link) -> Value {
    let it = &link.entry;
    let detail = serde_json::from_str(&it.detail).unwrap_or_else(|_| Value::from(it.detail.as_str()));
    json!({
        "seq": it.seq, "at": it.at.to_string(), "actor": it.actor, "action": it.action, "about": it.about,
        "detail": detail, "hash": link.hash,
    })
}

fn code(error: outgoing::Error) -> &'static str {
    match error {
        outgoing::Error::NotAllowed => "not_allowed",
        outgoing::Error::Unreachable => "unreachable",
        outgoing::Error::TimedOut => "timed_out",
        outgoing::Error::Redirected => "redirected",
        outgoing::Error::TooLarge => "answer_too_large",
        outgoing::Error::Broken => "broken_off",
        outgoing::Error::NoClient => "no_client",
    }
}
