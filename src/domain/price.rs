//! What tokens cost at list prices: a table with dates, and the few rules that change a price.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::amount::decimal;
use super::{Amount, Tokens};
use crate::clock::Moment;

/// Decimals of a dollar for a million tokens that are kept: a unit is a hundredth of a microcent for one token.
const DECIMALS: usize = 4;
const UNIT: i128 = 100;

/// What a million tokens cost, in units of 0.0001 USD, by class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Rates {
    /// Read, and from no cache.
    pub input: i64,
    /// Read from a cache.
    pub cache_read: i64,
    /// Written to a cache for five minutes.
    pub cache_5m: i64,
    /// Written to a cache for an hour.
    pub cache_1h: i64,
    /// Written as an answer.
    pub output: i64,
}

impl Rates {
    /// Reads a price in dollars; none of a text that is no decimal number, or below zero.
    #[must_use]
    pub fn read(text: &str) -> Option<i64> {
        decimal(text, DECIMALS).filter(|it| *it >= 0)
    }

    fn of(&self, tokens: &Tokens) -> i128 {
        let classes = [
            (self.input, tokens.input),
            (self.cache_read, tokens.cache_read),
            (self.cache_5m, tokens.cache_5m),
            (self.cache_1h, tokens.cache_1h),
            (self.output, tokens.output),
        ];
        classes.into_iter().map(|(rate, tokens)| i128::from(rate) * i128::from(tokens)).sum()
    }
}

/// One price.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Price {
    /// Whose: names, which also stand for their dated forms.
    pub models: Vec<String>,
    /// Its first day, UTC; none: always.
    pub from: Option<Date>,
    /// What it is.
    pub rates: Rates,
    /// What it is for prompts beyond 200,000 tokens.
    pub long: Option<Rates>,
    /// True if it is a tenth more for what stays in the US.
    pub us: bool,
}

/// All prices. Earlier lists outrank later ones for the models that they name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Prices {
    /// The operator's list, if there is one, then the shipped one.
    pub lists: Vec<Vec<Price>>,
    /// A thousand searches on the web, in units of 0.0001 USD.
    pub searches: i64,
}

/// How tokens were used, as far as it changes their price.
#[derive(Clone, Copy, Debug)]
pub struct Manner<'a> {
    /// The model.
    pub model: &'a str,
    /// `standard`, `batch` …
    pub tier: &'a str,
    /// `global`, `us` …
    pub geo: &'a str,
    /// `0-200k` …
    pub context: &'a str,
}

impl Prices {
    /// The price that holds for a model at a moment.
    #[must_use]
    pub fn price(&self, model: &str, at: Moment) -> Option<&Price> {
        let day = TimeZone::UTC.to_datetime(at).date();
        self.lists.iter().find_map(|list| {
            let of_it = list.iter().filter(|it| it.models.iter().any(|name| is_called(name, model)));
            of_it.filter(|it| it.from.is_none_or(|from| from <= day)).max_by_key(|it| it.from)
        })
    }

    /// What tokens cost, without their searches. None of a model that has no price, and of tiers whose prices nobody publishes.
    #[must_use]
    pub fn of_tokens(&self, manner: Manner<'_>, at: Moment, tokens: &Tokens) -> Option<Amount> {
        let batch = match manner.tier {
            "" | "standard" => false,
            "batch" => true,
            _ => return None,
        };
        let price = self.price(manner.model, at)?;
        let rates = price.long.filter(|_| manner.context == "200k-1M").unwrap_or(price.rates);
        let (times, of) = match (batch, price.us && manner.geo == "us") {
            (false, false) => (1, UNIT),
            (true, false) => (1, 2 * UNIT),
            (false, true) => (11, 10 * UNIT),
            (true, true) => (11, 20 * UNIT),
        };
        let exact = rates.of(tokens) * times;
        Some(Amount(i64::try_from((exact + of / 2) / of).unwrap_or(i64::MAX)))
    }

    /// What searches on the web cost.
    #[must_use]
    pub fn of_searches(&self, searches: i64) -> Amount {
        // 0.0001 USD for a thousand are ten microcents for one.
        Amount(searches.saturating_mul(self.searches.saturating_mul(10)))
    }
}

/// True for the name itself, and for the name with a date behind it.
fn is_called(name: &str, model: &str) -> bool {
    let rest = model.strip_prefix(name);
    rest.is_some_and(|rest| {
        rest.is_empty()
            || rest.strip_prefix('-').is_some_and(|it| it.len() == 8 && it.bytes().all(|digit| digit.is_ascii_digit()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Prices {
        let rates = |input, output| Rates { input, cache_read: 1_000, cache_5m: 25_000, cache_1h: 40_000, output };
        let price = |from: Option<&str>, input| Price {
            models: vec!["claude-x".into()],
            from: from.map(|it| it.parse().expect("a day")),
            rates: rates(input, 100_000),
            long: Some(rates(2 * input, 200_000)),
            us: true,
        };
        Prices { lists: vec![vec![price(Some("2026-10-07"), 10_000), price(None, 20_000)]], searches: 100_000 }
    }

    fn cost(model: &str, [tier, geo, context]: [&str; 3], day: &str) -> Option<i64> {
        let tokens = Tokens { input: 1_000_000, output: 7, ..Tokens::default() };
        let at = format!("{day}T12:00:00Z").parse().expect("a moment");
        table().of_tokens(Manner { model, tier, geo, context }, at, &tokens).map(|it| it.0)
    }

    #[test]
    fn a_price_has_its_time_and_its_modifiers() {
        let plain = ["standard", "global", "0-200k"];
        assert_eq!(cost("claude-x", plain, "2026-10-06"), Some(200_007_000), "2 dollars and 7 times 10 for a million");
        assert_eq!(cost("claude-x", plain, "2026-10-07"), Some(100_007_000));
        assert_eq!(cost("claude-x", ["batch", "global", ""], "2026-11-01"), Some(50_003_500));
        assert_eq!(cost("claude-x", ["", "us", ""], "2026-11-01"), Some(110_007_700));
        assert_eq!(cost("claude-x", ["batch", "us", ""], "2026-11-01"), Some(55_003_850));
        assert_eq!(cost("claude-x", ["", "", "200k-1M"], "2026-11-01"), Some(200_014_000));
        assert_eq!(table().of_searches(3).0, 3_000_000, "a cent each");
    }

    #[test]
    fn what_nobody_priced_has_no_price() {
        let plain = ["standard", "global", "0-200k"];
        assert_eq!(cost("claude-x-20260101", plain, "2026-11-01"), Some(100_007_000), "its dated form is the same");
        for unknown in ["claude-x-2", "claude-xy", "claude", "claude-x-2026010", ""] {
            assert_eq!(cost(unknown, plain, "2026-11-01"), None, "{unknown}");
        }
        assert_eq!(cost("claude-x", ["priority", "", ""], "2026-11-01"), None);
    }

    #[test]
    fn the_operators_list_comes_first() {
        let mut prices = table();
        let own = Price {
            models: vec!["claude-x".into()],
            from: Some("2026-12-01".parse().expect("a day")),
            ..prices.lists[0][0].clone()
        };
        prices.lists.insert(0, vec![own]);
        let from = |day: &str| {
            prices.price("claude-x", format!("{day}T00:00:00Z").parse().expect("a moment")).and_then(|it| it.from)
        };
        assert_eq!(from("2026-12-01").map(|it| it.to_string()).as_deref(), Some("2026-12-01"));
        assert_eq!(
            from("2026-11-30").map(|it| it.to_string()).as_deref(),
            Some("2026-10-07"),
            "before it, the shipped one"
        );
    }
}
