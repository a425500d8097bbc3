//! How spending is said.

use crate::chat::{Text, grouped};
use crate::clock::Moment;
use crate::domain::Stretch;
use crate::domain::{Amount, Basis, Spent, Timeframe};
use crate::view;

/// `in November`, `today`: the period, as the end of a sentence.
pub(super) fn period(period: Timeframe, stretch: &Stretch) -> String {
    let month = |at: jiff::civil::Date| at.strftime("%B %Y").to_string();
    match period {
        Timeframe::Today => "today".to_owned(),
        Timeframe::Week => "this week".to_owned(),
        Timeframe::Month => format!("in {} so far", month(stretch.first)),
        Timeframe::LastMonth => format!("in {}", month(stretch.first)),
        Timeframe::Days(first, last) if first == last => format!("on {first}"),
        Timeframe::Days(first, last) => format!("from {first} to {last}"),
    }
}

/// What it is compared with.
pub(super) fn before(period: Timeframe, stretch: &Stretch) -> &'static str {
    match (period, stretch.runs()) {
        (Timeframe::Today, _) => "Yesterday by now",
        (Timeframe::Week, _) => "Last week by now",
        (Timeframe::Month, _) => "Last month by now",
        (Timeframe::LastMonth, _) => "The month before",
        (Timeframe::Days(..), true) => "The time before, as long",
        (Timeframe::Days(..), false) => "The days before, as many",
    }
}

/// Many tokens, as people read them: `1,234`, `56.7 thousand`, `8.9 million`.
pub(super) fn tokens(count: i64) -> String {
    let read = |unit: i64, name: &str| {
        let tenths = count / (unit / 10);
        format!("{}.{} {name}", grouped(u64::try_from(tenths / 10).unwrap_or(0)), tenths % 10)
    };
    match count {
        ..100_000 => grouped(u64::try_from(count).unwrap_or(0)),
        100_000..1_000_000 => read(1_000, "thousand"),
        1_000_000..1_000_000_000 => read(1_000_000, "million"),
        _ => read(1_000_000_000, "billion"),
    }
}

/// `+12 %`: how an amount has changed. Nothing where there was nothing before.
pub(super) fn delta(now: Amount, before: Amount) -> Option<String> {
    if before.is_zero() {
        return None;
    }
    let percent = (now - before).percent_of(before)?;
    Some(match percent {
        0 => "0 %".to_owned(),
        1_000.. => "more than ten times as much".to_owned(),
        _ => format!("{percent:+} %"),
    })
}

/// How sure a figure is, part by part, and how old.
pub(super) fn ground(spent: &Spent, now: Moment) -> Text {
    let parts = [
        (Basis::Billed, spent.parts.billed),
        (Basis::Reconciled, spent.parts.reconciled),
        (Basis::Estimate, spent.parts.estimate),
    ];
    let there: Vec<String> =
        parts.iter().filter(|it| !it.1.is_zero()).map(|(basis, part)| format!("{part} {basis}")).collect();
    let said = match there.len() {
        0 => spent.basis.to_string(),
        1 => parts.iter().find(|it| !it.1.is_zero()).map_or_else(String::new, |it| it.0.to_string()),
        _ => there.join(", "),
    };
    Text::plain(format!("{said}; data as of {}", view::age(spent.as_of, now)))
}
