//! Reads what was used: the hours of the last month, re-read while they may still change, and the days before as far back as the
//! report goes.

use std::collections::HashMap;

use futures_util::TryStreamExt;

use super::reckoning::{DAY_MS, HOUR_MS, NOON_MS, ReadHours, Reckoner};
use crate::change::Failure;
use crate::claude::{Error, Reader, UsageBucket, UsageRow, UsageWidth};
use crate::clock::{Clock, Moment, moment};
use crate::domain::{Amount, Tokens};
use crate::store::{HourFact, Series, SeriesBook, Store, UsageMark};

/// How many days of hours are read, and how many days before at first.
const HOURS_DAYS: i64 = 30;
pub(super) const OLDER_DAYS: i64 = 365;
/// How many days are read first, and again on each new day.
const FRESH_DAYS: i64 = 2;
/// How many days of hours are read further back at a time.
const STEP_DAYS: i64 = 7;
/// Data may come late by so much: that long hours are read again and again, and once a day for two days.
const LATE_MS: i64 = 3 * HOUR_MS;
/// Usually data does not come later than this.
const DELAY_MS: i64 = 10 * 60_000;
/// As many hours as a page has at first; it may grow.
const FIRST_HOURS: u16 = 12;
/// Rows beyond which a page is made smaller, so that it never takes much memory, and below which larger.
const MANY_ROWS: usize = 20_000;
const FEW_ROWS: usize = 5_000;
/// The longest name that is believed.
const LONGEST: usize = 200;

/// Reads usage into the store.
pub(super) struct TokenReading<'a> {
    pub(super) store: &'a Store,
    pub(super) reader: &'a Reader,
    pub(super) clock: &'a Clock,
    pub(super) reckoner: &'a Reckoner,
    /// The Default Workspace's id, which the report does not say.
    pub(super) home: &'a str,
}

