//! What somebody writes to say whose spending, and how much.

use crate::domain::{Amount, Per, Scope};

/// The largest amount that is taken, in microcents: a billion dollars.
const MOST: i64 = 100_000_000_000_000_000;

/// `org`, `workspace:research`, `person:ada@example.com`, `key:…`, `model:…`, `tag:…`.
pub(super) fn scope(text: &str) -> Result<Scope, String> {
    text.parse().map_err(|_| {
        "it is written like org, workspace:research, person:ada@example.com, key:nightly-evals, model:claude-opus-5 or tag:ci"
            .to_owned()
    })
}

/// `day`, `week`, `month`. A list to choose from would stand in Discord's registration five times, and text is scarce there.
pub(super) fn per(text: &str) -> Result<Per, String> {
    Per::named(&text.trim().to_lowercase()).ok_or_else(|| "only day, week or month will".to_owned())
}

/// `500`, `$500`, `1,250.50`.
pub(super) fn usd(text: &str) -> Result<Amount, String> {
    let plain: String =
        text.trim().trim_start_matches('$').chars().filter(|it| !matches!(it, ',' | '_' | '\'')).collect();
    let amount = Amount::from_usd(&plain).filter(|it| (1..=MOST).contains(&it.0));
    amount.ok_or_else(|| "an amount in dollars above 0 is expected, such as 500 or 1250.50".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_in_several_ways() {
        for (text, microcents) in [("500", 50_000_000_000), ("$1,250.50", 125_050_000_000), ("0.01", 1_000_000)] {
            assert_eq!(usd(text), Ok(Amount(microcents)), "{text}");
        }
        for text in ["0", "-5", "", "five", "1e9", "99999999999"] {
            assert!(usd(text).is_err(), "{text}");
        }
    }
}
