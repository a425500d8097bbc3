//! How many requests may be sent: never more than so many in any 60 seconds, a fifth of them for revocations alone.
//!
//! The API counts the whole organization's requests, so what is sent here is taken from everybody. `governor` was
//! looked at: its leaky bucket lets a full burst and the refill of the same minute pass, nearly twice the figure in one
//! window, and knows no reserve within a budget. A log of the last minute's sends, at most a few hundred entries, is
//! exact.
//!
//! Others draw on the same allowance, so a 429 says that ours is too large just now: it is halved, and grows back by a
//! tenth of the full figure with each minute. The reserve for revocations stays a fifth of what there is.
//!
//! Where the reserve is not enough, and a revocation has to wait, nobody else is let go before it and those that follow it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::error::Error;
use super::time::Time;

/// What the budget is counted over.
const WINDOW_MS: i64 = 60_000;
/// How long a call waits for its turn before it is told [`Error::Busy`].
const PATIENCE_MS: i64 = 120_000;
/// The same for a revocation: it hears of it after a minute, and shows that it is still there by asking again.
const REVOKING_PATIENCE_MS: i64 = 65_000;
/// After a revocation that had to wait, everybody else lets so long pass: the next one may follow it.
const YIELD_MS: i64 = 5_000;
/// What is told of one burst within so long lowers the figure once.
const BURST_MS: i64 = 10_000;
/// The longest pause that upstream can impose with one answer: a lie must not silence us for good.
const LONGEST_PAUSE_MS: i64 = 600_000;

/// Who is asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    /// Takes access away: may use everything, also what is kept from the others.
    Revocation,
    /// Somebody waits for it.
    Ordinary,
    /// Nobody waits for it: within the ordinary share, and at most a fifth of the whole.
    Background,
}

/// The budget that all clones of one connection share.
pub(super) struct Budget {
    full: usize,
    sent: Mutex<Sent>,
    /// One queue a lane: whoever came first goes first, and only the first of each sleeps.
    queues: [tokio::sync::Mutex<()>; 3],
    time: Arc<dyn Time>,
}

#[derive(Default)]
struct Sent {
    /// When each request of the last window was let go, oldest first.
    log: VecDeque<(i64, Lane)>,
    /// Upstream asked for silence until then.
    paused_until: Option<i64>,
    /// Revocations wait, or waited just now: nobody else is let go until then.
    yields_until: Option<i64>,
    /// Upstream said that it was too much.
    lowered: Option<Lowered>,
}

/// To how many requests, and when.
#[derive(Clone, Copy)]
struct Lowered {
    to: usize,
    at: i64,
}

impl Budget {
    pub(super) fn new(per_minute: u32, time: Arc<dyn Time>) -> Self {
        let full = usize::try_from(per_minute).unwrap_or(usize::MAX).max(1);
        Self { full, sent: Mutex::default(), queues: Default::default(), time }
    }

    /// Waits until one more request may be sent, and counts it.
    pub(super) async fn take(&self, lane: Lane) -> Result<(), Error> {
        let patience_ms = if lane == Lane::Revocation { REVOKING_PATIENCE_MS } else { PATIENCE_MS };
        let give_up_at = self.time.now_ms().saturating_add(patience_ms);
        let _turn = self.queues[lane as usize].lock().await;
        loop {
            let Err(wait_ms) = self.try_take(lane) else { return Ok(()) };
            let wait = Duration::from_millis(wait_ms.unsigned_abs());
            if self.time.now_ms().saturating_add(wait_ms) > give_up_at {
                return Err(Error::Busy { retry_after: wait });
            }
            self.time.sleep(wait).await;
        }
    }