impl TokenReading<'_> {
    /// What is new and what may have changed; the first time, the last two days.
    pub(super) async fn read_recent(&self) -> Result<(), Failure> {
        let now = self.clock.now();
        let today = down(now.as_millisecond(), DAY_MS);
        let first = today - HOURS_DAYS * DAY_MS;
        let end = down(now.as_millisecond(), HOUR_MS) + HOUR_MS;
        let Some(mark) = self.store.usage_mark(UsageMark::HoursTo).await?.map(Moment::as_millisecond) else {
            let from = today - FRESH_DAYS * DAY_MS;
            self.mark(UsageMark::HoursFrom, from).await?;
            return self.read_span(UsageWidth::Hour, (from, end), true).await;
        };
        if mark < first {
            // Nobody looked for so long that some hours are not read any more: their days are.
            self.read_span(UsageWidth::Day, (down(mark, DAY_MS), first), true).await?;
        }
        let overlap = if down(mark, DAY_MS) == today { LATE_MS } else { FRESH_DAYS * DAY_MS };
        let begun = self.store.usage_mark(UsageMark::HoursFrom).await?.map_or(first, Moment::as_millisecond);
        let from = down(mark - overlap, HOUR_MS).max(first).max(begun);
        self.read_span(UsageWidth::Hour, (from, end), true).await
    }

    /// The hour that runs, and the one before for as long as something of it may be missing.
    pub(super) async fn read_newest(&self) -> Result<(), Failure> {
        let now = self.clock.now().as_millisecond();
        let begun = self.store.usage_mark(UsageMark::HoursFrom).await?.map_or(i64::MIN, Moment::as_millisecond);
        let (from, end) = (down(now - DELAY_MS, HOUR_MS).max(begun), down(now, HOUR_MS) + HOUR_MS);
        self.read_span(UsageWidth::Hour, (from, end), false).await
    }

    /// A week more of the hours before those that are known, until there is a month of them; then a month more of days, back to
    /// `enough`. True if there may be more.
    pub(super) async fn read_more(&self, enough: i64) -> Result<bool, Failure> {
        let first = down(self.clock.now().as_millisecond(), DAY_MS) - HOURS_DAYS * DAY_MS;
        let known = self.store.usage_mark(UsageMark::HoursFrom).await?.map_or(first, Moment::as_millisecond);
        let wanted = first.max(enough);
        if known <= wanted {
            return self.read_older(enough).await;
        }
        let from = (known - STEP_DAYS * DAY_MS).max(wanted);
        self.read_span(UsageWidth::Hour, (from, known), false).await?;
        self.mark(UsageMark::HoursFrom, from).await?;
        Ok(true)
    }

    async fn mark(&self, mark: UsageMark, at: i64) -> Result<(), Failure> {
        let mut tx = self.store.begin().await?;
        self.store.set_usage_mark(&mut tx, mark, moment(at)).await?;
        Ok(self.store.commit(tx).await?)
    }

    /// One month more of the days before the hours, until there are enough. A report that does not go back so far says so, and is
    /// not asked again. True if there may be more.
    async fn read_older(&self, enough: i64) -> Result<bool, Failure> {
        let today = down(self.clock.now().as_millisecond(), DAY_MS);
        let first = today - HOURS_DAYS * DAY_MS;
        let known = self.store.usage_mark(UsageMark::DaysFrom).await?.map_or(first, Moment::as_millisecond);
        let from = (known - i64::from(UsageWidth::Day.most()) * DAY_MS).max(enough);
        if from >= known {
            return Ok(false);
        }
        let mark = match self.read_span(UsageWidth::Day, (from, known), false).await {
            Ok(()) => from,
            Err(Failure::Upstream(error)) if error.status() == Some(400) => enough,
            Err(failure) => return Err(failure),
        };
        self.mark(UsageMark::DaysFrom, mark).await?;
        Ok(mark > enough)
    }

    /// Reads a span, in pages as large as they can be read well, and writes it day by day. `new`: it goes on from what is known, so
    /// that each day is.
    async fn read_span(&self, width: UsageWidth, (from, to): (i64, i64), new: bool) -> Result<(), Failure> {
        let mut reading = Reading { width, from, at: from, to, new, used: Vec::new() };
        let mut book = self.store.series_book().await?;
        let mut buckets = if width == UsageWidth::Hour { FIRST_HOURS } else { width.most() };
        while reading.at < to {
            match self.read_page(&mut reading, buckets, &mut book).await {
                Err(Failure::Upstream(Error::TooLarge)) if buckets > 1 => buckets /= 2,
                Ok(rows) if rows > MANY_ROWS => buckets = (buckets / 2).max(1),
                Ok(rows) if rows < FEW_ROWS => buckets = (buckets * 2).min(width.most()),
                Ok(_) => {}
                Err(failure) => return Err(failure),
            }
            while let Some(hours) = reading.next_day() {
                self.write(&reading, hours, &mut book).await?;
            }
        }
        Ok(())
    }

    /// Reads one page. Answers how many rows it had.
    async fn read_page(&self, reading: &mut Reading, buckets: u16, book: &mut SeriesBook) -> Result<usize, Failure> {
        let to = reading.to.min(reading.at + i64::from(buckets) * reading.width.ms());
        let mut pages = self.reader.token_usage((reading.width, buckets), moment(reading.at), moment(to));
        let (mut rows, mut sums) = (0, HashMap::new());
        while let Some(page) = pages.try_next().await? {
            for bucket in page.items {
                let at = reading.take(&bucket)?;
                rows += bucket.rows.len();
                for row in bucket.rows {
                    let tokens = tokens(&row)?;
                    sums.entry(book.place(self.series(row))).or_insert_with(Tokens::default).add(&tokens);
                }
                reading.used.extend(sums.drain().map(|(place, tokens)| (at, place, tokens)));
            }
        }
        if reading.at == to { Ok(rows) } else { Err(Failure::internal("the usage report ends too early")) }
    }

    /// Writes a day, or the part of it that was read.
    async fn write(&self, reading: &Reading, used: DayUse, book: &mut SeriesBook) -> Result<(), Failure> {
        // The hour that runs is read, and not known for good.
        let complete = down(self.clock.now().as_millisecond(), HOUR_MS);
        let (from, to, known_to) = (moment(used.from), moment(used.to), moment(used.to.min(complete)));
        let mut tx = self.store.begin().await?;
        book.number_new(&mut tx).await?;
        let fact = |(at, place, tokens)| {
            let series_id = book.number_at(place)?;
            Some(HourFact { hour: moment(at), series_id, tokens, unpriced: 0, amount: Amount::ZERO })
        };
        let facts: Option<Vec<HourFact>> = used.used.into_iter().map(fact).collect();
        let mut facts = facts.ok_or_else(|| Failure::internal("a combination has no number"))?;
        facts.sort_unstable_by_key(|it| (it.hour, it.series_id));
        let day = moment(down(used.from, DAY_MS));
        self.reckoner.reckon(&mut tx, book, (day, known_to), Some(ReadHours { from, to, facts })).await?;
        if reading.new && reading.width == UsageWidth::Hour {
            self.store.set_usage_mark(&mut tx, UsageMark::HoursTo, known_to).await?;
        }
        Ok(self.store.commit(tx).await?)
    }

    fn series(&self, row: UsageRow) -> Series {
        let key_id = text(row.api_key_id);
        // Where a key was used, it is the key's.
        let actor = row.account_id.or(row.service_account_id).filter(|_| key_id.is_empty());
        Series {
            actor: text(actor),
            key_id,
            workspace_id: row.workspace_id.map_or_else(|| self.home.to_owned(), |it| text(Some(it))),
            model: text(row.model),
            tier: text(row.service_tier),
            geo: text(row.inference_geo),
            context: text(row.context_window),
            kind: "tokens".to_owned(),
        }
    }
}

