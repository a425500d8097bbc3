//! What the simulated organization pays. A table of its own, so that a wrong price of Steward's cannot agree with itself.

/// Classes of tokens that have a price of their own.
pub(super) const CLASSES: usize = 5;

/// What a million tokens cost in hundredths of a cent: uncached input, read from a cache, written to it for five minutes and
/// for an hour, output.
const PRICES: [(&str, [i64; CLASSES]); 6] = [
    ("claude-opus-5-5", [40_000, 2_000, 50_000, 80_000, 200_000]),
    ("claude-opus-5", [50_000, 5_000, 62_500, 100_000, 250_000]),
    ("claude-sonnet-5-5", [20_000, 1_000, 25_000, 40_000, 100_000]),
    ("claude-sonnet-5", [20_000, 2_000, 25_000, 40_000, 100_000]),
    ("claude-haiku-4-5", [10_000, 1_000, 12_500, 20_000, 50_000]),
    ("claude-fable-5-2", [80_000, 2_000, 100_000, 160_000, 400_000]),
];
/// What every other model costs.
const OTHERS: [i64; CLASSES] = [70_000, 7_000, 87_500, 140_000, 350_000];
/// One search, in microcents.
pub(super) const SEARCH: i64 = 1_000_000;
/// Hundredths of a cent for a million tokens are a hundredth of a microcent for one.
const PARTS: i128 = 100;

/// What tokens of each class cost, in microcents, each rounded for itself. A batch is half, the US a tenth more.
pub(super) fn of_tokens(model: &str, tokens: &[i64], batch: bool, us: bool) -> [i64; CLASSES] {
    let known = PRICES.iter().find(|(name, _)| model == *name || model.strip_prefix(name).is_some_and(is_dated));
    let prices = known.map_or(OTHERS, |(_, prices)| *prices);
    let (times, of) = match (batch, us) {
        (false, false) => (1, PARTS),
        (true, false) => (1, 2 * PARTS),
        (false, true) => (11, 10 * PARTS),
        (true, true) => (11, 20 * PARTS),
    };
    let mut costs = [0; CLASSES];
    for ((cost, price), tokens) in costs.iter_mut().zip(prices).zip(tokens) {
        let exact = i128::from(price) * i128::from(*tokens) * times;
        *cost = i64::try_from((exact + of / 2) / of).unwrap_or(i64::MAX);
    }
    costs
}

/// `-20250929`.
fn is_dated(rest: &str) -> bool {
    rest.strip_prefix('-').is_some_and(|it| it.len() == 8 && it.bytes().all(|digit| digit.is_ascii_digit()))
}
