//! Keeps how many tokens each key used: the hours of the last month, re-read while they may still change, and the days before
//! as far back as the report goes.

use std::time::Duration;

use futures_util::TryStreamExt;

use super::Job;
use crate::change::Failure;
use crate::claude::{Error, Reader, UsageBucket, UsageWidth};
use crate::clock::{Clock, Moment, moment};
use crate::store::{KeyTraffic, Resource, Store, UsageMark};

/// The name of the job.
pub const KEY_USAGE: &str = "key usage";

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// How many days of hours are read, and kept a little longer.
const HOURS_DAYS: i64 = 30;
/// How many days are read at first, before the hours.
const OLDER_DAYS: i64 = 365;
/// Data may come late by so much: that long hours are read again and again, and once a day for two days.
const LATE_MS: i64 = 3 * HOUR_MS;

/// Reads what the keys used.
pub struct KeyUsage {
    store: Store,
    reader: Reader,
    clock: Clock,
}

impl KeyUsage {
    /// Reads with `reader`, at a pace that nobody notices, into `store`.
    #[must_use]
    pub fn new(store: Store, reader: &Reader, clock: Clock) -> Self {
        Self { store, reader: reader.background(), clock }
    }

    /// The job, every five minutes: data is hardly fresher.
    #[must_use]
    pub fn job(self) -> Job {
        let usage = std::sync::Arc::new(self);
        Job::every(KEY_USAGE, Duration::from_mins(5), move || {
            let usage = std::sync::Arc::clone(&usage);
            Box::pin(async move { usage.read().await })
        })
    }

    /// Reads what is new, what may have changed, and what was never read. Cut off anywhere, it goes on there the next time.
    ///
    /// # Errors
    ///
    /// Any [`Failure`]; what was read before it is kept.
    pub async fn read(&self) -> Result<(), Failure> {
        let begun = self.clock.now();
        let done = self.read_all().await;
        match &done {
            Ok(()) => self.store.end_pass(Resource::KeyUsage, begun).await.map(drop)?,
            Err(failure) => self.store.stop_pass(Resource::KeyUsage, begun, &failure.logged()).await?,
        }
        done
    }

    async fn read_all(&self) -> Result<(), Failure> {
        let now = self.clock.now();
        let today = down(now.as_millisecond(), DAY_MS);
        let first = today - HOURS_DAYS * DAY_MS;
        let mark = self.store.usage_mark(UsageMark::HoursTo).await?.map(Moment::as_millisecond);
        if let Some(mark) = mark.filter(|it| *it < first) {
            // Nobody looked for so long that some hours are not read any more: their days are.
            self.read_span(UsageWidth::Day, (down(mark, DAY_MS), first)).await?;
        }
        let overlap = if mark.is_some_and(|it| down(it, DAY_MS) == today) { LATE_MS } else { 2 * DAY_MS };
        let from = mark.map_or(first, |it| down(it - overlap, HOUR_MS).max(first));
        self.read_span(UsageWidth::Hour, (from, down(now.as_millisecond(), HOUR_MS) + HOUR_MS)).await?;
        self.store.forget_key_hours(moment(first - DAY_MS)).await?;
        self.read_older(first, today - OLDER_DAYS * DAY_MS).await
    }

    /// One month more of the days before the hours, until there are enough. A report that does not go back so far says so, and is
    /// not asked again.
    async fn read_older(&self, first: i64, enough: i64) -> Result<(), Failure> {
        let known = self.store.usage_mark(UsageMark::DaysFrom).await?.map_or(first, Moment::as_millisecond);
        let from = (known - i64::from(UsageWidth::Day.most()) * DAY_MS).max(enough);
        if from >= known {
            return Ok(());
        }
        let mark = match self.read_span(UsageWidth::Day, (from, known)).await {
            Ok(()) => from,
            Err(Failure::Upstream(error)) if error.status() == Some(400) => enough,
            Err(failure) => return Err(failure),
        };
        let mut tx = self.store.begin().await?;
        self.store.set_usage_mark(&mut tx, UsageMark::DaysFrom, moment(mark)).await?;
        Ok(self.store.commit(tx).await?)
    }

