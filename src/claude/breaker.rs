//! When the other side has stopped answering: the line rests, and only a probe now and then is let through.
//!
//! Without it, each call of an outage would wait out its time for an answer that nobody sends, one behind the other.
//! Whoever is refused here is told at once, and was certainly not heard upstream: nothing was sent.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::budget::Lane;
use super::error::Error;
use super::time::Time;

/// Between two probes of a line that rests.
const PROBE_EVERY_MS: i64 = 5_000;

/// Counts failures in a row. All clones of one connection share it.
pub(super) struct Breaker {
    /// After so many the line rests.
    after: u32,
    state: Mutex<State>,
    time: Arc<dyn Time>,
}

#[derive(Default)]
struct State {
    /// Tries in a row that nobody answered as they should.
    failures: u32,
    rest: Option<Rest>,
}

struct Rest {
    /// How the latest try ended.
    last: Error,
    /// When the next probe may go: anybody's, and the one that is kept for revocations.
    probe_at: [i64; 2],
}

impl Breaker {
    pub(super) fn new(after: u32, time: Arc<dyn Time>) -> Self {
        Self { after: after.max(1), state: Mutex::default(), time }
    }

    /// Would a call be let through? Asked before a call waits for its turn in the budget.
    pub(super) fn look(&self, lane: Lane) -> Result<(), Error> {
        match &mut self.state().rest {
            Some(rest) => rest.admit(lane, self.time.now_ms()),
            None => Ok(()),
        }
    }

    /// Lets a call through. While the line rests: the first of each interval, as a probe.
    pub(super) fn pass(&self, lane: Lane) -> Result<(), Error> {
        let Some(rest) = &mut self.state().rest else { return Ok(()) };
        let now = self.time.now_ms();
        rest.admit(lane, now)?;
        rest.probe_at[slot(lane)] = now.saturating_add(PROBE_EVERY_MS);
        Ok(())
    }

    /// Notes how a call that was sent ended. One answer that is no outage ends the rest, whatever else it says.
    pub(super) fn note(&self, error: Option<&Error>) {
        let mut state = self.state();
        let Some(error) = error.filter(|error| error.is_outage()) else {
            if state.rest.is_some() {
                tracing::info!("the Admin API answers again");
            }
            *state = State::default();
            return;
        };
        state.failures = state.failures.saturating_add(1);
        if let Some(rest) = &mut state.rest {
            rest.last = error.clone();
        } else if state.failures >= self.after {
            tracing::warn!(%error, failures = state.failures, "the Admin API does not answer: calls rest, but for a probe now and then");
            let now = self.time.now_ms();
            state.rest = Some(Rest { last: error.clone(), probe_at: [now.saturating_add(PROBE_EVERY_MS), now] });
        }
    }

    /// Does the line rest?
    pub(super) fn rests(&self) -> bool {
        self.state().rest.is_some()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rest {
    /// May a probe of this lane go now? Where time stepped back, nobody waits longer than one interval for it.
    fn admit(&mut self, lane: Lane, now: i64) -> Result<(), Error> {
        let probe_at = &mut self.probe_at[slot(lane)];
        *probe_at = (*probe_at).min(now.saturating_add(PROBE_EVERY_MS));
        if *probe_at <= now {
            return Ok(());
        }
        let retry_after = Duration::from_millis((*probe_at - now).unsigned_abs());
        Err(Error::Resting { retry_after, last: Box::new(self.last.clone()) })
    }
}

/// Revocations have a probe of their own: nobody else can use it up.
fn slot(lane: Lane) -> usize {
    usize::from(lane == Lane::Revocation)
}
