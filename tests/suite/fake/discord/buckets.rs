//! Limits by bucket: a channel takes so many messages within a while, and says with each how many are left. What comes beyond
//! that is refused with a pause.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::json;

use super::{Discord, lock};
use crate::fake::wire::{Answer, Request};

#[derive(Default)]
pub(super) struct Buckets {
    rule: Option<(u32, Duration)>,
    used: BTreeMap<String, (Instant, u32)>,
    refused: usize,
}

/// What a bucket says to one call.
pub(super) struct Filled {
    most: u32,
    left: u32,
    reset: Duration,
    name: String,
    is_refused: bool,
}

impl Discord {
    /// From now on a channel takes so many messages within a while.
    pub(crate) fn takes_messages(&self, most: u32, within: Duration) {
        lock(&self.0.buckets).rule = Some((most, within));
    }

    /// How many calls were refused with a pause because their bucket was empty.
    pub(crate) fn refused(&self) -> usize {
        lock(&self.0.buckets).refused
    }

    /// Takes a place in the bucket of a request, if it has one.
    pub(super) fn fills(&self, request: &Request) -> Option<Filled> {
        let is_message = request.method == "POST" && request.path.ends_with("/messages");
        let mut buckets = lock(&self.0.buckets);
        let (most, within) = buckets.rule.filter(|_| is_message)?;
        let (began, used) = buckets.used.entry(request.path.clone()).or_insert((Instant::now(), 0));
        if began.elapsed() >= within {
            (*began, *used) = (Instant::now(), 0);
        }
        let is_refused = *used >= most;
        *used += u32::from(!is_refused);
        let (left, reset) = (most - *used, within.saturating_sub(began.elapsed()));
        buckets.refused += usize::from(is_refused);
        Some(Filled { most, left, reset, name: format!("bucket of {}", request.path), is_refused })
    }
}

impl Filled {
    /// The refusal, if there was no place left.
    pub(super) fn refusal(&self) -> Option<Answer> {
        let seconds = self.reset.as_secs_f64();
        let body = json!({ "message": "You are being rate limited.", "retry_after": seconds, "global": false });
        let answer = || Answer { status: 429, ..Answer::json(&body) };
        self.is_refused.then(|| {
            self.on(answer().with("retry-after", seconds.ceil().to_string()).with("x-ratelimit-scope", "user"))
        })
    }

    /// An answer that says how the bucket stands.
    pub(super) fn on(&self, answer: Answer) -> Answer {
        answer
            .with("x-ratelimit-limit", self.most.to_string())
            .with("x-ratelimit-remaining", self.left.to_string())
            .with("x-ratelimit-reset-after", format!("{:.3}", self.reset.as_secs_f64()))
            .with("x-ratelimit-bucket", self.name.clone())
    }
}
