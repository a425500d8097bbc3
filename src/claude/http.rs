//! The one place that sends.
//!
//! Every request goes to the configured origin, with what lets it in in a header that is marked sensitive, within the budget.
//! Redirects are not followed, because the key would travel to wherever they point; no proxy is asked, whatever the
//! environment says. A repeatable call is repeated here; no other one ever is. While the other side is down, calls rest.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder, Retryable};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Response};
use serde::de::DeserializeOwned;
use url::Url;

use super::answer::{self, Answer};
use super::breaker::Breaker;
use super::budget::{Budget, Lane};
use super::call::Call;
use super::condition::Condition;
use super::error::Error;
use super::row::{Row, Tagged};
use super::time::Time;

/// Repeats after the first try.
const REPEATS: usize = 3;
/// No further try starts later than this after the first was asked for.
const DEADLINE_MS: i64 = 120_000;

/// The connection, on one lane of the budget. Clones share it.
#[derive(Clone)]
pub(super) struct Http {
    line: Arc<Line>,
    lane: Lane,
}

/// What a connection consists of.
pub(super) struct Line {
    pub(super) client: Client,
    /// Scheme, host, port and perhaps a path: all requests go below it.
    pub(super) base: Url,
    /// What each request shows, in which header; nothing where it shows itself what lets it in. The value is marked
    /// sensitive, so that no `Debug` shows it. The one copy, shared by all requests.
    pub(super) credential: Option<(HeaderName, HeaderValue)>,
    pub(super) version: HeaderValue,
    pub(super) budget: Budget,
    pub(super) breaker: Breaker,
    pub(super) time: Arc<dyn Time>,
    pub(super) date: Mutex<Option<UpstreamDate>>,
    /// Differs from call to call, and from one program that runs to another.
    pub(super) jitter_seed: AtomicU64,
}

/// What the API's clock showed, and when that was seen here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UpstreamDate {
    /// The header `Date` of the latest answer that had one; whole seconds.
    pub date: Timestamp,
    /// [`Time::now_ms`] at that moment.
    pub seen_at_ms: i64,
}

impl Http {
    pub(super) fn new(line: Line) -> Self {
        Self { line: Arc::new(line), lane: Lane::Ordinary }
    }

    /// The same connection on another lane.
    pub(super) fn on(&self, lane: Lane) -> Self {
        Self { line: Arc::clone(&self.line), lane }
    }

    /// Where requests go: scheme, host and port.
    pub(super) fn origin(&self) -> String {
        self.line.base.origin().ascii_serialization()
    }

    pub(super) fn upstream_date(&self) -> Option<UpstreamDate> {
        *self.line.date.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How it fares.
    pub(super) fn condition(&self) -> Condition {
        let (full_budget_per_minute, budget_per_minute, sent_in_last_minute) = self.line.budget.figures();
        let is_resting = self.line.breaker.rests();
        Condition { is_resting, budget_per_minute, full_budget_per_minute, sent_in_last_minute }
    }

    /// Sends a call whose answer is one object.
    pub(super) async fn object<T: Row>(&self, call: &Call) -> Result<Answer<T>, Error> {
        self.send::<Tagged<T>>(call).await?.refine(Tagged::open)
    }

    /// Sends a call; where twice is as good as once, up to four times.
    pub(super) async fn send<T: DeserializeOwned + Send>(&self, call: &Call) -> Result<Answer<T>, Error> {
        if call.repeatable { self.repeatedly(call).await } else { self.once(call).await }
    }

    async fn repeatedly<T: DeserializeOwned + Send>(&self, call: &Call) -> Result<Answer<T>, Error> {
        let time = &self.line.time;
        let give_up_at = time.now_ms().saturating_add(DEADLINE_MS);
        let sleeper = Arc::clone(time);
        let mut in_doubt = false;
        // Boxed, because the compiler cannot see that the bare type may change threads.
        let tries: BoxFuture<'_, _> = (|| self.once(call))
            .retry(pauses(self.line.jitter_seed.fetch_add(1, Ordering::Relaxed)))
            .sleep(move |pause| sleeper.sleep(pause))
            .when(Error::may_pass)
            .notify(|error, _| in_doubt |= error.is_ambiguous())
            .adjust(|error, pause| {
                // Whoever would have to wait for a probe is told at once what came of the try that was made.
                let pause = pause.filter(|_| !self.line.breaker.rests())?;
                let pause = pause.saturating_add(error.retry_after().unwrap_or_default());
                let pause_ms = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
                (time.now_ms().saturating_add(pause_ms) <= give_up_at).then_some(pause)
            })
            .boxed();
        match tries.await {
            // A definite "no" to the second try says nothing about the first.
            Err(last) if in_doubt && call.changes() && !last.is_ambiguous() => Err(Error::Unsettled(Box::new(last))),
            answer => answer,
        }
    }

    async fn once<T: DeserializeOwned + Send>(&self, call: &Call) -> Result<Answer<T>, Error> {
        let url = call.url(&self.line.base)?;
        let lane = call.lane.unwrap_or(self.lane);
        self.line.breaker.look(lane)?;
        self.line.budget.take(lane).await?;
        self.line.breaker.pass(lane)?;
        let answer = match self.post_off(call, url).await {
            Ok(response) => {
                self.note_date(response.headers());
                answer::read(call.what, response).await
            }
            Err(error) => Err(answer::broken(&error)),
        };
        match &answer {
            Ok(_) => tracing::debug!(what = call.what, method = %call.method, "the Admin API answered"),
            Err(error) => tracing::debug!(what = call.what, method = %call.method, %error, "the Admin API failed"),
        }
        self.line.breaker.note(answer.as_ref().err());
        if let Err(error) = &answer
            && error.status() == Some(429)
        {
            self.line.budget.too_many(error.retry_after());
        }
        answer
    }

    async fn post_off(&self, call: &Call, url: Url) -> Result<Response, reqwest::Error> {
        let mut request =
            self.line.client.request(call.method.clone(), url).header("anthropic-version", self.line.version.clone());
        if let Some((name, value)) = &self.line.credential {
            request = request.header(name.clone(), value.clone());
        }
        if let Some(beta) = call.beta {
            request = request.header("anthropic-beta", beta);
        }
        if let Some(body) = &call.body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        request.send().await
    }

    fn note_date(&self, headers: &HeaderMap) {
        let text = headers.get(DATE).and_then(|date| date.to_str().ok());
        if let Some(date) = text.and_then(|date| rfc2822::parse(date).ok()) {
            let seen = UpstreamDate { date: date.timestamp(), seen_at_ms: self.line.time.now_ms() };
            *self.line.date.lock().unwrap_or_else(PoisonError::into_inner) = Some(seen);
        }
    }
}

/// Pauses with full jitter: anything between nothing and 0.5, 1, 2 … at most 8 seconds.
///
/// backon adds its jitter on top of the delay; the delay taken off again leaves the jitter alone. Without a seed, its
/// build without the standard library would draw the same numbers in every program.
fn pauses(jitter_seed: u64) -> impl BackoffBuilder {
    let growing = ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(500))
        .with_max_delay(Duration::from_secs(8))
        .with_max_times(REPEATS);
    let jittered = growing.with_jitter().with_jitter_seed(jitter_seed).build();
    jittered.zip(growing.build()).map(|(jittered, bare)| jittered.saturating_sub(bare))
}
