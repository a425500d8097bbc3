//! The layout limits of sections 2.5 and 2.6: what breaks one is refused, and kept for the test to read.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Slack;
use super::api::{Refusal, text};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Message,
    Modal,
    Home,
}

/// Everything found wrong, with where.
struct Judge {
    place: Place,
    found: Vec<String>,
    ids: BTreeSet<String>,
}

pub(super) fn judge(slack: &Slack, said: &Value, place: Place) -> Result<(), Refusal> {
    let mut judge = Judge { place, found: Vec::new(), ids: BTreeSet::new() };
    judge.all(said);
    if judge.found.is_empty() {
        return Ok(());
    }
    for it in &judge.found {
        slack.complain(format!("layout: {it}"));
    }
    let code = if place == Place::Message { "invalid_blocks" } else { "invalid_arguments" };
    let messages: Vec<_> = judge.found.iter().map(|it| format!("[ERROR] {it}")).collect();
    Err(Refusal::with(code, json!({ "response_metadata": { "messages": messages } })))
}

impl Judge {
    fn wrong(&mut self, is_wrong: bool, what: impl FnOnce() -> String) {
        if is_wrong {
            self.found.push(what());
        }
    }

    fn short(&mut self, it: &Value, most: usize, at: &str) {
        let said = it.as_str().or_else(|| it["text"].as_str()).unwrap_or_default();
        let count = said.chars().count();
        self.wrong(count > most, || format!("{at}: {count} characters, {most} at most"));
    }

    fn few(&mut self, it: &Value, most: usize, at: &str) {
        let count = it.as_array().map_or(0, Vec::len);
        self.wrong(count > most, || format!("{at}: {count} of them, {most} at most"));
    }

    fn all(&mut self, said: &Value) {
        let none = Vec::new();
        let blocks = said["blocks"].as_array().unwrap_or(&none);
        self.few(&said["blocks"], if self.place == Place::Message { 50 } else { 100 }, "blocks");
        let count = |kind: &str| blocks.iter().filter(|it| it["type"] == kind).count();
        if self.place == Place::Message {
            self.wrong(count("table") > 1, || "more than one table".to_owned());
            self.wrong(count("data_visualization") > 2, || "more than two charts".to_owned());
        } else {
            self.view(said, count("input") > 0);
        }
        for (at, block) in blocks.iter().enumerate() {
            self.unique("block_id", &block["block_id"], at);
            self.block(block, &format!("blocks/{at}"));
        }
        let mut actions = BTreeSet::new();
        each_element(&said["blocks"], &mut |it| {
            let id = text(it, "action_id");
            if !id.is_empty() && !actions.insert(id.to_owned()) {
                self.found.push(format!("action_id {id} twice"));
            }
            self.element(it);
        });
    }

    fn view(&mut self, view: &Value, has_input: bool) {
        let kind = if self.place == Place::Modal { "modal" } else { "home" };
        self.wrong(view["type"] != kind, || format!("a view of type {} where a {kind} goes", view["type"]));
        self.short(&view["private_metadata"], 3000, "private_metadata");
        self.short(&view["callback_id"], 255, "callback_id");
        if self.place == Place::Modal {
            self.wrong(text(&view["title"], "text").is_empty(), || "a modal without a title".to_owned());
            for name in ["title", "submit", "close"] {
                self.short(&view[name], 24, name);
            }
            self.wrong(has_input && view["submit"].is_null(), || "inputs without submit".to_owned());
        }
    }

    fn unique(&mut self, name: &str, id: &Value, at: usize) {
        let Some(id) = id.as_str() else { return };
        let is_twice = !self.ids.insert(id.to_owned());
        self.wrong(is_twice, || format!("blocks/{at}: {name} {id} twice"));
        self.short(&id.into(), 255, name);
    }

    fn block(&mut self, block: &Value, at: &str) {
        match text(block, "type") {
            "section" => {
                self.short(&block["text"], 3000, &format!("{at}/text"));
                self.few(&block["fields"], 10, &format!("{at}/fields"));
                for field in block["fields"].as_array().into_iter().flatten() {
                    self.short(field, 2000, &format!("{at}/fields"));
                }
                let is_empty = text(&block["text"], "text").is_empty() && block["fields"].is_null();
                self.wrong(is_empty, || format!("{at}: a section that says nothing"));
            }
            "header" => self.short(&block["text"], 150, at),
            "actions" => self.few(&block["elements"], 25, at),
            "context" => self.few(&block["elements"], 10, at),
            "image" => {
                self.wrong(text(block, "alt_text").is_empty(), || format!("{at}: an image without alt_text"));
                self.short(&block["alt_text"], 2000, at);
            }
            "table" => self.table(block, at),
            "data_visualization" => {
                self.wrong(self.place == Place::Modal, || format!("{at}: a chart in a modal"));
                self.short(&block["title"], 50, at);
            }
            "alert" => self.wrong(self.place != Place::Modal, || format!("{at}: an alert outside a modal")),
            "input" => self.wrong(text(&block["label"], "text").is_empty(), || format!("{at}: an input without label")),
            "divider" | "rich_text" | "data_table" | "markdown" | "file" | "video" | "card" | "carousel"
            | "container" | "plan" | "task_card" | "context_actions" => {}
            other => self.found.push(format!("{at}: unsupported type {other:?}")),
        }
    }

    fn table(&mut self, block: &Value, at: &str) {
        self.few(&block["rows"], 100, &format!("{at}/rows"));
        for row in block["rows"].as_array().into_iter().flatten() {
            self.few(row, 20, &format!("{at}/rows"));
        }
    }

    fn element(&mut self, it: &Value) {
        let at = text(it, "action_id");
        self.short(&it["action_id"], 255, "action_id");
        if it["type"] == "button" {
            self.short(&it["text"], 75, at);
            self.short(&it["value"], 2000, at);
            self.short(&it["url"], 3000, at);
            self.short(&it["accessibility_label"], 75, at);
        }
        self.few(&it["options"], 100, at);
        let is_select = text(it, "type").contains("static_select");
        self.wrong(
            is_select && it["options"].as_array().is_none_or(Vec::is_empty) && it["option_groups"].is_null(),
            || format!("{at}: a select without options"),
        );
        for option in it["options"].as_array().into_iter().flatten() {
            self.short(&option["text"], 75, at);
            self.short(&option["value"], 150, at);
        }
        let confirm = &it["confirm"];
        for (name, most) in [("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)] {
            self.short(&confirm[name], most, at);
        }
    }
}

/// Every element that can be used, wherever it stands.
pub(super) fn each_element(blocks: &Value, act: &mut impl FnMut(&Value)) {
    for block in blocks.as_array().into_iter().flatten() {
        let many = block["elements"].as_array().into_iter().flatten();
        let one = [&block["accessory"], &block["element"]].into_iter();
        many.chain(one).filter(|it| it["type"].is_string()).for_each(&mut *act);
    }
}
