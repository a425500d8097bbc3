//! Days, as commands take them.

use jiff::civil::Date;

use super::Tools;
use crate::change::Failure;
use crate::clock::moment;
use crate::domain::Day;

/// A calendar day, nothing else: `2026-12-31`.
pub(super) fn day(text: &str) -> Result<Date, String> {
    let shaped = text.len() == "2026-12-31".len() && text.bytes().all(|it| it.is_ascii_digit() || it == b'-');
    let day = if shaped { text.parse().ok() } else { None };
    day.ok_or_else(|| "a day is written like 2026-12-31".to_owned())
}

/// From the beginning of this day, in the configuration's zone; none is today.
pub(super) fn from(tools: &Tools, day: Option<Date>) -> Result<Day, Failure> {
    let zone = tools.rules.now().zone();
    let today = || zone.to_datetime(tools.clock.now()).date();
    Day::beginning(day.unwrap_or_else(today), &zone).ok_or_else(outside)
}

/// To the end of this day, in the configuration's zone.
pub(super) fn through(tools: &Tools, day: Date) -> Result<Day, Failure> {
    Day::end(day, &tools.rules.now().zone()).ok_or_else(outside)
}

/// The day in so many days.
pub(super) fn in_days(tools: &Tools, days: i64) -> Date {
    let at = moment(tools.clock.now().as_millisecond() + days * 86_400_000);
    tools.rules.now().zone().to_datetime(at).date()
}

fn outside() -> Failure {
    Failure::mistake("That day is outside the calendar.", "Days are written like 2026-12-31.")
}
