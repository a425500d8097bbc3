//! From the model to what the page draws. Total: nothing fails, no button is dropped; one that cannot work is disabled.

use serde_json::{Value, json};

use super::history::Entry;
use crate::chat::{Block, Button, Chart, Field, FieldKind, Form, Message, Span, Table, Text};
use crate::view::chart::{self as picture, Width};

/// A message of the history.
pub(super) fn entry(entry: &Entry) -> Value {
    let mut value = message(&format!("m{}", entry.id), &entry.body);
    value["from"] = json!(entry.from);
    value["channel"] = json!(entry.channel);
    value["ephemeral"] = json!(entry.only.is_some());
    value["edited"] = json!(entry.edited);
    value["at"] = json!(entry.at.to_string());
    value["rev"] = json!(entry.rev);
    if let Some((by, command)) = &entry.asked {
        value["asked"] = json!({ "by": by, "command": command });
    }
    if let Some(open) = &entry.form {
        value["form"] = form(open);
    }
    value
}

/// A message by itself, such as a part of the start page.
pub(super) fn message(id: &str, message: &Message) -> Value {
    json!({
        "id": id,
        "from": super::BOT,
        "text": message.text.to_plain(),
        "spans": spans(&message.text),
        "badge": message.badge,
        "tone": message.tone,
        "blocks": message.blocks.iter().enumerate().map(|(at, it)| placed(id, at, it)).collect::<Vec<_>>(),
        "hint": message.hint.as_ref().map(spans),
        "buttons": buttons(&message.buttons),
        "ephemeral": false,
        "edited": false,
    })
}

/// Runs of text; the page sets each with `textContent`.
pub(super) fn spans(text: &Text) -> Vec<Value> {
    text.spans().iter().map(span).collect()
}

fn span(span: &Span) -> Value {
    match span {
        Span::Plain(text) => json!({ "type": "plain", "text": text }),
        Span::Strong(text) => json!({ "type": "strong", "text": text }),
        Span::Code(text) | Span::Command(text) => json!({ "type": "code", "text": text }),
        Span::Mention(account) => json!({ "type": "mention", "person": account.id(), "account": account.to_string() }),
        Span::Group(group) => json!({ "type": "group", "text": group.rsplit(':').next() }),
        Span::Link { label, url } if leads_somewhere_safe(url) => json!({ "type": "link", "text": label, "url": url }),
        Span::Link { label, .. } => json!({ "type": "plain", "text": label }),
        Span::Time(at) => json!({ "type": "time", "at": at.to_string() }),
    }
}

/// Only the web and the sandbox itself: never a script, a file, or another site in plain text.
fn leads_somewhere_safe(url: &str) -> bool {
    let own_path = url.starts_with('/') && !url.starts_with("//") && !url.starts_with("/\\");
    own_path
        || url.starts_with("https://")
        || url.starts_with("http://127.0.0.1:")
        || url.starts_with("http://localhost:")
}

/// A block at its place in a message; a file is fetched by that place.
fn placed(id: &str, at: usize, it: &Block) -> Value {
    let mut value = block(it);
    if matches!(it, Block::File(_)) && id.starts_with('m') {
        value["fetch"] = json!({ "message": id, "block": at });
    }
    value
}

fn block(block: &Block) -> Value {
    match block {
        Block::Paragraph(text) => json!({ "type": "paragraph", "spans": spans(text) }),
        Block::Heading(text) => json!({ "type": "heading", "text": text }),
        Block::Fields(fields) => json!({
            "type": "fields",
            "fields": fields.iter().map(|(name, text)| json!({ "name": name, "spans": spans(text) })).collect::<Vec<_>>(),
        }),
        Block::Table(it) => table(it),
        Block::Chart(it) => chart(it),
        Block::Code(text) => json!({ "type": "code", "text": text }),
        // The handle stays here: the page could do nothing with it.
        Block::Secret(_) => json!({ "type": "secret" }),
        Block::Buttons(row) => json!({ "type": "buttons", "buttons": buttons(row) }),
        Block::File(file) => json!({ "type": "file", "name": file.name(), "about": file.about }),
        Block::Details(it) => json!({
            "type": "details",
            "title": it.title,
            "blocks": it.blocks.iter().map(self::block).collect::<Vec<_>>(),
        }),
    }
}

