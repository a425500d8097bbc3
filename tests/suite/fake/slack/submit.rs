//! Filling in the uppermost view, and sending or closing it.

use serde_json::{Value, json};

use super::api::text;
use super::deliver::Kind;
use super::{Delivered, Slack, views};

impl Slack {
    /// Submits the uppermost view. `values` goes from a label, block id or action id to what is typed or chosen (a list where
    /// many may be).
    pub(crate) async fn submits(&self, user: &str, values: Value) -> Delivered {
        let mut view = self.views(user).pop().expect("a view is open");
        view["state"]["values"] = filled(&view, &values);
        let mut payload = self.interaction("view_submission", user);
        payload["view"] = view.clone();
        payload["response_urls"] = json!([]);
        let told = self.deliver(Kind::Interaction, payload).await;
        if let Some(answer) = &told.answer {
            views::react(self, user, &view, answer);
        }
        told
    }

    /// Closes the uppermost view; the app hears of it when it asked for that.
    pub(crate) async fn closes(&self, user: &str) -> Option<Delivered> {
        let view = self.views(user).pop().expect("a view is open");
        views::close(self, user, &view);
        if view["notify_on_close"] != true {
            return None;
        }
        let mut payload = self.interaction("view_closed", user);
        payload["view"] = view;
        payload["is_cleared"] = false.into();
        Some(self.deliver(Kind::Interaction, payload).await)
    }
}

/// `state.values` of a view.
fn filled(view: &Value, values: &Value) -> Value {
    let mut state = json!({});
    let mut used = 0;
    for block in view["blocks"].as_array().into_iter().flatten().filter(|it| it["type"] == "input") {
        let element = &block["element"];
        let names = [text(&block["label"], "text"), text(block, "block_id"), text(element, "action_id")];
        let said = names.iter().map(|it| &values[*it]).find(|it| !it.is_null()).unwrap_or(&Value::Null);
        used += usize::from(!said.is_null());
        let is_optional = block["optional"] == true;
        assert!(is_optional || !said.is_null() || !preset(element).is_null(), "{names:?} must be filled in");
        state[text(block, "block_id")][text(element, "action_id")] = entry(element, said);
    }
    assert_eq!(used, values.as_object().map_or(0, serde_json::Map::len), "no such input: {values} in {view}");
    state
}

/// What stands in an input before anybody touches it.
fn preset(element: &Value) -> &Value {
    let names = ["initial_value", "initial_option", "initial_options", "initial_user", "initial_users", "initial_date"];
    names.iter().map(|it| &element[*it]).find(|it| !it.is_null()).unwrap_or(&Value::Null)
}

fn entry(element: &Value, said: &Value) -> Value {
    let kind = text(element, "type");
    let chosen = if said.is_null() { preset(element).clone() } else { said.clone() };
    let option = |it: &Value| {
        let groups = element["option_groups"].as_array().into_iter().flatten();
        let grouped = groups.flat_map(|it| it["options"].as_array().into_iter().flatten());
        let mut all = element["options"].as_array().into_iter().flatten().chain(grouped);
        let is_meant = |option: &&Value| *option == it || option["value"] == *it || option["text"]["text"] == *it;
        all.find(is_meant).cloned().unwrap_or_else(|| panic!("no option {it} in {element}"))
    };
    let one = || if chosen.is_null() { Value::Null } else { option(&chosen) };
    let many = || chosen.as_array().into_iter().flatten().map(option).collect::<Vec<_>>();
    match kind {
        "static_select" | "radio_buttons" => json!({ "type": kind, "selected_option": one() }),
        "multi_static_select" | "checkboxes" => json!({ "type": kind, "selected_options": many() }),
        "users_select" => json!({ "type": kind, "selected_user": chosen }),
        "multi_users_select" => json!({ "type": kind, "selected_users": chosen }),
        "datepicker" => json!({ "type": kind, "selected_date": chosen }),
        "conversations_select" => json!({ "type": kind, "selected_conversation": chosen }),
        _ => json!({ "type": kind, "value": chosen }),
    }
}
