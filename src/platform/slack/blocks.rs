//! One block each of Slack's Block Kit, within its limits.

use serde_json::{Value, json};

use super::limits::{
    ACTIONS, BUTTON_TEXT, CONFIRM_BUTTON, CONFIRM_TEXT, CONFIRM_TITLE, CONTEXT_TEXT, FIELD_TEXT, HEADER_TEXT,
    MOST_ACTIONS, SECTION_FIELDS, SECTION_TEXT,
};
use super::mrkdwn;
use crate::chat::{Button, ButtonStyle, Text};
use crate::platform::measure::shortened;

/// Text that is shown letter by letter.
pub(super) fn plain(text: &str, most: usize) -> Value {
    // Slack refuses an empty text.
    let text = if text.trim().is_empty() { "–" } else { text };
    json!({ "type": "plain_text", "text": shortened(text, most), "emoji": false })
}

fn mrkdwn_object(text: &str) -> Value {
    // Slack refuses an empty text.
    let text = if text.trim().is_empty() { "–" } else { text };
    // Verbatim: no address, channel or name in it becomes a link by itself.
    json!({ "type": "mrkdwn", "text": text, "verbatim": true })
}

/// A paragraph, in as many sections as it needs.
pub(super) fn sections(text: &Text) -> impl Iterator<Item = Value> {
    mrkdwn::pieces(text, SECTION_TEXT)
        .into_iter()
        .map(|piece| json!({ "type": "section", "text": mrkdwn_object(&piece) }))
}

pub(super) fn heading(text: &str) -> Value {
    json!({ "type": "header", "text": plain(text, HEADER_TEXT) })
}

/// Names and values, ten to a section.
pub(super) fn fields(fields: &[(String, Text)]) -> impl Iterator<Item = Value> {
    fields.chunks(SECTION_FIELDS).map(|chunk| {
        let one = |(name, value): &(String, Text)| {
            let name = Text::new().strong(name.clone());
            let value = if value.is_empty() { Text::plain("–") } else { value.clone() };
            mrkdwn_object(&mrkdwn::one(&name.then("\n").join(value), FIELD_TEXT))
        };
        json!({ "type": "section", "fields": chunk.iter().map(one).collect::<Vec<_>>() })
    })
}

/// Small print.
pub(super) fn context(text: &Text) -> Value {
    json!({ "type": "context", "elements": [mrkdwn_object(&mrkdwn::one(text, CONTEXT_TEXT))] })
}

/// Something typed literally. A preformatted block is shown as it stands: nothing in it is markup.
pub(super) fn code(text: &str) -> impl Iterator<Item = Value> {
    let text = if text.trim().is_empty() { "–" } else { text };
    let pieces = mrkdwn::pieces(&Text::plain(text), SECTION_TEXT);
    // Pieces are escaped for mrkdwn; here nothing is.
    pieces.into_iter().map(|piece| {
        let text = piece.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        json!({
            "type": "rich_text",
            "elements": [{ "type": "rich_text_preformatted", "elements": [{ "type": "text", "text": text }] }],
        })
    })
}

pub(super) fn divider() -> Value {
    json!({ "type": "divider" })
}

/// The buttons of rows that are too many, as many to a row as Slack takes.
pub(super) fn packed(rows: &[Value]) -> Vec<Value> {
    let all: Vec<Value> = rows.iter().filter_map(|it| it["elements"].as_array()).flatten().cloned().collect();
    all.chunks(MOST_ACTIONS).map(|chunk| json!({ "type": "actions", "elements": chunk })).collect()
}

/// Rows of buttons. One that leads nowhere is told as text: Slack has no disabled ones.
pub(super) fn buttons(row: &[Button]) -> Vec<Value> {
    let (live, dead): (Vec<&Button>, Vec<&Button>) = row.iter().partition(|it| it.token.is_some());
    let mut blocks: Vec<Value> = live
        .chunks(ACTIONS)
        .map(|chunk| json!({ "type": "actions", "elements": chunk.iter().map(|it| button(it)).collect::<Vec<_>>() }))
        .collect();
    if !dead.is_empty() {
        let labels = dead.iter().map(|it| it.label.as_str()).collect::<Vec<_>>().join(", ");
        blocks.push(context(&Text::plain(format!("Cannot be pressed here: {labels}"))));
    }
    blocks
}

fn button(button: &Button) -> Value {
    let token = button.token.as_ref().map(ToString::to_string).unwrap_or_default();
    let mut value = json!({ "type": "button", "action_id": token, "text": plain(&button.label, BUTTON_TEXT) });
    if button.describes != button.label && !button.describes.trim().is_empty() {
        value["accessibility_label"] = shortened(&button.describes, BUTTON_TEXT).into();
    }
    match button.style {
        ButtonStyle::Plain => {}
        ButtonStyle::Primary => value["style"] = "primary".into(),
        ButtonStyle::Danger => value["style"] = "danger".into(),
    }
    if let Some(confirm) = &button.confirm {
        value["confirm"] = json!({
            "title": plain(&confirm.title, CONFIRM_TITLE),
            "text": plain(&confirm.text, CONFIRM_TEXT),
            "confirm": plain(&confirm.agree, CONFIRM_BUTTON),
            "deny": plain("Cancel", CONFIRM_BUTTON),
        });
        if button.style == ButtonStyle::Danger {
            value["confirm"]["style"] = "danger".into();
        }
    }
    value
}