fn table(table: &Table) -> Value {
    let rows = table.rows.iter().map(|row| row.iter().map(spans).collect::<Vec<_>>());
    json!({
        "type": "table",
        "caption": table.caption,
        "columns": table.columns,
        "rows": rows.collect::<Vec<_>>(),
    })
}

fn chart(chart: &Chart) -> Value {
    json!({
        "type": "chart",
        "title": chart.title,
        "kind": chart.kind,
        "unit": chart.unit,
        "categories": chart.categories,
        "series": chart.series,
        "plain": chart.to_plain(),
        "wide": picture::drawn(chart, Width::Wide).to_json(),
        "narrow": picture::drawn(chart, Width::Narrow).to_json(),
    })
}

fn buttons(row: &[Button]) -> Vec<Value> {
    row.iter().map(button).collect()
}

fn button(button: &Button) -> Value {
    json!({
        "id": button.token.as_ref().map(ToString::to_string).unwrap_or_default(),
        "label": button.label,
        "describes": button.describes,
        "style": button.style,
        "confirm": button.confirm,
        "disabled": button.token.is_none(),
    })
}

fn form(form: &Form) -> Value {
    let unplaced = form.errors.iter().filter(|(name, _)| form.fields.iter().all(|field| field.name != *name));
    json!({
        "id": form.token.as_ref().map(ToString::to_string).unwrap_or_default(),
        "title": form.title,
        "intro": spans(&form.intro),
        "fields": form.fields.iter().map(|it| field(it, form)).collect::<Vec<_>>(),
        "submit": form.submit,
        "errors": unplaced.map(|(_, text)| text).collect::<Vec<_>>(),
        "disabled": form.token.is_none(),
    })
}

fn field(field: &Field, form: &Form) -> Value {
    let error = form.errors.iter().find(|(name, _)| *name == field.name).map(|(_, text)| text);
    let mut value = json!({
        "name": field.name,
        "label": field.label,
        "hint": field.hint,
        "required": field.required,
        "initial": field.initial,
        "error": error,
    });
    match &field.kind {
        FieldKind::Text { lines, most } => {
            value["kind"] = json!("text");
            value["lines"] = json!(lines);
            value["most"] = json!(most);
        }
        FieldKind::Select(options) => {
            let options = options.iter().map(|(value, label)| json!({ "value": value, "label": label }));
            value["kind"] = json!("select");
            value["options"] = json!(options.collect::<Vec<_>>());
        }
        FieldKind::Person => value["kind"] = json!("person"),
        FieldKind::Number { least, most } => {
            value["kind"] = json!("number");
            value["least"] = json!(least);
            value["most"] = json!(most);
        }
        FieldKind::Date => value["kind"] = json!("date"),
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_the_web_or_to_the_sandbox() {
        let safe = ["https://example.com/a", "/console", "http://127.0.0.1:8080/console"];
        let other =
            ["javascript:alert(1)", "//evil.example", "http://evil.example", "data:text/html,x", "/\\evil.example"];
        assert!(safe.into_iter().all(leads_somewhere_safe));
        assert!(!other.into_iter().any(leads_somewhere_safe));
    }

    #[test]
    fn a_button_without_a_token_is_shown_and_disabled() {
        let shown = message("m1", &Message::plain("x").button(Button::new("Approve", &["approve", "C1"])));
        assert_eq!(shown["buttons"][0]["label"], "Approve");
        assert_eq!(shown["buttons"][0]["disabled"], true);
    }
}
