//! A form: its texts in a modal, its choices as selects of a message before it, since a modal takes texts alone.
//!
//! Nothing is remembered here. What a modal or the message before it needs to go on stands in the names of its parts: the form's
//! token, which names a stored command and grants nothing, and what was chosen.

use serde_json::{Value, json};

use super::buttons::row;
use super::limits::{
    CONTENT, CUSTOM_ID, INPUT_LABEL, INPUT_LENGTH, INPUT_PLACEHOLDER, MODAL_INPUTS, MODAL_TITLE, OPTION_TEXT, OPTIONS,
    PLACEHOLDER, ROWS, read,
};
use super::markdown::{escaped, is_id, pieces};
use super::page::Page;
use super::render::pages;
use crate::chat::{Account, Acknowledgement, Field, FieldKind, Form, Message, Platform, Text, Token, Tone};
use crate::platform::measure::{length, shortened};

/// Before the name of a modal: it stands alone, or it came from the message with the choices.
pub(super) const FORM: &str = "form:";
pub(super) const SHEET: &str = "sheet:";
/// Before the name of a button that opens the modal, and of one that sends the choices alone.
pub(super) const FILL: &str = "fill:";
pub(super) const SEND: &str = "send:";
/// Before the name of a select; its field follows.
pub(super) const PICK: &str = "pick:";

/// How much is shown of what was entered, and of what was wrong with it.
const SHOWN: usize = 300;

/// What was chosen, by field.
pub(super) type Picks = Vec<(String, String)>;

/// How the fields of a form are asked for.
struct Parts<'a> {
    selects: Vec<&'a Field>,
    inputs: Vec<&'a Field>,
    /// More than a modal can hold. Only optional ones, as long as there are some.
    left_out: Vec<&'a Field>,
}

fn parts(form: &Form) -> Parts<'_> {
    // The names of modals carry the choices.
    let mut room = CUSTOM_ID - SHEET.len() - 1 - 24;
    let mut selects: Vec<&Field> = Vec::new();
    let mut inputs: Vec<&Field> = Vec::new();
    for field in &form.fields {
        match cost(field).filter(|cost| *cost <= room && selects.len() < ROWS - 1) {
            Some(cost) => {
                room -= cost;
                selects.push(field);
            }
            None => inputs.push(field),
        }
    }
    let mut left_out = Vec::new();
    while inputs.len() > MODAL_INPUTS {
        let at = inputs.iter().rposition(|it| !it.required).unwrap_or(inputs.len() - 1);
        left_out.push(inputs.remove(at));
    }
    Parts { selects, inputs, left_out }
}

/// How long a choice of this field is at most; none if it is no choice, or none that a select can hold.
fn cost(field: &Field) -> Option<usize> {
    let longest = match &field.kind {
        FieldKind::Select(options) if (1..=OPTIONS).contains(&options.len()) => {
            let is_plain = |it: &str| !it.is_empty() && !it.contains('~') && length(it) <= OPTION_TEXT;
            let values: std::collections::BTreeSet<_> = options.iter().map(|(value, _)| value).collect();
            let fits = options.iter().all(|(value, _)| is_plain(value)) && values.len() == options.len();
            options.iter().map(|(value, _)| length(value)).max().filter(|_| fits)?
        }
        FieldKind::Person => 20,
        _ => return None,
    };
    Some(length(&field.name) + longest + 2).filter(|_| !field.name.contains(['~', '=']))
}

/// Whether the modal can be opened at once: nothing to choose, nothing to say beforehand.
pub(super) fn is_modal_alone(form: &Form) -> bool {
    let parts = parts(form);
    parts.selects.is_empty() && parts.left_out.is_empty() && form.errors.is_empty() && !parts.inputs.is_empty()
}

/// What is chosen before anybody chose.
pub(super) fn initial_picks(form: &Form) -> Picks {
    let parts = parts(form);
    let chosen = parts.selects.iter().filter(|it| !it.initial.is_empty()).filter_map(|field| {
        match &field.kind {
            FieldKind::Select(options) => {
                options.iter().any(|(value, _)| *value == field.initial).then(|| field.initial.clone())
            }
            _ => person_of(field),
        }
        .map(|value| (field.name.clone(), value))
    });
    chosen.collect()
}

