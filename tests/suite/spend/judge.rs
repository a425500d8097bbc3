//! What was spent, worked out from the raw simulated requests alone: neither Steward's code nor the reports have a part in it.

use std::collections::BTreeMap;

use steward::clock::moment;
use steward::sandbox::{Metered, Organization, Other};

const HOUR_MS: i64 = 3_600_000;
pub(crate) const DAY_MS: i64 = 24 * HOUR_MS;

/// Dollars for a million tokens: input, output. A cache costs a quarter more for five minutes, twice as much for an hour, and what
/// is told beside to be read.
fn price(model: &str) -> (f64, f64, f64) {
    match model {
        "claude-opus-5-5" => (4.0, 20.0, 0.20),
        "claude-sonnet-5-5" => (2.0, 10.0, 0.10),
        "claude-haiku-4-5" => (1.0, 5.0, 0.10),
        _ => (7.0, 35.0, 0.70),
    }
}

/// Where something was spent: workspace, key (empty: none), and the UTC day in milliseconds.
pub(crate) type Place = (String, String, i64);

/// Tokens by class and searches; what is paid beside them; whether in a batch, whether in the US.
type Sum = ([i64; 6], i64, bool, bool);

/// Microcents of each place, all that was used from one day to before another; what was refused is free where `corrected` says so.
pub(crate) fn spent(org: &Organization, from: i64, to: i64, corrected: impl Fn(i64) -> bool) -> BTreeMap<Place, i64> {
    let mut lines: BTreeMap<(i64, [String; 4]), Sum> = BTreeMap::new();
    for it in org.all_used(moment(from), moment(to)) {
        let hour = it.minute.as_millisecond() / HOUR_MS * HOUR_MS;
        let manner =
            format!("{} {} {:?} {:?} {:?}", it.more.batch, it.more.us, it.more.surface, it.more.account, kind(&it));
        let line =
            lines.entry((hour, [it.workspace_id.clone(), it.key_id.clone(), it.model.clone(), manner])).or_default();
        let counts = [
            it.input_tokens,
            it.output_tokens,
            it.more.cache_read,
            it.more.cache_5m,
            it.more.cache_1h,
            it.more.searches,
        ];
        line.0.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        line.1 += it.more.other.map_or(0, |(_, cost)| cost);
        (line.2, line.3) = (it.more.batch, it.more.us);
    }
    let mut all = BTreeMap::new();
    for ((hour, [workspace, key, model, _]), (counts, other, batch, us)) in lines {
        let [input, output, read, five, long, searches] = counts;
        let (of_input, of_output, of_read) = price(&model);
        let factor = if batch { 0.5 } else { 1.0 } * if us { 1.1 } else { 1.0 };
        // A million tokens for a dollar are a hundred microcents a token.
        let classes =
            [(input, of_input), (output, of_output), (read, of_read), (five, of_input * 1.25), (long, of_input * 2.0)];
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            reason = "far below what a float holds exactly"
        )]
        let tokens: i64 =
            classes.iter().map(|(count, price)| (*count as f64 * price * factor * 100.0).round() as i64).sum();
        let free = Organization::is_refused(&key, &model, moment(hour)) && corrected(hour);
        let key = if key.starts_with("svac_") { String::new() } else { key };
        *all.entry((workspace, key, hour / DAY_MS * DAY_MS)).or_default() +=
            if free { 0 } else { tokens + searches * 1_000_000 + other };
    }
    all.retain(|_, amount| *amount != 0);
    all
}

fn kind(it: &Metered) -> Option<Other> {
    it.more.other.map(|(kind, _)| kind)
}