    /// Reads a span, in smaller pages if one is too large to be read.
    async fn read_span(&self, width: UsageWidth, (from, to): (i64, i64)) -> Result<(), Failure> {
        let mut reading = Reading { width, at: from, to };
        let mut buckets = width.most();
        loop {
            match self.read_pages(&mut reading, buckets).await {
                Err(Failure::Upstream(Error::TooLarge)) if buckets > 1 => buckets /= 2,
                Ok(()) => return reading.ended(),
                Err(failure) => return Err(failure),
            }
        }
    }

    async fn read_pages(&self, reading: &mut Reading, buckets: u16) -> Result<(), Failure> {
        // The hour that runs is read, and not known for good.
        let complete = down(self.clock.now().as_millisecond(), HOUR_MS);
        let mut pages = self.reader.key_usage((reading.width, buckets), moment(reading.at), moment(reading.to));
        while let Some(page) = pages.try_next().await? {
            let begun = moment(reading.at);
            let rows = reading.take(&page.items)?;
            let span = (begun, moment(reading.at));
            let mut tx = self.store.begin().await?;
            match reading.width {
                UsageWidth::Day => self.store.put_key_days(&mut tx, span, &rows).await?,
                UsageWidth::Hour => {
                    self.store.put_key_hours(&mut tx, span, &rows).await?;
                    let mark = moment(reading.at.min(complete));
                    self.store.set_usage_mark(&mut tx, UsageMark::HoursTo, mark).await?;
                }
            }
            self.store.commit(tx).await?;
        }
        Ok(())
    }
}

/// How far a report has been read: its buckets follow each other without a gap, or it is not believed.
struct Reading {
    width: UsageWidth,
    at: i64,
    to: i64,
}

impl Reading {
    fn take(&mut self, buckets: &[UsageBucket]) -> Result<Vec<KeyTraffic>, Failure> {
        let mut rows = Vec::new();
        for bucket in buckets {
            let (start, end) = (bucket.starting_at.as_millisecond(), bucket.ending_at.as_millisecond());
            if start != self.at || end != start + self.width.ms() || end > self.to {
                return Err(Failure::internal("the usage report has a gap, or goes beyond what was asked for"));
            }
            let used = bucket.keys.iter().filter(|it| it.tokens > 0);
            rows.extend(used.filter_map(|it| {
                let tokens = i64::try_from(it.tokens).unwrap_or(i64::MAX / 1_000_000);
                Some(KeyTraffic { key_id: it.key_id.clone()?, at: moment(start), tokens })
            }));
            self.at = end;
        }
        Ok(rows)
    }

    fn ended(&self) -> Result<(), Failure> {
        if self.at == self.to { Ok(()) } else { Err(Failure::internal("the usage report ends too early")) }
    }
}

fn down(ms: i64, width: i64) -> i64 {
    ms - ms.rem_euclid(width)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(start: &str, end: &str) -> UsageBucket {
        let wire = format!(r#"{{"starting_at":"{start}","ending_at":"{end}","results":[]}}"#);
        serde_json::from_str(&wire).expect("a bucket")
    }

    #[test]
    fn a_report_with_a_gap_is_not_believed() {
        let hour = |at: i64| format!("2026-12-01T{at:02}:00:00Z");
        let from: Moment = hour(0).parse().expect("a moment");
        let reading =
            || Reading { width: UsageWidth::Hour, at: from.as_millisecond(), to: from.as_millisecond() + 3 * HOUR_MS };
        let take = |hours: &[(i64, i64)]| {
            let mut reading = reading();
            let buckets: Vec<UsageBucket> = hours.iter().map(|it| bucket(&hour(it.0), &hour(it.1))).collect();
            reading.take(&buckets).is_ok() && reading.ended().is_ok()
        };
        assert!(take(&[(0, 1), (1, 2), (2, 3)]));
        for lie in [
            &[(0, 1), (2, 3)][..],
            &[(0, 1), (0, 1), (1, 2), (2, 3)],
            &[(1, 2), (0, 1), (2, 3)],
            &[(0, 2), (2, 3)],
            &[(0, 1), (1, 2)],
            &[(0, 1), (1, 2), (2, 3), (3, 4)],
        ] {
            assert!(!take(lie), "{lie:?}");
        }
    }
}