fn person_of(field: &Field) -> Option<String> {
    let account: Account = field.initial.trim_start_matches('@').parse().ok()?;
    (account.platform() == Platform::Discord && is_id(account.id())).then(|| account.id().to_owned())
}

/// The modal, as the first answer to whatever opens it. `picks` is what was chosen before it; none if nothing could be.
pub(super) fn modal(form: &Form, picks: Option<&Picks>) -> Value {
    let inputs = parts(form).inputs;
    let id = token_id(form);
    let name = match picks {
        Some(picks) => format!("{SHEET}{id}{}", state(picks)),
        None => format!("{FORM}{id}"),
    };
    json!({
        "custom_id": name,
        "title": read(&form.title, MODAL_TITLE),
        "components": inputs.iter().map(|it| json!({ "type": 1, "components": [input(it)] })).collect::<Vec<_>>(),
    })
}

fn input(field: &Field) -> Value {
    let (style, most, hint) = match &field.kind {
        FieldKind::Text { lines, most } => {
            (if *lines > 1 { 2 } else { 1 }, (*most).clamp(1, INPUT_LENGTH), String::new())
        }
        FieldKind::Select(options) => {
            let names: Vec<&str> = options.iter().map(|(value, _)| value.as_str()).collect();
            (1, 200, names.join(", "))
        }
        FieldKind::Person => (1, 200, "An address, or a name that only one member has.".to_owned()),
        FieldKind::Number { least, most } => (1, 20, format!("{least} to {most}")),
        FieldKind::Date => (1, 10, "YYYY-MM-DD".to_owned()),
    };
    let hint = if field.hint.trim().is_empty() { hint } else { field.hint.clone() };
    let mut value = json!({
        "type": 4,
        "custom_id": field.name,
        "label": read(&field.label, INPUT_LABEL),
        "style": style,
        "required": field.required,
        "max_length": most,
    });
    if !hint.trim().is_empty() {
        value["placeholder"] = shortened(hint.trim(), INPUT_PLACEHOLDER).into();
    }
    if !field.initial.is_empty() && length(&field.initial) <= usize::from(most) {
        value["value"] = field.initial.clone().into();
    }
    value
}

/// The message before the modal: what is asked for, what is wrong with the last attempt, the choices, and the button that goes on.
pub(super) fn sheet(form: &Form) -> Page {
    let parts = parts(form);
    let mut message = Message::new(Text::new().strong(shortened(&form.title, SHOWN)));
    if !form.errors.is_empty() {
        message = message.tone(Tone::Warning);
    }
    for field in &parts.left_out {
        let label = shortened(&field.label, INPUT_LABEL);
        message = message.paragraph(format!("Also possible, typed with the command: {label}"));
    }
    for (_, wrong) in &form.errors {
        message = message.paragraph(Text::new().strong("Not sent.").then(format!(" {}", shortened(wrong, SHOWN))));
    }
    if !form.intro.is_empty() {
        message = message.paragraph(form.intro.clone());
    }
    let entered = |it: &Field| {
        let shown = if it.initial.is_empty() { &it.hint } else { &it.initial };
        (it.label.clone(), Text::plain(shortened(shown, SHOWN)))
    };
    let is_asked = |it: &&Field| parts.left_out.iter().all(|left| left.name != it.name);
    message = message.fields(form.fields.iter().filter(is_asked).map(entered));
    let mut page = pages(&message, 1).swap_remove(0);
    page.content = shortened(&page.content, CONTENT);
    let picks = initial_picks(form);
    page.rows = parts.selects.iter().map(|it| json!({ "type": 1, "components": [select(it, &picks)] })).collect();
    let (kind, label) = if parts.inputs.is_empty() { (SEND, form.submit.as_str()) } else { (FILL, "Fill in") };
    page.rows.push(row(label, &format!("{kind}{}{}", token_id(form), state(&picks)), 1));
    page
}

