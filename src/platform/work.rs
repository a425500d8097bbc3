//! What is worked on after an act was acknowledged: some at a time, the others wait their turn, and at the end all of it is finished.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use crate::chat::{Message, Tone};

/// How many acts are worked on at a time; the others wait their turn, acknowledged already.
const AT_A_TIME: usize = 256;
/// How many may be begun and not finished. Each waits with what was said in it, so there is an end to that.
const MOST: usize = 2_000;
/// How long work that was begun may take after the end was called.
const LAST_WORK: Duration = Duration::from_secs(10);

/// Work that was begun.
pub(super) struct Work {
    tasks: TaskTracker,
    turns: Arc<Semaphore>,
}

impl Work {
    pub(super) fn new() -> Self {
        Self { tasks: TaskTracker::new(), turns: Arc::new(Semaphore::new(AT_A_TIME)) }
    }

    /// Does it at once: somebody waits for it in an acknowledgement.
    pub(super) fn spawn<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        self.tasks.spawn(work)
    }

    /// Does it when it has its turn.
    pub(super) fn begin(&self, work: impl Future<Output = ()> + Send + 'static) {
        let turns = Arc::clone(&self.turns);
        self.tasks.spawn(async move {
            let _turn = turns.acquire_owned().await;
            work.await;
        });
    }

    /// Whether so much waits that nothing more should be begun.
    pub(super) fn is_full(&self) -> bool {
        self.tasks.len() >= MOST
    }

    /// What is said then.
    pub(super) fn too_much() -> Message {
        let told = Message::plain("Too much is asked at the moment, so nothing was done.");
        told.hint("Do it again in a minute.").tone(Tone::Warning)
    }

    /// Waits until everything that was begun is finished, but not for ever.
    pub(super) async fn finish(&self, platform: &str) {
        self.tasks.close();
        if timeout(LAST_WORK, self.tasks.wait()).await.is_err() {
            tracing::warn!(platform, "some work was not finished in time");
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio_util::sync::CancellationToken;

    use super::*;

    #[tokio::test]
    async fn so_much_that_waits_is_enough_and_all_of_it_is_finished() {
        let (work, go) = (Work::new(), CancellationToken::new());
        for _ in 0..MOST {
            assert!(!work.is_full());
            let go = go.clone();
            work.begin(async move { go.cancelled().await });
        }
        assert!(work.is_full());
        go.cancel();
        work.finish("a chat").await;
        assert!(!work.is_full());
    }
}
