//! Audit entries of questions and refusals: written in batches, off the answer's path. Changes write their own, before their effect.

use std::sync::{Mutex, PoisonError};

use crate::change::Failure;
use crate::clock::Moment;
use crate::store::{Act, Store};

/// Beyond this many unwritten entries the writer is in trouble, and questions wait for it: nothing is dropped.
const BATCH: usize = 200;

/// A question or a refusal.
#[derive(Clone, Debug)]
pub struct Query {
    /// When.
    pub at: Moment,
    /// Who.
    pub actor: String,
    /// Which command, by its path.
    pub verb: String,
    /// How it ended: `said`, `refused`, …
    pub outcome: String,
}

/// Entries on their way to the trail.
pub struct Queries {
    store: Store,
    waiting: Mutex<Vec<Query>>,
}

impl Queries {
    /// Nothing waiting yet.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self { store, waiting: Mutex::new(Vec::new()) }
    }

    /// Keeps an entry for the next batch; a full batch is written now.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] of the database, once a batch is full.
    pub async fn note(&self, query: Query) -> Result<(), Failure> {
        let full = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.push(query);
            waiting.len() >= BATCH
        };
        if full { self.flush().await } else { Ok(()) }
    }

    /// Writes what waits. If that fails, it waits on.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] of the database.
    pub async fn flush(&self) -> Result<(), Failure> {
        let batch = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        if batch.is_empty() {
            return Ok(());
        }
        let written = self.write(&batch).await;
        if written.is_err() {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            let newer = std::mem::replace(&mut *waiting, batch);
            waiting.extend(newer);
        }
        written
    }

    async fn write(&self, batch: &[Query]) -> Result<(), Failure> {
        let mut tx = self.store.begin().await?;
        for query in batch {
            let action = format!("query.{}", query.outcome);
            let act = Act {
                at: query.at,
                actor: &query.actor,
                action: &action,
                about: &query.verb,
                detail: serde_json::json!({}),
            };
            self.store.append(&mut tx, &act).await?;
        }
        self.store.commit(tx).await?;
        Ok(())
    }
}