fn select(field: &Field, picks: &Picks) -> Value {
    let name = format!("{PICK}{}", field.name);
    let least = u8::from(field.required);
    let chosen = picks.iter().find(|(name, _)| *name == field.name).map(|(_, value)| value.as_str());
    match &field.kind {
        FieldKind::Select(options) => {
            let option = |(value, label): &(String, String)| {
                let mut option = json!({ "label": read(label, OPTION_TEXT), "value": value });
                if chosen == Some(value) {
                    option["default"] = true.into();
                }
                option
            };
            json!({
                "type": 3, "custom_id": name, "placeholder": read(&field.label, PLACEHOLDER), "min_values": least,
                "max_values": 1, "options": options.iter().map(option).collect::<Vec<_>>(),
            })
        }
        _ => json!({
            "type": 5, "custom_id": name, "placeholder": read(&field.label, PLACEHOLDER), "min_values": least, "max_values": 1,
        }),
    }
}

/// The components of a sheet after somebody chose `value` in the select `name`; none if this is no sheet.
pub(super) fn picked(components: &Value, name: &str, value: Option<&str>) -> Option<Value> {
    let field = name.strip_prefix(PICK)?;
    let mut rows = components.as_array()?.clone();
    for part in rows.iter_mut().filter_map(|row| row["components"].as_array_mut()).flatten() {
        let id = part["custom_id"].as_str().unwrap_or_default().to_owned();
        if id == name {
            for option in part["options"].as_array_mut().into_iter().flatten() {
                option["default"] = (option["value"].as_str() == value).into();
            }
        } else if id.starts_with(FILL) || id.starts_with(SEND) {
            let (before, _) = id.split_once('~').unwrap_or((&id, ""));
            let mut picks = picks_of(&id);
            picks.retain(|(it, _)| it != field);
            picks.extend(value.map(|value| (field.to_owned(), value.to_owned())));
            let changed = format!("{before}{}", state(&picks));
            if length(&changed) > CUSTOM_ID {
                return None;
            }
            part["custom_id"] = changed.into();
        }
    }
    Some(rows.into())
}

/// What was chosen, as the end of a name.
fn state(picks: &Picks) -> String {
    let each: Vec<String> = picks.iter().map(|(name, value)| format!("~{name}={value}")).collect();
    each.concat()
}

/// What was chosen, as a name says it.
pub(super) fn picks_of(name: &str) -> Picks {
    let each = name.split('~').skip(1).filter_map(|it| it.split_once('='));
    each.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// What was chosen, as the fields of a form are sent: a person as an account.
pub(super) fn entered(picks: Picks) -> Vec<(String, String)> {
    let value = |value: String| {
        // Nothing but a person is chosen by an id.
        if is_id(&value) && value.len() >= 17 { format!("@{}", Account::discord(&value)) } else { value }
    };
    picks.into_iter().map(|(name, it)| (name, value(it))).collect()
}

/// The token within a name, behind its prefix.
pub(super) fn token_of(name: &str, prefix: &str) -> Option<Token> {
    let rest = name.strip_prefix(prefix)?;
    let id = rest.split('~').next().unwrap_or_default();
    format!("{}.{id}", Acknowledgement::Whisper.as_str()).parse().ok()
}

fn token_id(form: &Form) -> String {
    form.token.as_ref().map(|it| it.id.clone()).unwrap_or_default()
}

/// The question before a press counts. `id` is the button's name without its mark.
pub(super) fn question(title: &str, text: &str, agree: &str, id: &str) -> Value {
    let text = [
        format!("**{}**", escaped(title)),
        pieces(&Text::plain(text), CONTENT / 2).into_iter().next().unwrap_or_default(),
    ];
    json!({
        "content": shortened(&text.join("\n"), CONTENT),
        "components": [row(agree, id, 4)],
        "allowed_mentions": { "parse": [] },
    })
}
