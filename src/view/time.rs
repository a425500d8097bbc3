//! Spans of time, as people say them.

use crate::clock::Moment;

/// How long ago `then` was: "just now", "5 minutes ago", "3 days ago".
#[must_use]
pub fn age(then: Moment, now: Moment) -> String {
    match now.as_second() - then.as_second() {
        ..60 => "just now".into(),
        seconds => format!("{} ago", span(seconds)),
    }
}

/// So many seconds, in the largest unit that fits.
#[must_use]
pub fn span(seconds: i64) -> String {
    let (count, unit) = match seconds {
        ..60 => (seconds.max(0), "second"),
        60..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

#[cfg(test)]
mod tests {
    use super::span;

    #[test]
    fn spans_are_said_in_the_largest_unit() {
        assert_eq!(
            [span(0), span(1), span(90), span(7_200), span(86_400 * 3)].join(", "),
            "0 seconds, 1 second, 1 minute, 2 hours, 3 days"
        );
    }
}
