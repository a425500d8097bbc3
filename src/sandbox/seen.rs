//! What came in, as the organization saw it. Tests ask this when they judge: the caller may have been told otherwise.

use crate::clock::Moment;
use std::collections::VecDeque;

/// How many requests are remembered.
const MOST: usize = 100_000;

/// One request to the simulated API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// When it was dealt with.
    pub at: Moment,
    /// `GET`, `POST`, `DELETE`.
    pub method: String,
    /// From `/v1` on, without the query.
    pub path: String,
    /// The query as it came, empty if there was none.
    pub query: String,
    /// The status that was sent; 0 if the connection was cut instead.
    pub status: u16,
    /// Whether the organization changed, whatever the caller was told. Always false for reads.
    pub applied: bool,
}

#[derive(Default)]
pub(super) struct Ledger(VecDeque<Seen>);

impl Ledger {
    pub(super) fn add(&mut self, seen: Seen) {
        if self.0.len() == MOST {
            self.0.pop_front();
        }
        self.0.push_back(seen);
    }

    pub(super) fn all(&self) -> Vec<Seen> {
        self.0.iter().cloned().collect()
    }

    pub(super) fn count(&self, wanted: impl Fn(&Seen) -> bool) -> usize {
        self.0.iter().filter(|seen| wanted(seen)).count()
    }
}
