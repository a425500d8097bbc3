//! The price table: the shipped one, and the operator's own on top of it.

use std::path::Path;

use jiff::civil::Date;
use toml::de::DeValue;

use super::document::{Document, Section};
use super::error::{Error, Mistakes, Wrong, wrong};
use super::load::read_text;
use super::value;
use crate::domain::{Price, Prices, Rates};

const SHIPPED: &str = include_str!("prices.toml");

/// What a file of prices says.
#[derive(Default)]
struct File {
    searches: Option<i64>,
    prices: Vec<Price>,
}

/// The prices that Steward comes with.
#[must_use]
pub fn shipped_prices() -> Prices {
    let mistakes = Mistakes::default();
    let file = parse(SHIPPED, "the shipped price table", &mistakes);
    Prices { lists: vec![file.prices], searches: file.searches.unwrap_or_default() }
}

/// The shipped prices, and those of the file at `own` before them.
pub(super) fn prices(own: Option<&Path>) -> Result<Prices, Error> {
    let mut all = shipped_prices();
    let Some(path) = own else { return Ok(all) };
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let text = read_text(path).map_err(|why| Error::alone(format!("the price table {name} {why}")))?;
    let mistakes = Mistakes::default();
    let file = parse(&text, &name, &mistakes);
    let file = mistakes.or(file)?;
    all.lists.insert(0, file.prices);
    all.searches = file.searches.unwrap_or(all.searches);
    Ok(all)
}

fn parse(text: &str, name: &str, mistakes: &Mistakes) -> File {
    let document = Document { text, name, mistakes };
    let read =
        |file: &Section<'_>| File { searches: file.read("web_search", dollars), prices: file.each("price", price) };
    document.read(read).unwrap_or_default()
}

fn price(section: &Section<'_>) -> Option<Price> {
    let models = section.list("models", value::name);
    if models.is_none() {
        section.refuse("must name its `models`");
    }
    let from = section.read("from", day);
    let own = rates(section);
    let long = section.within("long", rates).flatten();
    let us = section.read("us", value::flag).unwrap_or(false);
    Some(Price { models: models?, from, rates: own?, long, us })
}

fn rates(section: &Section<'_>) -> Option<Rates> {
    let input = section.require("input", dollars);
    let cache_read = section.require("cache_read", dollars);
    let cache_5m = section.require("cache_5m", dollars);
    let cache_1h = section.require("cache_1h", dollars);
    let output = section.require("output", dollars);
    Some(Rates { input: input?, cache_read: cache_read?, cache_5m: cache_5m?, cache_1h: cache_1h?, output: output? })
}

/// A price, read from its digits, never through a float.
fn dollars(it: &DeValue<'_>) -> Result<i64, Wrong> {
    let text = value::text(it)?;
    let decimals = text.split_once('.').map_or(0, |(_, part)| part.len());
    match Rates::read(text).filter(|_| decimals <= 4) {
        Some(price) => Ok(price),
        None => wrong("must be a price in dollars in quotes, such as \"2.50\", with at most four decimals"),
    }
}

fn day(it: &DeValue<'_>) -> Result<Date, Wrong> {
    value::text(it)?.parse().map_err(|_| Wrong("must be a day in quotes, such as \"2026-10-07\"".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_table_has_no_mistake() {
        let mistakes = Mistakes::default();
        let file = parse(SHIPPED, "prices", &mistakes);
        assert_eq!(mistakes.or(()).map_err(|error| error.to_string()), Ok(()));
        assert!(file.prices.len() >= 14 && file.searches == Some(100_000));
        let prices = shipped_prices();
        let input = |model: &str, day: &str| {
            let at = format!("{day}T00:00:00Z").parse().expect("a moment");
            prices.price(model, at).map(|it| (it.rates.input, it.rates.cache_read, it.rates.output))
        };
        assert_eq!(input("claude-opus-5-5", "2026-11-01"), Some((40_000, 2_000, 200_000)));
        assert_eq!(input("claude-sonnet-5-5", "2026-10-06"), Some((20_000, 2_000, 100_000)));
        assert_eq!(input("claude-sonnet-5-5", "2026-10-07"), Some((20_000, 1_000, 100_000)));
        assert_eq!(input("claude-sonnet-4-5-20250929", "2026-11-01"), Some((30_000, 3_000, 150_000)));
        assert_eq!(input("claude-next-1", "2026-11-01"), None);
    }

    #[test]
    fn a_table_with_a_mistake_names_its_place_and_no_value() {
        let mistakes = Mistakes::default();
        parse("[[price]]\nmodels = [\"x\"]\ninput = 2\noutput = \"x9\"\nfrm = \"2026\"\n", "own.toml", &mistakes);
        let told = mistakes.or(()).expect_err("there are mistakes").to_string();
        for part in [
            "`price.input` in own.toml line 3",
            "`price.output` in own.toml line 4",
            "cache_read` ",
            "unknown name `price.frm`",
        ] {
            assert!(told.contains(part), "{part}: {told}");
        }
        assert!(!told.contains("x9"));
    }
}
