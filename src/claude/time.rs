//! What this client must know of time; whoever connects brings it along.

use std::time::Duration;

use futures_util::future::BoxFuture;

/// The time, as the budget and the pauses between two tries see it.
///
/// The two must agree: after `sleep(d)` is over, `now_ms` has grown by at least `d`. A test hands in a time that moves
/// when somebody sleeps, so that a minute's budget is tried in no time.
pub trait Time: Send + Sync {
    /// Milliseconds since any fixed point. A step back is survived: it makes the budget careful, never generous.
    fn now_ms(&self) -> i64;

    /// Ends when `pause` is over.
    fn sleep(&self, pause: Duration) -> BoxFuture<'static, ()>;
}
