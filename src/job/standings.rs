//! Asks the chats, a few accounts at a time, who people are: in which groups, so that comparisons need not ask for hundreds;
//! with which address, so that one that changed holds its link back; and whether they are still there.

use std::sync::Arc;
use std::time::Duration;

use super::Job;
use crate::change::{Failure, Pipeline};
use crate::chat::Roster;
use crate::clock::{Clock, moment};
use crate::store::Store;

/// What is younger than this is not asked for again.
const FRESH_MS: i64 = 600_000;
/// Accounts in one run: kind to a platform that lets a minute have some dozens of questions and answers groups from a cache.
const MOST: i64 = 60;
/// So many questions without an answer in a row: the platform is not answering, and is left alone.
const SILENT: u32 = 5;

/// Keeps what the chats say of linked accounts.
#[derive(Clone)]
pub struct Standings {
    store: Store,
    roster: Arc<dyn Roster>,
    pipeline: Arc<Pipeline>,
    clock: Clock,
}

impl Standings {
    /// Standings of the accounts linked in `store`.
    #[must_use]
    pub fn new(store: Store, roster: Arc<dyn Roster>, pipeline: Arc<Pipeline>, clock: Clock) -> Self {
        Self { store, roster, pipeline, clock }
    }

    /// The job, once a minute.
    #[must_use]
    pub fn job(&self) -> Job {
        let standings = self.clone();
        Job::every("standings", Duration::from_mins(1), move || {
            let standings = standings.clone();
            Box::pin(async move { standings.renew().await.map(|_| ()) })
        })
    }

    /// Asks for those that were asked for longest ago. Answers how many the chats told.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] of the database.
    pub async fn renew(&self) -> Result<usize, Failure> {
        let now = self.clock.now();
        let mut told = Vec::new();
        let mut silence = 0;
        for account in self.store.stalest_standings(moment(now.as_millisecond() - FRESH_MS), MOST).await? {
            match self.roster.standing(&account).await {
                Some(standing) => {
                    silence = 0;
                    told.push((account, standing));
                }
                None => silence += 1,
            }
            if silence == SILENT {
                break;
            }
        }
        if !told.is_empty() {
            self.store.write_standings(&told, now).await?;
        }
        for (account, standing) in &told {
            self.pipeline.heard_of(account, standing.clone()).await?;
        }
        Ok(told.len())
    }
}
