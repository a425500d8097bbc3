//! Reports that a channel gets by itself: of what kind, how often, about which time.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use super::{Per, Period};
use crate::clock::Moment;

/// What a report is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReportKind {
    /// What was spent.
    Digest,
    /// Limits that come near, and days that are unlike others.
    Warnings,
    /// What was asked for, and what waits.
    Requests,
    /// What was done, by the audit trail.
    Audit,
}

/// How often a report is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rhythm {
    /// Each day, about the day before.
    Daily,
    /// On Mondays, about the week before.
    Weekly,
    /// On the first, about the month before.
    Monthly,
}

impl ReportKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Digest, Self::Warnings, Self::Requests, Self::Audit];

    /// The word in commands and rows.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Digest => "digest",
            Self::Warnings => "warnings",
            Self::Requests => "requests",
            Self::Audit => "audit",
        }
    }

    /// The kind of that word.
    #[must_use]
    pub fn stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }

    /// True for what is told at its hour; warnings are told when there are any.
    #[must_use]
    pub fn is_scheduled(self) -> bool {
        self != Self::Warnings
    }
}

impl Rhythm {
    /// The word in commands and rows.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
        }
    }

    /// The rhythm of that word.
    #[must_use]
    pub fn stored(text: &str) -> Option<Self> {
        [Self::Daily, Self::Weekly, Self::Monthly].into_iter().find(|it| it.as_str() == text)
    }

    /// The periods that it is about.
    fn per(self) -> Per {
        match self {
            Self::Daily => Per::Day,
            Self::Weekly => Per::Week,
            Self::Monthly => Per::Month,
        }
    }
}

/// When a report is told: at this time of day, on the wall clock of a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beat {
    /// How often.
    pub rhythm: Rhythm,
    /// Minutes after midnight.
    pub minute: u16,
    /// The zone's name, such as `Europe/Berlin`.
    pub zone: String,
}

impl Beat {
    /// The zone; UTC if it is no longer known.
    #[must_use]
    pub fn time_zone(&self) -> TimeZone {
        TimeZone::get(&self.zone).unwrap_or(TimeZone::UTC)
    }

    /// The time of day, as it is written: `09:00`.
    #[must_use]
    pub fn time(&self) -> String {
        format!("{:02}:{:02}", self.minute / 60, self.minute % 60)
    }

    /// The first time after `moment` that it is due. Each day has one such time, also one with 23 or 25 hours, and also
    /// where the clocks skip it or show it twice.
    #[must_use]
    pub fn after(&self, moment: Moment) -> Option<Moment> {
        let zone = self.time_zone();
        let today = zone.to_datetime(moment).date();
        let (hour, minute) = (i8::try_from(self.minute / 60).ok()?, i8::try_from(self.minute % 60).ok()?);
        let time = Time::new(hour, minute, 0, 0).ok()?;
        // From the day before: where the clocks go forward at midnight, its time may lie in today.
        let mut first = self.rhythm.per().first(today.yesterday().ok()?)?;
        for _ in 0..4 {
            match at(first, time, &zone) {
                Some(due) if due > moment => return Some(due),
                _ => first = first.checked_add(self.rhythm.per().span()).ok()?,
            }
        }
        None
    }

    /// What a report that is due at `moment` is about, and the period before that one.
    #[must_use]
    pub fn periods(&self, moment: Moment) -> Option<(Period, Period)> {
        let zone = self.time_zone();
        let per = self.rhythm.per();
        let last = Period::around(per, moment, &zone)?.before(per, &zone)?;
        Some((last, last.before(per, &zone)?))
    }
}

/// A time on the wall. One that the clocks skip is moved on by what they skip; of one that they show twice, the first counts.
fn at(day: Date, time: Time, zone: &TimeZone) -> Option<Moment> {
    zone.to_ambiguous_timestamp(day.to_datetime(time)).compatible().ok()
}

/// A channel that wants a kind of report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// The channel, as targets are written: `slack:C0APPROVE`.
    pub channel: String,
    /// What it wants.
    pub kind: ReportKind,
    /// When.
    pub beat: Beat,
    /// Whether people and keys are named.
    pub names: bool,
    /// Whether nothing is said when nothing is notable.
    pub quiet: bool,
    /// The account that subscribed.
    pub made_by: String,
    /// When it is due next; never for warnings.
    pub due: Option<Moment>,
    /// Until when nothing is said, and why.
    pub snoozed: Option<(Moment, Option<String>)>,
}

impl Subscription {
    /// True while nothing is said.
    #[must_use]
    pub fn is_snoozed(&self, now: Moment) -> bool {
        self.snoozed.as_ref().is_some_and(|(until, _)| *until > now)
    }
}

