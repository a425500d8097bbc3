//! The one reader of the wall clock.
//!
//! Everything that asks for the time is handed a [`Clock`]. In `run` it is the system's; in the sandbox it can be pushed
//! ahead; in a test it stands still until the test moves it. Nothing in the house sleeps for a meaning: whoever waits
//! for a moment is a row in the store, looked at by the scheduler.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// A point in time, UTC. Stored as whole milliseconds since the Unix epoch.
pub type Moment = jiff::Timestamp;

/// Where the time comes from. Cheap to clone; clones share one time.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Source>);

#[derive(Debug)]
enum Source {
    /// The system's clock plus an offset in milliseconds that only grows.
    Running { ahead_ms: AtomicI64 },
    /// Stands still, in milliseconds since the epoch, until moved.
    Standing { now_ms: AtomicI64 },
}

impl Clock {
    /// The system's clock, as `steward run` uses it.
    #[must_use]
    pub fn system() -> Self {
        Self(Arc::new(Source::Running { ahead_ms: AtomicI64::new(0) }))
    }

    /// A clock that stands at `at` until [`Clock::advance_to`] moves it. For tests.
    #[must_use]
    pub fn standing(at: Moment) -> Self {
        Self(Arc::new(Source::Standing { now_ms: AtomicI64::new(at.as_millisecond()) }))
    }

    /// The time now, in whole milliseconds, so that what was stored compares equal to what was read.
    #[must_use]
    pub fn now(&self) -> Moment {
        match &*self.0 {
            Source::Running { ahead_ms } => moment(system_ms().saturating_add(ahead_ms.load(Ordering::SeqCst))),
            Source::Standing { now_ms } => moment(now_ms.load(Ordering::SeqCst)),
        }
    }

    /// Pushes the time ahead to `to`. A moment that has passed already changes nothing: time never runs backwards.
    pub fn advance_to(&self, to: Moment) {
        let to_ms = to.as_millisecond();
        match &*self.0 {
            Source::Running { ahead_ms } => {
                ahead_ms.fetch_max(to_ms.saturating_sub(system_ms()), Ordering::SeqCst);
            }
            Source::Standing { now_ms } => {
                now_ms.fetch_max(to_ms, Ordering::SeqCst);
            }
        }
    }
}

/// The moment that lies `ms` milliseconds after the epoch; one outside the calendar becomes the nearest end of it.
#[must_use]
pub fn moment(ms: i64) -> Moment {
    Moment::from_millisecond(ms).unwrap_or(if ms < 0 { Moment::MIN } else { Moment::MAX })
}

#[expect(clippy::disallowed_methods, reason = "this is the room that the lint keeps the wall clock in")]
fn system_ms() -> i64 {
    Moment::now().as_millisecond()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standing_clock_moves_forward_only() {
        let clock = Clock::standing(moment(1_000));
        clock.advance_to(moment(5_000));
        clock.advance_to(moment(2_000));
        assert_eq!(clock.now(), moment(5_000));
    }

    #[test]
    fn a_running_clock_can_be_pushed_a_week() {
        let clock = Clock::system();
        let week_ms = 7 * 86_400_000;
        let before = clock.now().as_millisecond();
        clock.clone().advance_to(moment(before + week_ms));
        let passed = clock.now().as_millisecond() - before;
        assert!((week_ms..week_ms + 60_000).contains(&passed), "{passed}");
    }
}
