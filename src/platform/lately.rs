//! What a platform said of people lately, so that a question is answered at once. Decisions ask afresh.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::chat::Standing;

/// How long what is said of somebody is believed where nothing is decided.
pub(super) const KEEP: Duration = Duration::from_mins(1);
/// People that are kept.
const MOST: usize = 20_000;

/// Standings, by the platform's own id of a person.
#[derive(Default)]
pub(super) struct Lately(Mutex<HashMap<String, (Instant, Standing)>>);

impl Lately {
    /// What was said of `user` within the last minute.
    pub(super) fn of(&self, user: &str) -> Option<Standing> {
        self.known().get(user).filter(|(at, _)| at.elapsed() < KEEP).map(|(_, standing)| standing.clone())
    }

    /// Keeps what was said just now. There is a bound; whoever is beyond it is asked about each time.
    pub(super) fn keep(&self, user: &str, standing: &Standing) {
        let mut known = self.known();
        if known.len() >= MOST {
            known.retain(|_, (at, _)| at.elapsed() < KEEP);
        }
        if known.len() < MOST {
            known.insert(user.to_owned(), (Instant::now(), standing.clone()));
        }
    }

    /// Nothing that was said of `user` counts any more.
    pub(super) fn forget(&self, user: &str) {
        self.known().remove(user);
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, (Instant, Standing)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