    /// Upstream said that there were too many: the figure is halved, down to a fifth of the full one. If it asked to be
    /// left alone, that holds for every lane.
    pub(super) fn too_many(&self, pause: Option<Duration>) {
        let now = self.time.now_ms();
        let mut sent = self.sent();
        sent.forget(now);
        if sent.lowered.is_none_or(|it| now - it.at >= BURST_MS) {
            let to = (sent.figure(self.full, now) / 2).max(self.full / 5).max(1);
            sent.lowered = Some(Lowered { to, at: now });
        }
        if let Some(pause) = pause {
            let pause_ms = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX).min(LONGEST_PAUSE_MS);
            sent.paused_until = sent.paused_until.max(Some(now.saturating_add(pause_ms)));
        }
    }

    /// The full figure, the one that holds now, and how many requests the last window saw.
    pub(super) fn figures(&self) -> (usize, usize, usize) {
        let now = self.time.now_ms();
        let mut sent = self.sent();
        sent.forget(now);
        (self.full, sent.figure(self.full, now), sent.log.len())
    }

    /// Counts a request in, or tells how many milliseconds to wait first.
    fn try_take(&self, lane: Lane) -> Result<(), i64> {
        let now = self.time.now_ms();
        let mut sent = self.sent();
        sent.forget(now);
        let total = sent.figure(self.full, now);
        let fifth = total / 5;
        let room_at = sent.room_at(total, |_| true, now);
        let mut free_at = sent.paused_until.unwrap_or(now).max(room_at);
        if lane != Lane::Revocation {
            free_at = free_at.max(sent.room_at(total - fifth, |by| by != Lane::Revocation, now));
            free_at = free_at.max(sent.yields_until.unwrap_or(now));
        }
        if lane == Lane::Background {
            free_at = free_at.max(sent.room_at(fifth.max(1), |by| by == Lane::Background, now));
        }
        if lane == Lane::Revocation && (room_at > now || sent.yields_until.is_some()) {
            sent.yields_until = Some(free_at.saturating_add(YIELD_MS));
        }
        if free_at > now {
            return Err(free_at - now);
        }
        sent.log.push_back((now, lane));
        Ok(())
    }

    fn sent(&self) -> MutexGuard<'_, Sent> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sent {
    /// Drops what lies behind the window. Where time stepped back, what seems to lie ahead counts as sent just now.
    fn forget(&mut self, now: i64) {
        for (at, _) in &mut self.log {
            *at = (*at).min(now);
        }
        while self.log.front().is_some_and(|(at, _)| now.saturating_sub(*at) > WINDOW_MS) {
            self.log.pop_front();
        }
        self.paused_until = self.paused_until.filter(|until| *until > now).map(|at| at.min(now + LONGEST_PAUSE_MS));
        self.yields_until =
            self.yields_until.filter(|it| *it > now).map(|it| it.min(now + LONGEST_PAUSE_MS + YIELD_MS));
        self.lowered = self.lowered.map(|it| Lowered { at: it.at.min(now), ..it });
    }

    /// How many may be sent in any window: all, or what has grown back of it.
    fn figure(&self, full: usize, now: i64) -> usize {
        let Some(Lowered { to, at }) = self.lowered else { return full };
        let minutes = usize::try_from(now.saturating_sub(at) / WINDOW_MS).unwrap_or(0);
        to.saturating_add(minutes.saturating_mul((full / 10).max(1))).min(full)
    }

    /// When there is room below `limit` for one more among those that `counts` names.
    fn room_at(&self, limit: usize, counts: impl Fn(Lane) -> bool, now: i64) -> i64 {
        let counted: Vec<i64> = self.log.iter().filter(|(_, by)| counts(*by)).map(|(at, _)| *at).collect();
        let must_pass = counted.len().checked_sub(limit).and_then(|over| counted.get(over));
        must_pass.map_or(now, |at| at.saturating_add(WINDOW_MS + 1))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use futures_util::future::{BoxFuture, join_all};

    use super::*;

    /// Moves when somebody sleeps, once all others had their turn.
    #[derive(Default)]
    struct Standing(Arc<AtomicI64>);

    impl Time for Standing {
        fn now_ms(&self) -> i64 {
            self.0.load(Ordering::SeqCst)
        }

        fn sleep(&self, pause: Duration) -> BoxFuture<'static, ()> {
            let now = Arc::clone(&self.0);
            let until = self.now_ms() + i64::try_from(pause.as_millis()).unwrap();
            Box::pin(async move {
                tokio::task::yield_now().await;
                now.fetch_max(until, Ordering::SeqCst);
            })
        }
    }

    /// What becomes of `crowd` callers of one lane who come at once: who was let go when, in order.
    async fn let_go(per_minute: u32, lane: Lane, crowd: usize) -> Vec<Option<i64>> {
        let time: Arc<dyn Time> = Arc::new(Standing::default());
        let budget = Budget::new(per_minute, Arc::clone(&time));
        join_all((0..crowd).map(|_| async { budget.take(lane).await.ok().map(|()| time.now_ms()) })).await
    }

    #[tokio::test]
    async fn a_crowd_is_let_go_in_turn() {
        let at = let_go(50, Lane::Ordinary, 70).await;
        assert!(at[..40].iter().all(|at| *at == Some(0)));
        assert!(at[40..].iter().all(|at| *at == Some(60_001)));
        let at = let_go(50, Lane::Revocation, 70).await;
        assert!(at[..50].iter().all(|at| *at == Some(0)) && at[50..].iter().all(|at| *at == Some(60_001)));
        let at = let_go(50, Lane::Background, 20).await;
        assert!(at[..10].iter().all(|at| *at == Some(0)) && at[10..].iter().all(|at| *at == Some(60_001)));
    }

    /// A window that begins with the first of ten and ends with an eleventh counts both.
    #[tokio::test]
    async fn both_ends_of_a_window_count() {
        let time = Arc::new(Standing::default());
        let budget = Budget::new(10, Arc::clone(&time) as Arc<dyn Time>);
        for _ in 0..10 {
            budget.take(Lane::Revocation).await.unwrap();
        }
        time.0.store(60_000, Ordering::SeqCst);
        budget.take(Lane::Revocation).await.unwrap();
        assert_eq!(time.now_ms(), 60_001);
    }

    /// Eight at once and eight a minute later; the seventeenth would wait two minutes and a bit.
    #[tokio::test]
    async fn waiting_is_bounded() {
        let at = let_go(10, Lane::Ordinary, 100).await;
        assert_eq!(at.iter().flatten().count(), 16);
        assert!(at[16..].iter().all(Option::is_none));
    }
}
