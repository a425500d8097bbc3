//! Slack takes about one message a second per channel, with short bursts. What comes faster waits in the outbox.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::clock::Moment;

/// One message a second. <https://docs.slack.dev/apis/web-api/rate-limits>
const EVERY_MS: i64 = 1_000;
/// So many at once before that.
const BURST: i64 = 4;
/// Channels that are remembered; the idle ones are forgotten first.
const CHANNELS: usize = 1_000;

/// When each channel may be posted to next.
#[derive(Default)]
pub(super) struct Pace(Mutex<HashMap<String, i64>>);

impl Pace {
    /// Takes a place for one message in `channel`; else how many milliseconds to wait before asking again.
    pub(super) fn take(&self, channel: &str, now: Moment) -> Result<(), u64> {
        let now_ms = now.as_millisecond();
        let mut next = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if next.len() >= CHANNELS {
            next.retain(|_, at| *at > now_ms);
        }
        // The moment at which everything posted so far would be paid off, one a second.
        let paid_at = next.get(channel).copied().unwrap_or(now_ms).max(now_ms);
        let wait_ms = paid_at - now_ms - (BURST - 1) * EVERY_MS;
        if wait_ms > 0 {
            return Err(u64::try_from(wait_ms).unwrap_or_default());
        }
        next.insert(channel.to_owned(), paid_at + EVERY_MS);
        Ok(())
    }

    /// Slack asked for a pause in `channel`.
    pub(super) fn rest(&self, channel: &str, until_ms: i64) {
        let mut next = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        next.insert(channel.to_owned(), until_ms + (BURST - 1) * EVERY_MS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::moment;

    #[test]
    fn a_burst_then_one_a_second_per_channel() {
        let pace = Pace::default();
        let taken: Vec<_> = (0..6).map(|_| pace.take("C1", moment(0))).collect();
        assert_eq!(taken, [Ok(()), Ok(()), Ok(()), Ok(()), Err(1_000), Err(1_000)]);
        assert_eq!(pace.take("C2", moment(0)), Ok(()));
        assert_eq!([pace.take("C1", moment(1_000)), pace.take("C1", moment(1_000))], [Ok(()), Err(1_000)]);
        pace.rest("C2", 9_000);
        assert_eq!([pace.take("C2", moment(8_000)), pace.take("C2", moment(9_000))], [Err(1_000), Ok(())]);
    }
}
