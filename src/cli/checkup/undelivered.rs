//! Messages that a chat did not take, lately.

use super::finding::Finding;
use crate::clock::{Clock, moment};
use crate::store::Store;

/// How far back they are told.
const LATELY_MS: i64 = 7 * 86_400_000;

/// What could not be delivered, by the code that was kept: `known` says what it means and what is to be done, and none of codes that
/// are another chat's.
pub(super) async fn undelivered(
    check: &'static str,
    known: fn(&str) -> Option<(&'static str, &'static str)>,
    store: &Store,
    clock: &Clock,
) -> Vec<Finding> {
    let since = moment(clock.now().as_millisecond() - LATELY_MS);
    let codes = store.undelivered(since).await.unwrap_or_default();
    let finding = |(code, count): (String, i64)| {
        let (what, todo) = known(&code)?;
        let messages = if count == 1 { "1 message".to_owned() } else { format!("{count} messages") };
        Some(Finding::warning(check, format!("{messages} could not be delivered: {what} ({code})"), todo))
    };
    codes.into_iter().filter_map(finding).collect()
}
