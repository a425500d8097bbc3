//! Reads what members used of Claude Code by subscription, day by day. What they used of it through the API is among the tokens.

use std::collections::BTreeMap;

use futures_util::TryStreamExt;
use jiff::tz::TimeZone;

use super::reckoning::{DAY_MS, HOUR_MS};
use super::tokens::{down, text};
use crate::change::Failure;
use crate::claude::{ClaudeCodeDay, Error, Reader};
use crate::clock::{Clock, Moment, moment};
use crate::domain::Amount;
use crate::store::{SeatUse, Store, UsageMark};

/// So many days are read at first, at most so many in one go, for each takes a call of its own, and so many again on each new day.
const FIRST_DAYS: i64 = 31;
const AT_ONCE: i64 = 3;
const AGAIN_DAYS: i64 = 2;
/// A day is complete so long after its end.
const LATE_MS: i64 = 4 * HOUR_MS;
/// Whether the report is there by now is asked so often.
const PROBE_MS: i64 = DAY_MS;

/// Reads what was used by subscription into the store.
pub(super) struct SeatReading<'a> {
    pub(super) store: &'a Store,
    pub(super) reader: &'a Reader,
    pub(super) clock: &'a Clock,
}

impl SeatReading<'_> {
    /// Some days of what is new; nothing where the report is not there for this organization. True if there is more to read at once.
    pub(super) async fn read(&self) -> Result<bool, Failure> {
        let now = self.clock.now().as_millisecond();
        let refused = self.store.usage_mark(UsageMark::NoClaudeCode).await?;
        if refused.is_some_and(|at| now - at.as_millisecond() < PROBE_MS) {
            return Ok(false);
        }
        let end = down(now - LATE_MS, DAY_MS);
        let known = self.store.usage_mark(UsageMark::ClaudeCodeTo).await?.map(Moment::as_millisecond);
        let from = match known {
            Some(known) if known >= end => return Ok(false),
            Some(known) => (known - AGAIN_DAYS * DAY_MS).max(end - FIRST_DAYS * DAY_MS),
            None => end - FIRST_DAYS * DAY_MS,
        };
        // What is read again does not count: it would never get on.
        let to = end.min(known.unwrap_or(from).max(from) + AT_ONCE * DAY_MS);
        for day in (from..to).step_by(usize::try_from(DAY_MS).unwrap_or(usize::MAX)) {
            match self.day(moment(day)).await {
                Err(Failure::Upstream(Error::Refused(refusal))) if matches!(refusal.status, 400 | 403 | 404) => {
                    let mut tx = self.store.begin().await?;
                    self.store.set_usage_mark(&mut tx, UsageMark::NoClaudeCode, moment(now)).await?;
                    self.store.commit(tx).await?;
                    return Ok(false);
                }
                done => done?,
            }
        }
        Ok(to < end)
    }

    async fn day(&self, day: Moment) -> Result<(), Failure> {
        let mut used: BTreeMap<(String, String), SeatUse> = BTreeMap::new();
        let date = TimeZone::UTC.to_datetime(day).date().to_string();
        let mut pages = self.reader.claude_code(&date);
        while let Some(page) = pages.try_next().await? {
            for row in page.items.into_iter().filter(|it| it.customer_type.as_deref() == Some("subscription")) {
                add(&mut used, row)?;
            }
        }
        let mut tx = self.store.begin().await?;
        self.store.put_seat_use(&mut tx, day, &used).await?;
        let next = moment(day.as_millisecond() + DAY_MS);
        let known = self.store.usage_mark(UsageMark::ClaudeCodeTo).await?;
        self.store.set_usage_mark(&mut tx, UsageMark::ClaudeCodeTo, known.map_or(next, |it| it.max(next))).await?;
        Ok(self.store.commit(tx).await?)
    }
}

fn add(used: &mut BTreeMap<(String, String), SeatUse>, row: ClaudeCodeDay) -> Result<(), Failure> {
    let email = text(row.email);
    for model in row.models {
        let tokens = i64::try_from(model.tokens).ok().filter(|it| *it <= 1_000_000_000_000);
        let (Some(tokens), Some(amount)) = (tokens, Amount::from_cents(&model.cents)) else {
            return Err(Failure::internal("the report of Claude Code has a number that cannot be"));
        };
        let sum = used.entry((email.clone(), text(Some(model.model)))).or_default();
        sum.tokens = sum.tokens.saturating_add(tokens);
        sum.amount += amount;
    }
    Ok(())
}
