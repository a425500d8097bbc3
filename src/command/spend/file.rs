//! The lines for programs: as comma-separated values, in which no cell is a formula, and as JSON.

use serde_json::{Value, json};

use super::lines::Line;
use crate::domain::Amount;
use crate::view::csv::{Cell, row};

/// All lines as a table.
pub(super) fn csv(by: &str, lines: &[Line]) -> String {
    let texts = [
        by,
        "id",
        "usd",
        "tokens",
        "unpriced_tokens",
        "basis",
        "billed_usd",
        "reconciled_usd",
        "estimate_usd",
        "as_of",
    ];
    let mut file = row(&texts.map(Cell::Text));
    for line in lines {
        let spent = &line.spent;
        let as_of = spent.as_of.to_string();
        file += &row(&[
            Cell::Text(&line.name),
            Cell::Text(line.id.as_deref().unwrap_or_default()),
            Cell::Amount(spent.amount),
            Cell::Number(spent.tokens),
            Cell::Number(spent.unpriced_tokens),
            Cell::Text(spent.basis.as_str()),
            Cell::Amount(spent.parts.billed),
            Cell::Amount(spent.parts.reconciled),
            Cell::Amount(spent.parts.estimate),
            Cell::Text(&as_of),
        ]);
    }
    file
}

/// All lines as JSON; amounts as text, in dollars, exact.
pub(super) fn as_json(lines: &[Line]) -> Value {
    let line = |it: &Line| {
        json!({
            "name": it.name, "id": it.id, "usd": it.spent.amount.exact(), "tokens": it.spent.tokens,
            "unpriced_tokens": it.spent.unpriced_tokens, "basis": it.spent.basis.as_str(),
            "billed_usd": it.spent.parts.billed.exact(), "reconciled_usd": it.spent.parts.reconciled.exact(),
            "estimate_usd": it.spent.parts.estimate.exact(), "as_of": it.spent.as_of.to_string(),
            "before_usd": it.before.map(Amount::exact),
        })
    };
    lines.iter().map(line).collect()
}
