//! A form as a modal. Each field is an input whose block is named like the field, so that what comes back names itself.

use serde_json::{Value, json};

use super::blocks::{plain, sections};
use super::limits::{INPUT_LENGTH, INPUT_TEXT, MODAL_WORD, OPTION_TEXT, OPTION_VALUE, OPTIONS, VIEW_BLOCKS};
use crate::chat::{Account, Field, FieldKind, Form, Platform, Text};
use crate::platform::measure::shortened;

/// The name of an input whose options come while somebody types; the command's words follow it.
pub(super) const SUGGEST: &str = "suggest:";
/// What a modal with a form is called.
pub(super) const FORM: &str = "form";

/// The modal. The token in its metadata names a stored command and grants nothing; nothing else is in there.
pub(super) fn form(form: &Form) -> Value {
    let unplaced = form.errors.iter().filter(|(name, _)| form.fields.iter().all(|field| field.name != *name));
    let wrong = unplaced.map(|(_, text)| Text::new().strong("Not sent.").then(format!(" {text}")));
    let mut blocks: Vec<Value> = wrong.flat_map(|text| sections(&text).collect::<Vec<_>>()).collect();
    if !form.intro.is_empty() {
        blocks.extend(sections(&form.intro));
    }
    // The words give way to the inputs.
    blocks.truncate(VIEW_BLOCKS.saturating_sub(form.fields.len()));
    blocks.extend(form.fields.iter().map(|field| input(field, form)));
    json!({
        "type": "modal",
        "callback_id": FORM,
        "private_metadata": form.token.as_ref().map(ToString::to_string).unwrap_or_default(),
        "title": plain(&form.title, MODAL_WORD),
        "submit": plain(&form.submit, MODAL_WORD),
        "close": plain("Cancel", MODAL_WORD),
        "blocks": blocks,
    })
}

/// What is wrong, by input, for Slack to show in place; none if something is wrong with the whole.
pub(super) fn errors(form: &Form) -> Option<Value> {
    let is_placed = |name: &String| form.fields.iter().any(|field| field.name == *name);
    if form.errors.is_empty() || !form.errors.iter().all(|(name, _)| is_placed(name)) {
        return None;
    }
    let by_block = form.errors.iter().map(|(name, text)| (name.clone(), Value::from(shortened(text, INPUT_TEXT))));
    Some(json!({ "response_action": "errors", "errors": by_block.collect::<serde_json::Map<_, _>>() }))
}

fn input(field: &Field, form: &Form) -> Value {
    let mut block = json!({
        "type": "input",
        "block_id": field.name,
        "optional": !field.required,
        "label": plain(&field.label, INPUT_TEXT),
        "element": element(field, form),
    });
    if !field.hint.trim().is_empty() {
        block["hint"] = plain(&field.hint, INPUT_TEXT);
    }
    block
}

fn element(field: &Field, form: &Form) -> Value {
    match &field.kind {
        FieldKind::Text { lines, most } => text(field, *lines > 1, *most),
        FieldKind::Select(options) if options.len() > OPTIONS || options.is_empty() => suggested(field, form),
        FieldKind::Select(options) => select(field, options),
        FieldKind::Person => person(field),
        FieldKind::Number { least, most } => {
            let mut value = json!({
                "type": "number_input",
                "action_id": input_name(field),
                "is_decimal_allowed": false,
                "min_value": least.to_string(),
                "max_value": most.to_string(),
            });
            if field.initial.parse::<i64>().is_ok_and(|it| (*least..=*most).contains(&it)) {
                value["initial_value"] = field.initial.clone().into();
            }
            value
        }
        FieldKind::Date => {
            let mut value = json!({ "type": "datepicker", "action_id": input_name(field) });
            if field.initial.parse::<jiff::civil::Date>().is_ok() {
                value["initial_date"] = field.initial.clone().into();
            }
            value
        }
    }
}

/// The input's own name, of which a modal has each but once.
fn input_name(field: &Field) -> String {
    format!("value.{}", field.name)
}

fn text(field: &Field, multiline: bool, most: u16) -> Value {
    let mut value = json!({
        "type": "plain_text_input",
        "action_id": input_name(field),
        "multiline": multiline,
        "max_length": most.clamp(1, INPUT_LENGTH),
    });
    if !field.initial.is_empty() {
        value["initial_value"] = shortened(&field.initial, usize::from(most.clamp(1, INPUT_LENGTH))).into();
    }
    value
}

fn select(field: &Field, options: &[(String, String)]) -> Value {
    let mut value = json!({
        "type": "static_select",
        "action_id": input_name(field),
        "options": options.iter().map(|(value, read)| option(value, read)).collect::<Vec<_>>(),
    });
    if let Some((chosen, read)) = options.iter().find(|(value, _)| *value == field.initial) {
        value["initial_option"] = option(chosen, read);
    }
    value
}

/// More than a list can hold: what is typed is completed from the directory, as on the command line.
fn suggested(field: &Field, form: &Form) -> Value {
    let path: Vec<&str> = form.words.iter().map(String::as_str).take_while(|it| !it.starts_with('-')).collect();
    let mut value = json!({
        "type": "external_select",
        "action_id": format!("{SUGGEST}{}", path.join(" ")),
        "min_query_length": 0,
    });
    if !field.initial.is_empty() {
        value["initial_option"] = option(&field.initial, &field.initial);
    }
    value
}

/// One choice of a select.
pub(super) fn option(value: &str, read: &str) -> Value {
    json!({ "text": plain(read, OPTION_TEXT), "value": shortened(value, OPTION_VALUE) })
}

fn person(field: &Field) -> Value {
    let mut value = json!({ "type": "users_select", "action_id": input_name(field) });
    let account: Option<Account> = field.initial.trim_start_matches('@').parse().ok();
    if let Some(account) = account.filter(|it| it.platform() == Platform::Slack) {
        value["initial_user"] = account.id().into();
    }
    value
}
