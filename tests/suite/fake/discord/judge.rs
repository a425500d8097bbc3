//! The documented limits: what breaks one is refused, and kept for the test to read.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Discord;
use super::server::No;

struct Judge(Vec<String>);

fn length(it: &Value) -> usize {
    it.as_str().map_or(0, |it| it.encode_utf16().count())
}

fn list(it: &Value) -> &[Value] {
    it.as_array().map_or(&[], Vec::as_slice)
}

fn verdict(discord: &Discord, found: Vec<String>) -> Result<(), No> {
    if found.is_empty() {
        return Ok(());
    }
    for it in found {
        discord.complain(format!("layout: {it}"));
    }
    Err(No(400, 50_035))
}

/// Everything that is wrong with a message.
pub(crate) fn faults(body: &Value, files: &[String]) -> Vec<String> {
    let mut judge = Judge(Vec::new());
    judge.message(body, files);
    judge.0
}

/// Everything that is wrong with a modal.
pub(crate) fn modal_faults(data: &Value) -> Vec<String> {
    let mut judge = Judge(Vec::new());
    judge.modal(data);
    judge.0
}

pub(super) fn message(discord: &Discord, body: &Value, files: &[String]) -> Result<(), No> {
    verdict(discord, faults(body, files))
}

pub(super) fn answer(discord: &Discord, kind: u64, data: &Value, files: &[String]) -> Result<(), No> {
    let found = match kind {
        1 => Vec::new(),
        4 => faults(data, files),
        5 | 6 => {
            let plain = data.is_null() || data == &serde_json::json!({ "flags": 64 });
            if plain { Vec::new() } else { vec![format!("a deferral may say nothing but its flag: {data}")] }
        }
        7 => {
            let mut judge = Judge(Vec::new());
            judge.components(&data["components"]);
            judge.0
        }
        8 => {
            let choices = list(&data["choices"]);
            let fits =
                |it: &Value| (1..=100).contains(&length(&it["name"])) && (1..=100).contains(&length(&it["value"]));
            let good = choices.len() <= 25 && choices.iter().all(fits);
            if good { Vec::new() } else { vec![format!("suggestions {data}")] }
        }
        9 => modal_faults(data),
        other => vec![format!("no answer has the type {other}")],
    };
    verdict(discord, found)
}

impl Judge {
    fn wrong(&mut self, is_wrong: bool, what: impl FnOnce() -> String) {
        if is_wrong {
            self.0.push(what());
        }
    }

    fn short(&mut self, it: &Value, range: std::ops::RangeInclusive<usize>, at: &str) {
        let length = length(it);
        self.wrong(!range.contains(&length), || format!("{at}: {length} characters, not {range:?}"));
    }

    fn message(&mut self, body: &Value, files: &[String]) {
        self.short(&body["content"], 0..=2_000, "content");
        let embeds = list(&body["embeds"]);
        self.wrong(embeds.len() > 10, || format!("{} embeds", embeds.len()));
        self.wrong(length(&body["content"]) == 0 && embeds.is_empty() && files.is_empty(), || {
            "an empty message".into()
        });
        let mut total = 0;
        for embed in embeds {
            total += self.embed(embed, files);
        }
        self.wrong(total > 6_000, || format!("{total} characters in all embeds"));
        self.components(&body["components"]);
        let mentions = &body["allowed_mentions"];
        self.wrong(mentions["parse"] != serde_json::json!([]), || format!("allowed mentions {mentions}"));
        self.wrong(list(&mentions["users"]).len() > 100 || list(&mentions["roles"]).len() > 100, || "mentions".into());
        let attachments = list(&body["attachments"]);
        self.wrong(attachments.len() != files.len() || files.len() > 10, || format!("files {attachments:?} {files:?}"));
        for file in attachments {
            self.short(&file["description"], 1..=1_024, "alt text");
        }
        self.wrong(length(&body["nonce"]) > 25, || format!("nonce {}", body["nonce"]));
        let flags = body["flags"].as_u64().unwrap_or_default();
        self.wrong(flags & !64 != 0, || format!("flags {flags}"));
    }

    fn embed(&mut self, embed: &Value, files: &[String]) -> usize {
        self.short(&embed["description"], 0..=4_096, "description");
        let fields = list(&embed["fields"]);
        self.wrong(fields.len() > 25, || format!("{} fields", fields.len()));
        let mut total = length(&embed["description"]) + length(&embed["footer"]["text"]);
        for field in fields {
            self.short(&field["name"], 1..=256, "field name");
            self.short(&field["value"], 1..=1_024, "field value");
            total += length(&field["name"]) + length(&field["value"]);
        }
        if let Some(url) = embed["image"]["url"].as_str() {
            let is_there = files.iter().any(|it| url == format!("attachment://{it}"));
            self.wrong(!is_there, || format!("no file for {url}"));
        }
        let is_empty = total == 0 && embed["image"].is_null();
        self.wrong(is_empty, || "an empty embed".into());
        total
    }

    fn components(&mut self, rows: &Value) {
        let mut ids = BTreeSet::new();
        self.wrong(list(rows).len() > 5, || "more than five rows".into());
        for row in list(rows) {
            let parts = list(&row["components"]);
            self.wrong(row["type"] != 1 || parts.is_empty(), || format!("a row that is none: {row}"));
            let is_select = parts.iter().any(|it| it["type"] == 3 || it["type"] == 5);
            self.wrong(parts.len() > if is_select { 1 } else { 5 }, || format!("a row of {}", parts.len()));
            for part in parts {
                self.short(&part["custom_id"], 1..=100, "custom_id");
                let id = part["custom_id"].to_string();
                self.wrong(!ids.insert(id.clone()), || format!("{id} twice"));
                match part["type"].as_u64() {
                    Some(2) => self.short(&part["label"], 1..=80, "label"),
                    Some(3) => self.select(part),
                    Some(5) => self.short(&part["placeholder"], 0..=150, "placeholder"),
                    _ => self.0.push(format!("no component: {part}")),
                }
            }
        }
    }

    fn select(&mut self, part: &Value) {
        let options = list(&part["options"]);
        self.wrong(!(1..=25).contains(&options.len()), || format!("{} options", options.len()));
        self.short(&part["placeholder"], 0..=150, "placeholder");
        for option in options {
            self.short(&option["label"], 1..=100, "option label");
            self.short(&option["value"], 1..=100, "option value");
        }
        let values: BTreeSet<String> = options.iter().map(|it| it["value"].to_string()).collect();
        self.wrong(values.len() != options.len(), || "an option twice".into());
    }

    fn modal(&mut self, data: &Value) {
        self.short(&data["title"], 1..=45, "modal title");
        self.short(&data["custom_id"], 1..=100, "modal custom_id");
        let rows = list(&data["components"]);
        self.wrong(!(1..=5).contains(&rows.len()), || format!("{} inputs", rows.len()));
        for row in rows {
            let input = &row["components"][0];
            self.wrong(input["type"] != 4, || format!("no text input: {input}"));
            self.short(&input["label"], 1..=45, "input label");
            self.short(&input["placeholder"], 0..=100, "placeholder");
            self.short(&input["custom_id"], 1..=100, "input custom_id");
            let most = input["max_length"].as_u64().unwrap_or_default();
            self.wrong(!(1..=4_000).contains(&most), || format!("max_length {most}"));
            let value = length(&input["value"]);
            self.wrong(value > usize::try_from(most).unwrap(), || "a value that is too long".into());
        }
    }
}
