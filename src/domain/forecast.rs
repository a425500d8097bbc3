//! What a period will have cost at its end, if it goes on as it went.

use jiff::Span;
use jiff::civil::Date;

use super::Amount;

/// The same weekday counts for so many weeks back.
pub const WEEKS: i64 = 4;

/// What was spent so far, and for each day that is left as much as on the same weekday of the last four weeks; of today, what is
/// left of it by the clock. `days` holds what whole days before today cost; where there was none, it cost nothing. None where
/// there is no week to go by.
#[must_use]
pub fn forecast(so_far: Amount, today: (Date, Amount, i64), last: Date, days: &[(Date, Amount)]) -> Option<Amount> {
    let (today, spent_today, percent_gone) = today;
    let known_weeks =
        days.iter().map(|it| it.0).min().map(|first| i64::from((today - first).get_days()) / 7)?.min(WEEKS);
    if known_weeks == 0 {
        return None;
    }
    let usual = |day: Date| -> Option<Amount> {
        let mut sum = Amount::ZERO;
        let mut before = day;
        let mut found = 0;
        while found < known_weeks {
            before = before.checked_sub(Span::new().days(7)).ok()?;
            if before < today {
                sum += days.iter().filter(|it| it.0 == before).map(|it| it.1).sum();
                found += 1;
            }
        }
        Some(Amount(sum.0 / known_weeks))
    };
    // What today has cost beyond its usual is not taken back.
    let rest_of_today = Amount(usual(today)?.0 / 100 * (100 - percent_gone.clamp(0, 100)));
    let rest_of_today = if spent_today.is_zero() && percent_gone == 0 { usual(today)? } else { rest_of_today };
    let mut all = so_far + rest_of_today;
    let mut day = today.tomorrow().ok()?;
    while day <= last {
        all += usual(day)?;
        day = day.tomorrow().ok()?;
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_goes_on_as_its_weekdays_did() {
        let day = |text: &str| text.parse::<Date>().expect("a day");
        // Four weeks before Wednesday the 18th: 10 on each working day, nothing at weekends.
        let mut days = Vec::new();
        let mut at = day("2026-10-21");
        while at < day("2026-11-18") {
            let working = at.weekday().to_monday_zero_offset() < 5;
            days.push((at, Amount(if working { 1_000 } else { 0 })));
            at = at.tomorrow().expect("a day");
        }
        let today = (day("2026-11-18"), Amount(500), 50);
        // Half of the 18th, then Thursday and Friday, the week of the 23rd, and Monday the 30th.
        assert_eq!(
            forecast(Amount(9_000), today, day("2026-11-30"), &days),
            Some(Amount(9_000 + 500 + 2_000 + 5_000 + 1_000))
        );
        assert_eq!(forecast(Amount(9_000), today, day("2026-11-18"), &days), Some(Amount(9_500)));
        assert_eq!(forecast(Amount(9_000), today, day("2026-11-30"), &days[25..]), None, "there is no week to go by");
        assert_eq!(forecast(Amount(9_000), today, day("2026-11-30"), &[]), None);
    }
}
