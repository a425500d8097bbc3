//! The crate's judgement, and what it lacks: texts, ids, counts, mentions, metadata.

use std::collections::BTreeSet;

use serde_json::Value;
use slackblocks::{HomeTabView, MessagePayload, ModalView};

use crate::charts;

/// Slack cuts at 40,000 and advises 4,000.
const TEXT: usize = 4_000;
const TABLES: usize = 1;
const CHARTS: usize = 2;

pub fn message(body: &Value) -> Vec<String> {
    let mut addressed = body.clone();
    if let Some(fields) = addressed.as_object_mut() {
        // Where it goes is not judged, and a post to a response URL names no channel.
        fields.insert("channel".into(), "C01234567".into());
    }
    let mut faults = dates(&mut addressed);
    faults.extend(crates_own(MessagePayload::try_from(addressed).err()));
    match body["text"].as_str().map(str::trim) {
        None | Some("") => faults.push("it has no text".into()),
        Some(text) if text.chars().map(char::len_utf16).sum::<usize>() > TEXT => {
            faults.push(format!("its text is longer than {TEXT}"));
        }
        Some(text) => faults.extend(shouts(text)),
    }
    for name in ["unfurl_links", "unfurl_media"] {
        if body[name] != Value::Bool(false) {
            faults.push(format!("{name} is not false"));
        }
    }
    faults.extend(counted(body, TABLES, CHARTS));
    faults.extend(everywhere(body));
    faults
}

pub fn modal(body: &Value) -> Vec<String> {
    let mut numbered = body.clone();
    let mut faults = numbers(&mut numbered);
    faults.extend(crates_own(ModalView::try_from(numbered).err()));
    faults.extend(counted(body, 0, 0));
    faults.extend(everywhere(body));
    faults.extend(metadata(body));
    faults
}

pub fn home(body: &Value) -> Vec<String> {
    let mut faults = crates_own(HomeTabView::try_from(body.clone()).err());
    faults.extend(counted(body, 0, CHARTS));
    faults.extend(everywhere(body));
    faults.extend(metadata(body));
    faults
}

/// The bounds of a number are strings for Slack and in its own SDK; the crate takes numbers alone, so it is shown those.
/// <https://docs.slack.dev/reference/block-kit/block-elements/number-input-element>
fn numbers(body: &mut Value) -> Vec<String> {
    let mut faults = Vec::new();
    for block in body["blocks"].as_array_mut().into_iter().flatten() {
        let Some(element) = block.get_mut("element").filter(|it| it["type"] == "number_input") else { continue };
        for name in ["min_value", "max_value", "initial_value"] {
            let Some(value) = element.get_mut(name) else { continue };
            match value.as_str().and_then(|it| it.parse::<i64>().ok()) {
                Some(number) => *value = number.into(),
                None => faults.push(format!("{name} is no number in a string")),
            }
        }
    }
    faults
}

/// A moment in rich text, which the crate does not know, is shown to it as a word.
/// <https://docs.slack.dev/reference/block-kit/blocks/rich-text-block>
fn dates(value: &mut Value) -> Vec<String> {
    match value {
        Value::Object(fields) if fields.get("type").is_some_and(|it| it == "date") => {
            let has_all = fields["timestamp"].is_i64()
                && ["format", "fallback"].iter().all(|it| fields.get(*it).is_some_and(|it| it.is_string()));
            *value = serde_json::json!({ "type": "text", "text": "a moment" });
            if has_all { Vec::new() } else { vec!["a moment lacks its timestamp, format or fallback".into()] }
        }
        Value::Object(fields) => fields.values_mut().flat_map(dates).collect(),
        Value::Array(all) => all.iter_mut().flat_map(dates).collect(),
        _ => Vec::new(),
    }
}

fn crates_own(error: Option<slackblocks::ValidationError>) -> Vec<String> {
    error.map(|it| it.to_string()).into_iter().collect()
}

/// What holds on every surface.
fn everywhere(body: &Value) -> Vec<String> {
    let mut faults = ids(body);
    each(body, &mut |it| {
        if it["type"] == "mrkdwn"
            && let Some(text) = it["text"].as_str()
        {
            faults.extend(shouts(text));
        }
        if it["type"] == "broadcast" {
            faults.push("it calls everybody".into());
        }
        if it["type"] == "data_visualization" {
            faults.extend(charts::faults(it));
        }
    });
    faults
}

/// Blocks have ids of their own; an element's is its own within its block, a button's on the whole surface.
fn ids(body: &Value) -> Vec<String> {
    let (mut blocks, mut buttons, mut faults) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for block in body["blocks"].as_array().into_iter().flatten() {
        if let Some(id) = block["block_id"].as_str()
            && !blocks.insert(id)
        {
            faults.push(format!("two blocks are called {id:?}"));
        }
        let mut within = BTreeSet::new();
        each(block, &mut |it| {
            let Some(id) = it["action_id"].as_str() else { return };
            let is_new = within.insert(id.to_owned());
            let is_free = it["type"] != "button" || buttons.insert(id.to_owned());
            if !is_new || !is_free {
                faults.push(format!("two elements are called {id:?}"));
            }
        });
    }
    faults
}

fn counted(body: &Value, tables: usize, charts: usize) -> Vec<String> {
    let mut faults = Vec::new();
    for (kind, most) in [("table", tables), ("data_visualization", charts)] {
        let mut count = 0;
        each(&body["blocks"], &mut |it| count += usize::from(it["type"] == kind));
        if count > most {
            faults.push(format!("{count} blocks of type {kind}, at most {most}"));
        }
    }
    faults
}

/// Nothing that Steward says calls a whole channel.
fn shouts(text: &str) -> Option<String> {
    let word = ["<!channel", "<!here", "<!everyone"].into_iter().find(|it| text.contains(it))?;
    Some(format!("it calls everybody with {word}>"))
}

/// A token, which grants nothing, or nothing.
fn metadata(body: &Value) -> Option<String> {
    let text = match &body["private_metadata"] {
        Value::Null => return None,
        Value::String(text) if text.is_empty() => return None,
        other => other.as_str().unwrap_or_default(),
    };
    let is_token = text.split_once('.').is_some_and(|(how, id)| {
        ["say", "whisper", "edit", "open"].contains(&how)
            && (1..=64).contains(&id.len())
            && id.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
    });
    (!is_token).then(|| "private_metadata holds something else than a token".into())
}

/// Every object in a value, from outside to inside.
pub fn each(value: &Value, look: &mut dyn FnMut(&Value)) {
    match value {
        Value::Object(fields) => {
            look(value);
            fields.values().for_each(|it| each(it, look));
        }
        Value::Array(all) => all.iter().for_each(|it| each(it, look)),
        _ => {}
    }
}