/// What a report counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Money, in microcents.
    Money,
    /// Things, by what one and several of them are called.
    Count(&'static str, &'static str),
}

/// A figure of this period and of the one before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// What it is of.
    pub name: String,
    /// In this period.
    pub now: i64,
    /// In the one before.
    pub before: i64,
}

/// Figures side by side, the largest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranking {
    /// By what: `workspace`.
    pub by: &'static str,
    /// All of them.
    pub lines: Vec<Line>,
}

/// A report's figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What it is about.
    pub kind: ReportKind,
    /// How often it is told.
    pub rhythm: Rhythm,
    /// The time it is about.
    pub period: Period,
    /// What is counted.
    pub unit: Unit,
    /// All of it.
    pub total: Line,
    /// Each day, and the one as far into the period before, if that has one.
    pub days: Vec<(Date, i64, Option<i64>)>,
    /// By what it can be told apart.
    pub rankings: Vec<Ranking>,
    /// What else is to be known, a sentence each.
    pub notes: Vec<String>,
    /// True if something waits for somebody.
    pub waits: bool,
}

/// From here on a change is notable, in percent of the period before.
const NOTABLE_PERCENT: i64 = 20;
/// Less money than this is not notable: one dollar, in microcents.
const NOTABLE_MONEY: i64 = 100_000_000;

impl Report {
    /// True if it would be missed. A quiet channel hears nothing else.
    #[must_use]
    pub fn is_notable(&self) -> bool {
        let (now, before) = (self.total.now, self.total.before);
        match self.unit {
            Unit::Count(..) => now > 0 || self.waits,
            Unit::Money => {
                let change = now.saturating_sub(before).saturating_abs();
                change >= NOTABLE_MONEY && change.saturating_mul(100) >= before.saturating_mul(NOTABLE_PERCENT)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beat(rhythm: Rhythm, minute: u16, zone: &str) -> Beat {
        Beat { rhythm, minute, zone: zone.into() }
    }

    fn read(text: &str) -> Moment {
        text.parse().expect("a moment")
    }

    #[test]
    fn each_day_of_three_years_has_one_time_in_every_zone() {
        let zones =
            ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu"];
        for zone in zones {
            for minute in [0, 90, 150, 180, 540, 1_439] {
                let beat = beat(Rhythm::Daily, minute, zone);
                let mut now = read("2026-01-01T12:00:00Z");
                let mut last: Option<Date> = None;
                while now < read("2029-01-01T12:00:00Z") {
                    let due = beat.after(now).expect("the calendar goes on");
                    let (told, before) = beat.periods(due).expect("the calendar goes on");
                    if let Some(last) = last {
                        assert_eq!(told.first, last, "{zone} {minute}: {due} follows the one before");
                    }
                    assert_eq!((before.next, before.to), (told.first, told.from), "{zone}: without a gap");
                    assert!(told.to <= due && told.days().count() == 1, "{zone} {minute}: {due}");
                    (now, last) = (due, Some(told.next));
                }
            }
        }
    }

    #[test]
    fn what_the_clocks_skip_is_told_later_and_what_they_repeat_once() {
        let daily = beat(Rhythm::Daily, 150, "Europe/Berlin");
        let next = |from: &str| daily.after(read(from)).expect("a time").to_string();
        assert_eq!(next("2027-03-27T12:00:00Z"), "2027-03-28T01:30:00Z", "half past two is skipped: half past three");
        assert_eq!(next("2027-10-30T12:00:00Z"), "2027-10-31T00:30:00Z", "the first half past two");
        assert_eq!(next("2027-10-31T00:30:00Z"), "2027-11-01T01:30:00Z", "not the second one");
    }

    #[test]
    fn weeks_begin_on_mondays_and_months_on_the_first() {
        let weekly = beat(Rhythm::Weekly, 540, "Europe/Berlin");
        let due = weekly.after(read("2026-11-28T16:00:00Z")).expect("a time");
        assert_eq!(due.to_string(), "2026-11-30T08:00:00Z");
        let (told, before) = weekly.periods(due).expect("a week");
        assert_eq!(
            [told.first, told.next, before.first].map(|it| it.to_string()),
            ["2026-11-23", "2026-11-30", "2026-11-16"]
        );
        assert_eq!(told.days().count(), 7);
        let monthly = beat(Rhythm::Monthly, 0, "UTC");
        let due = monthly.after(read("2028-02-29T00:00:00Z")).expect("a time");
        assert_eq!(due.to_string(), "2028-03-01T00:00:00Z");
        let (told, before) = monthly.periods(due).expect("a month");
        assert_eq!((told.days().count(), before.days().count()), (29, 31));
    }
}
