//! The client's idea of time: our clock, so that a pushed clock also renews the budget.

use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::claude::Time;
use crate::clock::Clock;

/// How often a sleeper looks whether the clock was pushed past its moment.
const GLANCE: Duration = Duration::from_millis(20);

/// [`Time`] by our clock.
pub struct ClockTime(pub Clock);

impl Time for ClockTime {
    fn now_ms(&self) -> i64 {
        self.0.now().as_millisecond()
    }

    fn sleep(&self, pause: Duration) -> BoxFuture<'static, ()> {
        let clock = self.0.clone();
        Box::pin(async move {
            let until =
                clock.now().as_millisecond().saturating_add(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX));
            // A pause shorter than the glance is slept as it is.
            let glance = GLANCE.min(pause);
            while clock.now().as_millisecond() < until {
                tokio::time::sleep(glance).await;
            }
        })
    }
}