/// A text from upstream as both databases can keep it.
pub(super) fn text(from: Option<String>) -> String {
    match from {
        Some(text) if text.len() <= LONGEST && !text.contains('\0') => text,
        Some(text) => text.chars().filter(|it| *it != '\0').take(LONGEST).collect(),
        None => String::new(),
    }
}

/// Numbers that can be added up; more than a million million tokens in an hour nobody uses.
fn tokens(row: &UsageRow) -> Result<Tokens, Failure> {
    let read = |number: u64| {
        let number = i64::try_from(number).ok().filter(|it| *it <= 1_000_000_000_000);
        number.ok_or_else(|| Failure::internal("the usage report has a number that cannot be"))
    };
    let it = &row.tokens;
    Ok(Tokens {
        input: read(it.input)?,
        cache_read: read(it.cache_read)?,
        cache_5m: read(it.cache_5m)?,
        cache_1h: read(it.cache_1h)?,
        output: read(it.output)?,
        searches: read(it.searches)?,
    })
}

/// How far a report has been read: its buckets follow each other without a gap, or it is not believed.
struct Reading {
    width: UsageWidth,
    /// Where what is not written yet begins, and how far it was read.
    from: i64,
    at: i64,
    to: i64,
    new: bool,
    /// What is not written yet, oldest first: when, what it is about in the book, how much.
    used: Vec<(i64, usize, Tokens)>,
}

/// What was used in a part of a day, or on all of it.
struct DayUse {
    from: i64,
    to: i64,
    used: Vec<(i64, usize, Tokens)>,
}

impl Reading {
    /// The next day that was read to its end, or to the end of all; it is to be written now.
    fn next_day(&mut self) -> Option<DayUse> {
        let (from, to) = (self.from, self.to.min(down(self.from, DAY_MS) + DAY_MS));
        if self.at < to || from == to {
            return None;
        }
        self.from = to;
        let later = self.used.partition_point(|(at, ..)| *at < to);
        let later = self.used.split_off(later);
        Some(DayUse { from, to, used: std::mem::replace(&mut self.used, later) })
    }

    /// Takes a bucket in; answers where its facts stand.
    fn take(&mut self, bucket: &UsageBucket) -> Result<i64, Failure> {
        let (start, end) = (bucket.starting_at.as_millisecond(), bucket.ending_at.as_millisecond());
        if start != self.at || end != start + self.width.ms() || end > self.to {
            return Err(Failure::internal("the usage report has a gap, or goes beyond what was asked for"));
        }
        self.at = end;
        Ok(if self.width == UsageWidth::Day { start + NOON_MS } else { start })
    }
}

pub(super) fn down(ms: i64, width: i64) -> i64 {
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
        let reading = || Reading {
            width: UsageWidth::Hour,
            from: from.as_millisecond(),
            at: from.as_millisecond(),
            to: from.as_millisecond() + 3 * HOUR_MS,
            new: true,
            used: Vec::new(),
        };
        let take = |hours: &[(i64, i64)]| {
            let mut reading = reading();
            let all = hours.iter().all(|it| reading.take(&bucket(&hour(it.0), &hour(it.1))).is_ok());
            all && reading.at == reading.to
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

    #[test]
    fn a_number_that_cannot_be_is_not_believed() {
        let row = |input| UsageRow {
            tokens: crate::claude::TokenClasses { input, ..Default::default() },
            ..UsageRow::default()
        };
        assert!(tokens(&row(1_000_000_000_000)).is_ok());
        assert!(tokens(&row(u64::MAX)).is_err());
    }
}
