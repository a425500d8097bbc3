//! Reads what was billed, by day: from the analytics where the organization has them, and from the cost report.
//!
//! A day is read until the source knows all of it, and then once a day for a month, because bills are revised.

use std::collections::BTreeMap;

use futures_util::TryStreamExt;

use super::reckoning::{DAY_MS, HOUR_MS, Reckoner};
use super::tokens::{down, text};
use crate::change::Failure;
use crate::claude::{AnalyticsAsk, AnalyticsGroup, Error, Reader};
use crate::clock::{Clock, Moment, moment};
use crate::domain::Amount;
use crate::store::{BillDay, BillSource, Series, Store, UsageMark};

/// Bills are revised for so many days.
const REVISED_DAYS: i64 = 31;
/// The analytics go back so many days, and not before 2026-01-01.
const ANALYTICS_DAYS: i64 = 364;
const BEGINNING_MS: i64 = 1_767_225_600_000;
/// What the cost report says of the last hours may be a part: so much of it is not taken for complete.
const LATE_MS: i64 = 3 * HOUR_MS;
/// Whether the analytics are there by now is asked so often.
const PROBE_MS: i64 = DAY_MS;
/// How many days are read at once from each source, and how many times in one go.
const ANALYTICS_AT_ONCE: usize = 7;
const REPORT_AT_ONCE: usize = 31;
const TIMES: usize = 1;
/// A day of which not everything was known is asked for again after so long.
const AGAIN_MS: i64 = HOUR_MS;

/// The amounts of one day, by what they are about.
type Amounts = BTreeMap<Series, Amount>;

/// Reads bills into the store.
pub(super) struct BillReading<'a> {
    pub(super) store: &'a Store,
    pub(super) reader: &'a Reader,
    pub(super) clock: &'a Clock,
    pub(super) reckoner: &'a Reckoner,
    /// The Default Workspace's id, which the cost report does not say.
    pub(super) home: &'a str,
}

