//! Looks after a connection that the crate keeps: whether it is there, whether it is still ours, and what it cost.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serenity::all::{ConnectionStage, ShardId, ShardManager};
use tokio::time::{Instant, interval};
use tokio_util::sync::CancellationToken;

use super::budget::Budget;
use super::lease::Lease;

/// As often as the crate may begin a lost connection while that is waited for: at once, and after its pause.
const AFTER_LOSS: u64 = 2;

/// What became of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// We were told to stop.
    Stopped,
    /// It is another replica's turn.
    NotOurs,
    /// It is not there, and was not for too long.
    Gone,
    /// Discord says that trying again will not help.
    Fatal(&'static str),
}

/// What is looked at.
pub(super) struct Watch<'a> {
    pub(super) manager: &'a ShardManager,
    /// How often Discord greeted a connection that was begun.
    pub(super) readies: &'a AtomicU64,
    pub(super) budget: &'a Budget,
    pub(super) lease: &'a Lease,
    /// How long it may be away at first, and after it was there.
    pub(super) patience: Duration,
    pub(super) after_loss: Duration,
    /// The crate's own pause between two beginnings.
    pub(super) pause: Duration,
    pub(super) look: Duration,
    pub(super) renew: Duration,
}

impl Watch<'_> {
    /// Waits until the connection is lost. `tell` hears whether it is open.
    pub(super) async fn until_lost(&self, stop: &CancellationToken, tell: &(impl Fn(bool) + Sync)) -> End {
        let mut looks = interval(self.look);
        let (mut away, mut renewed) = (Some(Instant::now()), Instant::now());
        // The first one was counted before it was begun.
        let (mut counted, mut spent, mut patience, mut is_counted) = (1, 1, self.patience, true);
        loop {
            tokio::select! {
                () = stop.cancelled() => return End::Stopped,
                _ = looks.tick() => {}
            }
            let is_open = self.is_open().await;
            tell(is_open);
            let greeted = self.readies.load(Ordering::SeqCst);
            if !is_open && away.is_none() {
                (patience, is_counted) = (self.after_loss, false);
            }
            // Whatever is back before that was resumed, or greeted, which is counted by itself.
            if !is_counted && away.is_some_and(|since| since.elapsed() >= self.pause / 2) {
                (spent, is_counted) = (spent + AFTER_LOSS, true);
            }
            spent = spent.max(greeted);
            while counted < spent {
                counted += 1;
                if self.budget.spent().await.is_err() {
                    return End::Gone;
                }
            }
            away = if is_open { None } else { Some(away.unwrap_or_else(Instant::now)) };
            if away.is_some_and(|since| since.elapsed() >= patience) {
                return End::Gone;
            }
            if renewed.elapsed() >= self.renew {
                renewed = Instant::now();
                if !self.lease.is_ours().await {
                    return End::NotOurs;
                }
            }
        }
    }

    /// Whether Discord greeted it, as the crate keeps it. While it is resumed it counts as open.
    async fn is_open(&self) -> bool {
        let runners = self.manager.runners.lock().await;
        let stage = runners.get(&ShardId(0)).map(|it| it.stage);
        stage.is_some_and(|it| matches!(it, ConnectionStage::Connected | ConnectionStage::Resuming))
    }
}
