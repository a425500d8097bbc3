//! What was used and what it costs, hour by hour: what all reports are made of. Days that are over are worked out once.

use super::meter::{Metered, Other, Surface};
use super::organization::Organization;
use super::price;
use super::state::State;
use crate::clock::{Moment, moment};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

/// Classes of tokens that have a price of their own.
pub(super) const CLASSES: usize = 5;
pub(super) const HOUR_MS: i64 = 3_600_000;
pub(super) const DAY_MS: i64 = 24 * HOUR_MS;
/// So many lines are kept at most.
const MOST_LINES: usize = 600_000;
/// What was refused before it was billed is taken off the bill after so long.
const CORRECTED_MS: i64 = 3 * DAY_MS;

/// How this organization is billed.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Bill {
    /// The Usage and Cost Analytics API is not on.
    pub(super) no_analytics: bool,
    /// A discount on everything, in percent.
    pub(super) discount: i64,
}

/// What one key used of one model in one piece of time, all in one way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    /// The beginning of the piece.
    pub(super) at: i64,
    pub(super) key: String,
    pub(super) account: Option<String>,
    pub(super) workspace_id: String,
    pub(super) model: String,
    pub(super) batch: bool,
    pub(super) us: bool,
    pub(super) surface: Surface,
    pub(super) other: Option<Other>,
}

/// A line of the books.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) about: Key,
    pub(super) requests: i64,
    /// Uncached input, read from a cache, written for five minutes, for an hour, output.
    pub(super) tokens: [i64; CLASSES],
    pub(super) searches: i64,
    /// What is paid beside tokens and searches, in microcents.
    pub(super) other: i64,
}

/// Until when use can be seen.
#[derive(Clone, Copy)]
pub(super) struct Until {
    /// Use of every kind.
    pub(super) plain: i64,
    /// Use in batches, which is told later.
    pub(super) batch: i64,
}

/// The days that are over.
#[derive(Default)]
pub(super) struct Books {
    days: BTreeMap<i64, Arc<Vec<Line>>>,
    lines: usize,
}

impl Line {
    /// What it costs at list prices: the classes of tokens, searches, the rest.
    pub(super) fn list(&self) -> [i64; CLASSES + 2] {
        let tokens = price::of_tokens(&self.about.model, &self.tokens, self.about.batch, self.about.us);
        let mut all = [0; CLASSES + 2];
        all[..CLASSES].copy_from_slice(&tokens);
        all[CLASSES] = self.searches * price::SEARCH;
        all[CLASSES + 1] = self.other;
        all
    }

    /// What is billed for it, as of `now`.
    pub(super) fn billed(&self, bill: Bill, now: i64) -> [i64; CLASSES + 2] {
        if is_refused(&self.about.key, &self.about.model, self.about.at) && now - self.about.at >= CORRECTED_MS {
            return [0; CLASSES + 2];
        }
        self.list().map(|cost| cost - (cost * bill.discount + 50) / 100)
    }
}

/// A few hours hold requests that are counted, and were refused before they were billed.
fn is_refused(key: &str, model: &str, at: i64) -> bool {
    let name = key.bytes().chain(model.bytes());
    name.fold(at / HOUR_MS, |sum, it| sum.wrapping_mul(31).wrapping_add(i64::from(it))).rem_euclid(97) == 0
}

