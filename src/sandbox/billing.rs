//! The books of the organization: what reports are read from, and what can be done to its bill.

use super::bill::Bill;
use super::books::{Books, DAY_MS, HOUR_MS, Line, MOST_LINES, Until, gather, is_refused, is_seen, ms};
use super::organization::Organization;
use super::state::State;
use crate::clock::{Moment, moment};
use std::convert::Infallible;
use std::sync::Arc;

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
                for line in &gather(by_hand, piece_ms) {
                    look(state, line);
                }
                if over && piece_ms % HOUR_MS == 0 {
                    let whole = self.day_over(state, day);
                    for line in whole.iter().filter(|it| begin <= it.about.at && it.about.at < end) {
                        look(state, line);
                    }
                } else {
                    let used = state.used_by_programs(moment(begin), moment(end)).filter(|it| is_seen(it, until));
                    for line in &gather(used, piece_ms.min(HOUR_MS)) {
                        look(state, line);
                    }
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
