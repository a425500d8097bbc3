//! What was used and what it costs, hour by hour: what all reports are made of. Days that are over are worked out once.

use super::bill::Bill;
use super::meter::{Metered, Other, Surface};
use super::price::{self, CLASSES};
use crate::clock::Moment;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) const HOUR_MS: i64 = 3_600_000;
pub(super) const DAY_MS: i64 = 24 * HOUR_MS;
/// So many lines are kept at most.
pub(super) const MOST_LINES: usize = 600_000;
/// What was refused before it was billed is taken off the bill after so long.
const CORRECTED_MS: i64 = 3 * DAY_MS;

/// What one key used of one model in one piece of time, all in one way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct About {
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
    pub(super) about: About,
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
    pub(super) days: BTreeMap<i64, Arc<Vec<Line>>>,
    pub(super) lines: usize,
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
pub(super) fn is_refused(key: &str, model: &str, at: i64) -> bool {
    let name = key.bytes().chain(model.bytes());
    name.fold(at / HOUR_MS, |sum, it| sum.wrapping_mul(31).wrapping_add(i64::from(it))).rem_euclid(97) == 0
}

pub(super) fn is_seen(used: &Metered, until: Until) -> bool {
    used.minute.as_millisecond() < if used.more.batch { until.batch } else { until.plain }
}

pub(super) fn gather(used: impl Iterator<Item = Metered>, piece_ms: i64) -> Vec<Line> {
    let mut lines: BTreeMap<About, Line> = BTreeMap::new();
    for it in used {
        let at = it.minute.as_millisecond();
        let about = About {
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