impl Organization {
    /// Calls `look` with each line of the time from `from` to before `to`, in pieces of `piece_ms`, that can be seen.
    pub(super) fn lines(
        &self,
        (from, to): (i64, i64),
        piece_ms: i64,
        until: Until,
        mut look: impl FnMut(&State, &Line),
    ) {
        let mut day = from - from.rem_euclid(DAY_MS);
        while day < to.min(until.plain.max(until.batch)) {
            let (begin, end) = (day.max(from), (day + DAY_MS).min(to));
            let over = day + DAY_MS <= until.plain.min(until.batch);
            self.read(|state| {
                let by_hand = state.used_by_hand(moment(begin), moment(end)).filter(|it| is_seen(it, until));
                gather(by_hand, piece_ms).iter().for_each(|line| look(state, line));
                if over && piece_ms % HOUR_MS == 0 {
                    let whole = self.day_over(state, day);
                    whole
                        .iter()
                        .filter(|it| begin <= it.about.at && it.about.at < end)
                        .for_each(|line| look(state, line));
                } else {
                    let used = state.used_by_programs(moment(begin), moment(end)).filter(|it| is_seen(it, until));
                    gather(used, piece_ms.min(HOUR_MS)).iter().for_each(|line| look(state, line));
                }
            });
            day += DAY_MS;
        }
    }

    fn day_over(&self, state: &State, day: i64) -> Arc<Vec<Line>> {
        let mut books = self.books();
        if let Some(known) = books.days.get(&day) {
            return Arc::clone(known);
        }
        let lines = Arc::new(gather(state.used_by_programs(moment(day), moment(day + DAY_MS)), HOUR_MS));
        if books.lines + lines.len() > MOST_LINES {
            *books = Books::default();
        }
        books.lines += lines.len();
        books.days.insert(day, Arc::clone(&lines));
        lines
    }

    /// Switches the Usage and Cost Analytics API on or off, as the vendor does.
    pub fn switch_analytics(&self, on: bool) {
        self.bill_by(|bill| bill.no_analytics = !on);
    }

    /// Whether what a key used of a model in the hour of a moment was refused before it was billed: it is counted, and taken off the
    /// bill after three days.
    #[must_use]
    pub fn is_refused(key_id: &str, model: &str, at: Moment) -> bool {
        is_refused(key_id, model, ms(at))
    }

    /// From now on everything costs so many percent less.
    pub fn discount(&self, percent: i64) {
        self.bill_by(|bill| bill.discount = percent);
    }

    fn bill_by(&self, act: impl FnOnce(&mut Bill)) {
        let Ok(()) = self.change(|state, _| {
            act(&mut state.bill);
            Ok::<_, Infallible>(())
        });
    }
}

fn is_seen(used: &Metered, until: Until) -> bool {
    used.minute.as_millisecond() < if used.more.batch { until.batch } else { until.plain }
}

fn gather(used: impl Iterator<Item = Metered>, piece_ms: i64) -> Vec<Line> {
    let mut lines: BTreeMap<Key, Line> = BTreeMap::new();
    for it in used {
        let at = it.minute.as_millisecond();
        let about = Key {
            at: at - at.rem_euclid(piece_ms.min(HOUR_MS)),
            key: it.key_id,
            account: it.more.account,
            workspace_id: it.workspace_id,
            model: it.model,
            batch: it.more.batch,
            us: it.more.us,
            surface: it.more.surface,
            other: it.more.other.map(|(kind, _)| kind),
        };
        let line = lines.entry(about.clone()).or_insert_with(|| Line {
            about,
            requests: 0,
            tokens: [0; CLASSES],
            searches: 0,
            other: 0,
        });
        line.requests += it.requests;
        let more = [it.input_tokens, it.more.cache_read, it.more.cache_5m, it.more.cache_1h, it.output_tokens];
        line.tokens.iter_mut().zip(more).for_each(|(sum, tokens)| *sum += tokens);
        line.searches += it.more.searches;
        line.other += it.more.other.map_or(0, |(_, cost)| cost);
    }
    lines.into_values().collect()
}

/// Microcents as the API writes them: cents, with six decimals.
pub(super) fn cents(amount: i64) -> String {
    let (sign, units) = (if amount < 0 { "-" } else { "" }, amount.unsigned_abs());
    format!("{sign}{}.{:06}", units / 1_000_000, units % 1_000_000)
}

/// A moment in milliseconds.
pub(super) fn ms(at: Moment) -> i64 {
    at.as_millisecond()
}
