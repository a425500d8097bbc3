//! How often a connection may begin anew. Discord allows 1,000 a day and takes the bot's token away beyond that, so what was
//! begun is remembered across restarts, and the pauses grow long before.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::chat::Memory;
use crate::clock::{Clock, Moment};

/// Under which name it is remembered.
const BEGUN: &str = "discord identify";
/// Beginnings in any 24 hours. <https://docs.discord.com/developers/events/gateway#session-start-limit-object>
pub const MOST_A_DAY: usize = 90;
/// Those that the crate may begin by itself in an hour until its connection is ended, so that the pauses count again.
const MOST_AN_HOUR: usize = 12;
/// What is left over for what the crate begins before it is ended.
const SPARE: usize = 4;
const DAY_MS: i64 = 86_400_000;
const HOUR_MS: i64 = 3_600_000;
/// The pause after the first beginning of an hour; it doubles with each further one.
const FIRST_PAUSE_MS: i64 = 5_000;
const LONGEST_PAUSE_MS: i64 = 900_000;
/// How long it is waited while nothing can be remembered: to begin without a count could go on for ever.
const UNREMEMBERED: Duration = Duration::from_secs(30);

/// What may still be begun.
#[derive(Clone)]
pub struct Budget {
    memory: Arc<dyn Memory>,
    clock: Clock,
    /// As it was last kept: a memory that cannot be read says that there is nothing.
    kept: Arc<Mutex<Vec<i64>>>,
}

impl Budget {
    /// The budget that `memory` keeps.
    #[must_use]
    pub fn new(memory: Arc<dyn Memory>, clock: Clock) -> Self {
        Self { memory, clock, kept: Arc::default() }
    }

    /// Takes `count` beginnings at once; otherwise how long to wait before asking again. What was taken is remembered first.
    ///
    /// # Errors
    ///
    /// How long to wait.
    pub async fn take(&self, count: usize) -> Result<(), Duration> {
        let now = self.clock.now();
        let mut begun = self.begun(now).await;
        if let Some(wait) = wait_ms(&begun, now.as_millisecond(), count) {
            return Err(Duration::from_millis(u64::try_from(wait).unwrap_or(1_000)));
        }
        self.keep(&mut begun, now, count).await
    }

    /// Counts one that was begun already.
    ///
    /// # Errors
    ///
    /// How long to wait, where no further one should be risked: too many of them, or they follow each other too fast.
    pub async fn spent(&self) -> Result<(), Duration> {
        let now = self.clock.now();
        let mut begun = self.begun(now).await;
        self.keep(&mut begun, now, 1).await?;
        let lately = begun.iter().filter(|at| now.as_millisecond() - **at < HOUR_MS).count();
        if begun.len() > MOST_A_DAY - SPARE || lately > MOST_AN_HOUR { Err(UNREMEMBERED) } else { Ok(()) }
    }

    /// How many were begun within the last 24 hours.
    pub async fn used(&self) -> usize {
        self.begun(self.clock.now()).await.len()
    }

    async fn keep(&self, begun: &mut Vec<i64>, now: Moment, count: usize) -> Result<(), Duration> {
        begun.extend(std::iter::repeat_n(now.as_millisecond(), count));
        let told = begun.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        if !self.memory.remember(BEGUN, &told).await {
            return Err(UNREMEMBERED);
        }
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone_from(begun);
        Ok(())
    }

    async fn begun(&self, now: Moment) -> Vec<i64> {
        let begun = match self.memory.recall(BEGUN).await {
            Some(told) => told.split(' ').filter_map(|it| it.parse::<i64>().ok()).collect(),
            None => self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        };
        let now = now.as_millisecond();
        begun.into_iter().filter(|at| now - at < DAY_MS).collect()
    }
}

/// How long to wait before `count` more; none if they may begin.
fn wait_ms(begun: &[i64], now: i64, count: usize) -> Option<i64> {
    let over = (begun.len() + count).saturating_sub(MOST_A_DAY);
    if over > 0 {
        let until = begun.get(over - 1).map_or(HOUR_MS, |at| at + DAY_MS - now);
        return Some(until.clamp(1_000, HOUR_MS));
    }
    let lately = begun.iter().filter(|at| now - **at < HOUR_MS).count();
    let last = begun.last().filter(|_| lately > 0)?;
    let doubled = FIRST_PAUSE_MS << lately.saturating_sub(1).min(10);
    Some(last + doubled.min(LONGEST_PAUSE_MS) - now).filter(|wait| *wait > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_loop_stays_far_below_a_hundred_a_day() {
        let (mut begun, mut worst) = (Vec::new(), 0);
        // Somebody restarts it every second for three days.
        for now in (0..3 * DAY_MS).step_by(1_000) {
            if wait_ms(&begun, now, 1).is_none() {
                begun.push(now);
            }
            begun.retain(|at| now - at < DAY_MS);
            worst = worst.max(begun.len());
        }
        assert!((50..=MOST_A_DAY).contains(&worst), "{worst}");
    }

    #[test]
    fn a_restart_now_and_then_is_not_held_up() {
        assert_eq!(wait_ms(&[], 0, 1), None);
        assert_eq!(wait_ms(&[0], 6_000, 1), None);
        assert_eq!(wait_ms(&[0, 6_000], 8_000, 1), Some(8_000));
        assert_eq!(wait_ms(&[0], HOUR_MS, 3), None);
    }
}
