//! Calendar periods, in a zone: what people ask about, and what to compare it with.

use std::fmt;
use std::str::FromStr;

use jiff::Span;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::Day;
use crate::clock::Moment;

/// A period as somebody asks for it. Whatever runs still, ends now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timeframe {
    /// `today`.
    Today,
    /// `week`: since Monday.
    Week,
    /// `month`: since the first.
    Month,
    /// `last-month`: the whole of it.
    LastMonth,
    /// `2026-11-01..2026-11-15`, both days included.
    Days(Date, Date),
}

/// Not a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a period is today, week, month, last-month or two days, 2026-11-01..2026-11-15")]
pub struct BadTimeframe;

/// A period in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Its beginning.
    pub from: Moment,
    /// Its end, or now, if that comes first.
    pub to: Moment,
    /// Its end.
    pub end: Moment,
    /// Its first day.
    pub first: Date,
    /// Its last day.
    pub last: Date,
    /// What to compare it with begins here.
    pub before_from: Moment,
    /// And ends here: after as much time as the period has had so far.
    pub before_to: Moment,
}

impl Stretch {
    /// True if it is not over.
    #[must_use]
    pub fn runs(&self) -> bool {
        self.to < self.end
    }
}

impl Timeframe {
    /// The period as it is at `now` in `zone`. None outside of the calendar, and for one that has not begun.
    #[must_use]
    pub fn at(self, now: Moment, zone: &TimeZone) -> Option<Stretch> {
        let today = zone.to_datetime(now).date();
        let (first, last) = match self {
            Self::Today => (today, today),
            Self::Week => {
                let monday = back(today, i64::from(today.weekday().to_monday_zero_offset()))?;
                (monday, back(monday, -6)?)
            }
            Self::Month => (today.first_of_month(), today.last_of_month()),
            Self::LastMonth => {
                let last = back(today.first_of_month(), 1)?;
                (last.first_of_month(), last)
            }
            Self::Days(first, last) => (first, last),
        };
        let begins = |day: Date| Day::beginning(day, zone).map(|it| it.at);
        let (from, end) = (begins(first)?, begins(back(last, -1)?)?);
        let to = end.min(now);
        if from >= to {
            return None;
        }
        let before = match self {
            Self::Today => back(first, 1)?,
            Self::Week => back(first, 7)?,
            Self::Month | Self::LastMonth => back(first, 1)?.first_of_month(),
            Self::Days(..) => back(first, i64::from((last - first).get_days()) + 1)?,
        };
        let before_from = begins(before)?;
        let so_far = to.as_millisecond() - from.as_millisecond();
        let before_to =
            if to == end { from } else { crate::clock::moment(before_from.as_millisecond() + so_far).min(from) };
        Some(Stretch { from, to, end, first, last, before_from, before_to })
    }
}

fn back(day: Date, days: i64) -> Option<Date> {
    day.checked_sub(Span::new().try_days(days).ok()?).ok()
}

impl FromStr for Timeframe {
    type Err = BadTimeframe;

    fn from_str(text: &str) -> Result<Self, BadTimeframe> {
        let day = |text: &str| {
            let shaped = text.len() == 10 && text.bytes().all(|it| it.is_ascii_digit() || it == b'-');
            if shaped { text.parse::<Date>().map_err(|_| BadTimeframe) } else { Err(BadTimeframe) }
        };
        match text.trim().to_ascii_lowercase().as_str() {
            "today" => Ok(Self::Today),
            "week" => Ok(Self::Week),
            "month" => Ok(Self::Month),
            "last-month" => Ok(Self::LastMonth),
            text => match text.split_once("..") {
                Some((first, last)) => {
                    let (first, last) = (day(first)?, day(last)?);
                    if first <= last { Ok(Self::Days(first, last)) } else { Err(BadTimeframe) }
                }
                None => day(text).map(|it| Self::Days(it, it)),
            },
        }
    }
}

impl fmt::Display for Timeframe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Today => f.write_str("today"),
            Self::Week => f.write_str("week"),
            Self::Month => f.write_str("month"),
            Self::LastMonth => f.write_str("last-month"),
            Self::Days(first, last) => write!(f, "{first}..{last}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(period: &str, zone: &str) -> String {
        let zone = TimeZone::get(zone).expect("a zone");
        let now = "2026-11-18T09:30:00Z".parse().expect("a moment");
        let period: Timeframe = period.parse().expect("a period");
        match period.at(now, &zone) {
            None => "none".to_owned(),
            Some(it) => format!("{} {} {} | {} {}", it.from, it.to, it.runs(), it.before_from, it.before_to),
        }
    }

    #[test]
    fn periods_begin_where_the_calendar_says_so() {
        let (utc, berlin) = ("UTC", "Europe/Berlin");
        assert_eq!(
            shown("today", utc),
            "2026-11-18T00:00:00Z 2026-11-18T09:30:00Z true | 2026-11-17T00:00:00Z 2026-11-17T09:30:00Z"
        );
        assert_eq!(
            shown("week", utc),
            "2026-11-16T00:00:00Z 2026-11-18T09:30:00Z true | 2026-11-09T00:00:00Z 2026-11-11T09:30:00Z"
        );
        assert_eq!(
            shown("month", berlin),
            "2026-10-31T23:00:00Z 2026-11-18T09:30:00Z true | 2026-09-30T22:00:00Z 2026-10-18T08:30:00Z"
        );
        assert_eq!(
            shown("last-month", berlin),
            "2026-09-30T22:00:00Z 2026-10-31T23:00:00Z false | 2026-08-31T22:00:00Z 2026-09-30T22:00:00Z"
        );
        assert_eq!(
            shown("2026-11-02..2026-11-04", utc),
            "2026-11-02T00:00:00Z 2026-11-05T00:00:00Z false | 2026-10-30T00:00:00Z 2026-11-02T00:00:00Z"
        );
        assert_eq!(shown("2026-12-02", utc), "none", "it has not begun");
    }

    #[test]
    fn a_period_is_read_as_it_is_written() {
        for text in ["today", "week", "month", "last-month", "2026-11-01..2026-11-15"] {
            assert_eq!(text.parse::<Timeframe>().map(|it| it.to_string()), Ok(text.to_owned()));
        }
        for bad in ["", "year", "2026-11-15..2026-11-01", "2026-11..2026-12", "..", "2026-13-01"] {
            assert_eq!(bad.parse::<Timeframe>(), Err(BadTimeframe), "{bad:?}");
        }
    }
}
