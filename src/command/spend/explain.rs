//! What stands behind a figure: tokens by class, the price of each, and how far the bill is from that.

use std::collections::BTreeMap;

use crate::change::Failure;
use crate::chat::{Block, Message, Table, Text, grouped};
use crate::command::Tools;
use crate::domain::{Amount, Basis, Manner, SpendQuery, Tokens};

/// What is added up for one model, used in one way.
#[derive(Default)]
struct Sum {
    tokens: Tokens,
    list: Amount,
    unpriced: i64,
    amount: Amount,
}

/// Adds the rows behind a figure to the answer.
pub(super) async fn explained(tools: &Tools, query: SpendQuery, message: Message) -> Result<Message, Failure> {
    let prices = std::sync::Arc::clone(&tools.rules.now().money.prices);
    let mut sums: BTreeMap<(String, Basis), Sum> = BTreeMap::new();
    for it in tools.store.spend_rows(&query).await? {
        let series = &it.series;
        let mut name = if series.model.is_empty() { series.kind.clone() } else { series.model.clone() };
        for (said, usual) in [(&series.tier, "standard"), (&series.geo, "global")] {
            if !said.is_empty() && said != usual {
                name = format!("{name}, {said}");
            }
        }
        let manner = Manner { model: &series.model, tier: &series.tier, geo: &series.geo, context: &series.context };
        let sum = sums.entry((name, it.basis)).or_default();
        match prices.of_tokens(manner, it.day, &it.tokens) {
            Some(list) => sum.list += list + prices.of_searches(it.tokens.searches),
            None => sum.unpriced = sum.unpriced.saturating_add(it.tokens.total()),
        }
        sum.tokens.add(&it.tokens);
        sum.amount += it.amount;
    }
    let rows = sums.iter().map(|((name, basis), sum)| row(name, *basis, sum)).collect();
    let columns =
        ["What", "Input", "Cached", "Kept 5 m", "Kept 1 h", "Output", "At list price", "Figure", "Scale", "How sure"];
    let table = Table { caption: "Behind the figure".into(), columns: columns.map(ToOwned::to_owned).to_vec(), rows };
    Ok(message.block(Block::Table(table)).paragraph(
        "An estimate is the tokens at list prices. A reconciled figure is that, scaled so that each workspace and day comes to what \
         was billed. A billed figure is the bill's own, spread over the hours of the day. What has no tokens was billed and \
         belongs to no key.",
    ))
}

fn row(name: &str, basis: Basis, sum: &Sum) -> Vec<Text> {
    let count = |tokens: i64| grouped(u64::try_from(tokens).unwrap_or(0));
    let list = if sum.unpriced > 0 { "no price".to_owned() } else { sum.list.to_string() };
    let scale = match sum.amount.percent_of(sum.list) {
        Some(percent) if sum.unpriced == 0 && basis != Basis::Estimate => format!("{percent} %"),
        _ => "-".to_owned(),
    };
    let Tokens { input, cache_read, cache_5m, cache_1h, output, .. } = sum.tokens;
    let mut cells = vec![name.to_owned()];
    cells.extend([input, cache_read, cache_5m, cache_1h, output].map(count));
    cells.extend([list, sum.amount.to_string(), scale, basis.to_string()]);
    cells.into_iter().map(Text::plain).collect()
}