impl BillReading<'_> {
    /// What is new, what may have changed, and some of what is old, back to `enough`. True if there is more to read at once.
    pub(super) async fn read(&self, enough: i64) -> Result<bool, Failure> {
        let report = self.read_report(enough).await?;
        Ok(self.read_analytics(enough).await? || report)
    }

    async fn read_analytics(&self, enough: i64) -> Result<bool, Failure> {
        let now = self.clock.now().as_millisecond();
        let refused = self.store.usage_mark(UsageMark::NoAnalytics).await?;
        if refused.is_some_and(|at| now - at.as_millisecond() < PROBE_MS) {
            return Ok(false);
        }
        let known = self.goes_back_to(UsageMark::AnalyticsFrom).await?;
        let oldest = known.max(down(now, DAY_MS) - ANALYTICS_DAYS * DAY_MS).max(BEGINNING_MS);
        let wanted = self.wanted(BillSource::Analytics, enough.max(oldest)).await?;
        let spans = spans(&wanted, ANALYTICS_AT_ONCE);
        let mut written = 0;
        for (from, to) in spans.iter().take(TIMES) {
            let ask = AnalyticsAsk { from: moment(*from), to: moment(*to) };
            let found = match self.reader.billed_costs(&ask).await {
                Ok(found) => found,
                Err(Error::Refused(refusal)) if matches!(refusal.status, 400 | 403 | 404) => {
                    return self.no_analytics().await.map(|()| false);
                }
                Err(error) => return Err(error.into()),
            };
            let mut days = empty(*from, *to);
            for row in found.rows {
                let day = row.starting_at.as_millisecond();
                let amounts = days.get_mut(&day).filter(|_| row.ending_at.as_millisecond() == day + DAY_MS);
                let amounts =
                    amounts.ok_or_else(|| Failure::internal("the billed costs go beyond what was asked for"))?;
                *amounts.entry(series(row.group)).or_default() += cents(&row.cost.amount)?;
            }
            // Nothing covers these days yet.
            let Some(as_of) = found.refreshed_at else { continue };
            written += self.write(BillSource::Analytics, days, as_of).await?;
        }
        Ok(written > 0 && spans.len() > TIMES)
    }

    async fn goes_back_to(&self, mark: UsageMark) -> Result<i64, Failure> {
        Ok(self.store.usage_mark(mark).await?.map_or(i64::MIN, Moment::as_millisecond))
    }

    async fn no_analytics(&self) -> Result<(), Failure> {
        let mut tx = self.store.begin().await?;
        self.store.set_usage_mark(&mut tx, UsageMark::NoAnalytics, self.clock.now()).await?;
        Ok(self.store.commit(tx).await?)
    }

    async fn read_report(&self, enough: i64) -> Result<bool, Failure> {
        let known = self.goes_back_to(UsageMark::ReportFrom).await?;
        let wanted = self.wanted(BillSource::Report, enough.max(known)).await?;
        let spans = spans(&wanted, REPORT_AT_ONCE);
        let mut written = 0;
        for (from, to) in spans.iter().take(TIMES) {
            let now = self.clock.now();
            match self.report(*from, *to).await {
                Ok(days) => {
                    let as_of = moment(now.as_millisecond() - LATE_MS);
                    written += self.write(BillSource::Report, days, as_of).await?;
                }
                // It does not go back so far.
                Err(Failure::Upstream(error)) if error.status() == Some(400) => {
                    let mut tx = self.store.begin().await?;
                    self.store.set_usage_mark(&mut tx, UsageMark::ReportFrom, moment(*to)).await?;
                    self.store.commit(tx).await?;
                    return Ok(false);
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(written > 0 && spans.len() > TIMES)
    }

    async fn report(&self, from: i64, to: i64) -> Result<BTreeMap<i64, Amounts>, Failure> {
        let mut days = empty(from, to);
        let mut at = from;
        let mut pages = self.reader.costs(moment(from), moment(to));
        while let Some(page) = pages.try_next().await? {
            for bucket in page.items {
                let day = bucket.starting_at.as_millisecond();
                let amounts =
                    days.get_mut(&day).filter(|_| day == at && bucket.ending_at.as_millisecond() == day + DAY_MS);
                let amounts = amounts
                    .ok_or_else(|| Failure::internal("the cost report has a gap, or goes beyond what was asked for"))?;
                for row in bucket.rows {
                    let series = Series {
                        workspace_id: row.workspace_id.map_or_else(|| self.home.to_owned(), |it| text(Some(it))),
                        model: text(row.model),
                        kind: kind(row.cost_type),
                        ..Series::default()
                    };
                    *amounts.entry(series).or_default() += cents(&row.amount)?;
                }
                at = day + DAY_MS;
            }
        }
        if at == to { Ok(days) } else { Err(Failure::internal("the cost report ends too early")) }
    }

    /// The days that are over and have to be read: newest first.
    async fn wanted(&self, source: BillSource, oldest: i64) -> Result<Vec<i64>, Failure> {
        let now = self.clock.now().as_millisecond();
        let today = down(now, DAY_MS);
        let known = self.store.bill_days(source, moment(oldest)).await?;
        let mut wanted = Vec::new();
        let mut day = today - DAY_MS;
        while day >= oldest {
            let old = day < today - REVISED_DAYS * DAY_MS;
            let is_wanted = match known.get(&moment(day)) {
                None => true,
                Some(it) if it.as_of.as_millisecond() < day + DAY_MS => now - it.read_at.as_millisecond() >= AGAIN_MS,
                Some(it) => !old && now - it.read_at.as_millisecond() >= DAY_MS,
            };
            if is_wanted {
                wanted.push(day);
            }
            day -= DAY_MS;
        }
        Ok(wanted)
    }

    /// Writes days, each in a transaction of its own: cut off between two, the rest is wanted still. A bill of nothing for a day on
    /// which something was used is not believed. Answers how many were written.
    async fn write(&self, source: BillSource, days: BTreeMap<i64, Amounts>, as_of: Moment) -> Result<usize, Failure> {
        let read = BillDay { as_of, read_at: self.clock.now() };
        let known_to = self.store.usage_mark(UsageMark::HoursTo).await?.unwrap_or(as_of);
        let mut book = self.store.series_book().await?;
        let mut written = 0;
        for (day, amounts) in days.into_iter().rev() {
            let day = moment(day);
            let mut tx = self.store.begin().await?;
            if amounts.is_empty() && self.store.is_dear(&mut tx, day).await? {
                tracing::warn!(%day, source = source.as_str(), "a bill of nothing for a day that was not free");
                continue;
            }
            let mut numbered = BTreeMap::new();
            for (series, amount) in &amounts {
                numbered.insert(book.number(&mut tx, series).await?, *amount);
            }
            self.store.put_bill(&mut tx, (source, day), &numbered, read).await?;
            self.reckoner.reckon(&mut tx, &mut book, (day, known_to), None).await?;
            self.store.commit(tx).await?;
            written += 1;
        }
        Ok(written)
    }
}

fn empty(from: i64, to: i64) -> BTreeMap<i64, Amounts> {
    let count = usize::try_from((to - from) / DAY_MS).unwrap_or(0);
    (0..count).map(|at| (from + i64::try_from(at).unwrap_or(0) * DAY_MS, Amounts::new())).collect()
}

/// Days, newest first, as spans of at most so many that follow each other.
fn spans(days: &[i64], most: usize) -> Vec<(i64, i64)> {
    let mut spans: Vec<(i64, i64)> = Vec::new();
    let longest = i64::try_from(most).unwrap_or(1) * DAY_MS;
    for day in days {
        match spans.last_mut() {
            Some((from, to)) if *from == day + DAY_MS && *to - *day <= longest => *from = *day,
            _ => spans.push((*day, day + DAY_MS)),
        }
    }
    spans
}

fn series(group: AnalyticsGroup) -> Series {
    let key_id = text(group.api_key_id);
    let actor = group.actor.filter(|_| key_id.is_empty()).map(|actor| {
        let id = actor.user_id.or(actor.service_account_id).or(actor.api_key_id);
        text(id.or(Some(actor.kind)))
    });
    Series {
        key_id,
        actor: actor.unwrap_or_default(),
        workspace_id: text(group.workspace_id),
        model: text(group.model),
        kind: kind(group.cost_type),
        ..Series::default()
    }
}

fn kind(cost_type: Option<String>) -> String {
    let kind = text(cost_type);
    if kind.is_empty() { "other".to_owned() } else { kind }
}

fn cents(amount: &str) -> Result<Amount, Failure> {
    Amount::from_cents(amount).ok_or_else(|| Failure::internal("a bill has an amount that is no decimal number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_in_spans_that_have_no_gap() {
        let days: Vec<i64> = [9, 8, 7, 5, 4, 1].map(|day| day * DAY_MS).to_vec();
        let found = spans(&days, 2).into_iter().map(|(from, to)| (from / DAY_MS, to / DAY_MS)).collect::<Vec<_>>();
        assert_eq!(found, [(8, 10), (7, 8), (4, 6), (1, 2)]);
        assert_eq!(spans(&[], 2), []);
        assert_eq!(empty(2 * DAY_MS, 4 * DAY_MS).into_keys().collect::<Vec<_>>(), [2 * DAY_MS, 3 * DAY_MS]);
    }
}
