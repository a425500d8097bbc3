//! Buttons in rows. Each carries its token as its own name, so that a press needs no memory of ours.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::limits::{BUTTON_LABEL, ROW_BUTTONS, ROWS, read};
use crate::chat::{Button, ButtonStyle};

/// Rows of one message.
pub(super) const ROOM: usize = ROWS;
/// Before the token of a button that asks before it counts: Discord asks nothing by itself.
pub(super) const SURE: &str = "sure:";

/// The rows of all groups. Each group begins a row of its own, unless those would be too many for one message.
pub(super) fn rows(groups: &[Vec<Button>]) -> Vec<Value> {
    let needs: usize = groups.iter().map(|it| it.len().div_ceil(ROW_BUTTONS)).sum();
    let mut seen = BTreeSet::new();
    let mut all: Vec<Vec<Value>> =
        groups.iter().map(|group| group.iter().filter_map(|it| named(it, &mut seen)).collect()).collect();
    if needs > ROWS {
        all = vec![all.into_iter().flatten().collect()];
    }
    all.iter().flat_map(|group| group.chunks(ROW_BUTTONS)).map(|row| json!({ "type": 1, "components": row })).collect()
}

/// One button; none if the very same one stands there already, which Discord refuses.
fn named(button: &Button, seen: &mut BTreeSet<String>) -> Option<Value> {
    let id = match &button.token {
        Some(token) if button.confirm.is_some() => format!("{SURE}{token}"),
        Some(token) => token.to_string(),
        // It leads nowhere, and can be seen to.
        None => format!("none.{}", seen.len()),
    };
    if !seen.insert(id.clone()) {
        return None;
    }
    let mut value =
        json!({ "type": 2, "style": style(button), "label": read(&button.label, BUTTON_LABEL), "custom_id": id });
    if button.token.is_none() {
        value["disabled"] = true.into();
    }
    Some(value)
}

fn style(button: &Button) -> u8 {
    match button.style {
        ButtonStyle::Primary => 1,
        ButtonStyle::Plain => 2,
        ButtonStyle::Danger => 4,
    }
}

/// One more row with one button, for the sentences of this platform's own.
pub(super) fn row(label: &str, id: &str, style: u8) -> Value {
    json!({ "type": 1, "components": [{ "type": 2, "style": style, "label": read(label, BUTTON_LABEL), "custom_id": id }] })
}
