//! Calendar periods in a time zone: the day, the week from Monday, the month. What is spent is counted in them.
//!
//! A period begins at the first moment of its first day there, which a change of the clocks can put at another hour than
//! midnight, and ends where the next one begins: no moment lies between two, none in both.

use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};
use serde::{Deserialize, Serialize};

use super::Day;
use crate::clock::Moment;

/// How long a period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// A calendar day.
    Day,
    /// A week, from Monday.
    Week,
    /// A calendar month.
    Month,
}

impl Per {
    /// All of them, the shortest first.
    pub const ALL: [Self; 3] = [Self::Day, Self::Week, Self::Month];

    /// The name in the configuration and in commands.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == name)
    }

    /// Its present one, in a sentence.
    #[must_use]
    pub fn this(self) -> &'static str {
        match self {
            Self::Day => "today",
            Self::Week => "this week",
            Self::Month => "this month",
        }
    }

    /// From the first day of one to that of the next.
    pub(super) fn span(self) -> Span {
        match self {
            Self::Day => 1.day(),
            Self::Week => 1.week(),
            Self::Month => 1.month(),
        }
    }

    /// The first day of the one that `day` lies in.
    pub(super) fn first(self, day: Date) -> Option<Date> {
        match self {
            Self::Day => Some(day),
            Self::Week => day.checked_sub(i64::from(day.weekday().to_monday_zero_offset()).days()).ok(),
            Self::Month => Some(day.first_of_month()),
        }
    }
}

impl fmt::Display for Per {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whole days of a zone: one period, as a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub first: Date,
    /// The day after the last one.
    pub next: Date,
    /// The first moment.
    pub from: Moment,
    /// The first moment behind it.
    pub to: Moment,
}

impl Period {
    /// The one that `at` lies in. None at the ends of the calendar.
    #[must_use]
    pub fn around(per: Per, at: Moment, zone: &TimeZone) -> Option<Self> {
        let first = per.first(zone.to_datetime(at).date())?;
        Self::of(first, first.checked_add(per.span()).ok()?, zone)
    }

    /// The one before it, if it is one `per` that. None at the ends of the calendar.
    #[must_use]
    pub fn before(&self, per: Per, zone: &TimeZone) -> Option<Self> {
        Self::of(self.first.checked_sub(per.span()).ok()?, self.first, zone)
    }

    pub(super) fn of(first: Date, next: Date, zone: &TimeZone) -> Option<Self> {
        Some(Self { first, next, from: Day::beginning(first, zone)?.at, to: Day::beginning(next, zone)?.at })
    }

    /// Its days, in order.
    pub fn days(&self) -> impl Iterator<Item = Date> {
        let next = self.next;
        self.first.series(1.day()).take_while(move |it| *it < next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).expect("a zone")
    }

    fn around(per: Per, at: &str, name: &str) -> (String, String) {
        let period = Period::around(per, at.parse().expect("a moment"), &zone(name)).expect("a period");
        (period.from.to_string(), period.to.to_string())
    }

    fn is(found: &(String, String), from: &str, to: &str) {
        assert_eq!((found.0.as_str(), found.1.as_str()), (from, to));
    }

    #[test]
    fn periods_begin_where_people_say_so() {
        is(&around(Per::Month, "2028-02-29T12:00:00Z", "UTC"), "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z");
        is(&around(Per::Week, "2028-03-01T00:00:00Z", "UTC"), "2028-02-28T00:00:00Z", "2028-03-06T00:00:00Z");
        // Sunday's last minute, and Monday's first.
        is(&around(Per::Week, "2026-11-29T22:59:59Z", "Europe/Berlin"), "2026-11-22T23:00:00Z", "2026-11-29T23:00:00Z");
        is(&around(Per::Week, "2026-11-29T23:00:00Z", "Europe/Berlin"), "2026-11-29T23:00:00Z", "2026-12-06T23:00:00Z");
        // The month of a change of the clocks is an hour longer or shorter, and so is the day.
        is(
            &around(Per::Month, "2027-03-15T00:00:00Z", "Europe/Berlin"),
            "2027-02-28T23:00:00Z",
            "2027-03-31T22:00:00Z",
        );
        is(&around(Per::Day, "2027-03-28T12:00:00Z", "Europe/Berlin"), "2027-03-27T23:00:00Z", "2027-03-28T22:00:00Z");
        is(&around(Per::Day, "2027-10-31T12:00:00Z", "Europe/Berlin"), "2027-10-30T22:00:00Z", "2027-10-31T23:00:00Z");
        // A midnight that is there twice, and one that never comes.
        is(&around(Per::Day, "2027-11-07T06:30:00Z", "America/Havana"), "2027-11-07T04:00:00Z", "2027-11-08T05:00:00Z");
        is(&around(Per::Day, "2027-03-28T12:00:00Z", "Asia/Beirut"), "2027-03-27T22:00:00Z", "2027-03-28T21:00:00Z");
    }
}
