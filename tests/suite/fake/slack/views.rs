//! Modals and Home tabs: triggers that live three seconds, a stack of three, hashes that catch races.

use serde_json::{Value, json};

use super::api::{Refusal, Told, text};
use super::layout::{Place, judge};
use super::{APP, BOT, Slack, TEAM};

const TRIGGER_MILLIS: i64 = 3000;
const DEEPEST: usize = 3;

/// The person behind a trigger, who can be asked once.
fn asker(slack: &Slack, trigger: &str) -> Result<String, Refusal> {
    let now = slack.now();
    let mut world = slack.world();
    let trigger = world.triggers.get_mut(trigger).ok_or("invalid_trigger_id")?;
    if trigger.is_used {
        return Err("exchanged_trigger_id".into());
    }
    if now - trigger.made > TRIGGER_MILLIS {
        return Err("expired_trigger_id".into());
    }
    trigger.is_used = true;
    Ok(trigger.user.clone())
}

/// The view as Slack keeps it, with ids of its own.
fn kept(slack: &Slack, view: &Value, old: Option<&Value>) -> Value {
    let mut kept = view.clone();
    let mut world = slack.world();
    kept["id"] = old.map_or_else(|| world.id("V").into(), |it| it["id"].clone());
    kept["hash"] = world.id("hash").into();
    kept["team_id"] = TEAM.into();
    kept["app_id"] = APP.into();
    kept["bot_id"] = BOT.into();
    for name in ["private_metadata", "callback_id", "external_id"] {
        if kept[name].is_null() {
            kept[name] = "".into();
        }
    }
    for block in kept["blocks"].as_array_mut().into_iter().flatten() {
        if block["block_id"].is_null() {
            block["block_id"] = world.id("b").into();
        }
    }
    kept["state"] = json!({ "values": {} });
    kept
}

pub(super) fn open(slack: &Slack, asked: &Value, is_pushed: bool) -> Told {
    let trigger = text(asked, "trigger_id");
    judge(slack, &asked["view"], Place::Modal)?;
    let user = asker(slack, trigger)?;
    let view = kept(slack, &asked["view"], None);
    if !is_pushed {
        slack.world().stacks.insert(user, vec![view.clone()]);
        return Ok(json!({ "view": view }));
    }
    push(slack, &user, view)
}

fn push(slack: &Slack, user: &str, mut view: Value) -> Told {
    let mut world = slack.world();
    let stack = world.stacks.entry(user.to_owned()).or_default();
    if stack.is_empty() {
        return Err("not_found".into());
    }
    if stack.len() >= DEEPEST {
        return Err("push_limit_reached".into());
    }
    view["root_view_id"] = stack[0]["id"].clone();
    view["previous_view_id"] = stack[stack.len() - 1]["id"].clone();
    stack.push(view.clone());
    Ok(json!({ "view": view }))
}

pub(super) fn update(slack: &Slack, asked: &Value) -> Told {
    judge(slack, &asked["view"], Place::Modal)?;
    let (id, hash) = (&asked["view_id"], &asked["hash"]);
    let (external, is_external) = (&asked["external_id"], !asked["external_id"].is_null());
    let is_meant = |it: &Value| if is_external { it["external_id"] == *external } else { it["id"] == *id };
    let old = slack.world().stacks.values().flatten().find(|it| is_meant(it)).cloned().ok_or("not_found")?;
    if !hash.is_null() && old["hash"] != *hash {
        return Err("hash_conflict".into());
    }
    Ok(json!({ "view": replace(slack, &old, &asked["view"]) }))
}

fn replace(slack: &Slack, old: &Value, new: &Value) -> Value {
    let view = kept(slack, new, Some(old));
    for it in slack.world().stacks.values_mut().flatten().filter(|it| it["id"] == old["id"]) {
        *it = view.clone();
    }
    view
}

pub(super) fn publish(slack: &Slack, asked: &Value) -> Told {
    let (user, hash) = (text(asked, "user_id"), &asked["hash"]);
    judge(slack, &asked["view"], Place::Home)?;
    let old = {
        let world = slack.world();
        world.users.get(user).ok_or("user_not_found")?;
        world.homes.get(user).cloned()
    };
    if old.as_ref().is_some_and(|it| !hash.is_null() && it["hash"] != *hash) {
        return Err("hash_conflict".into());
    }
    let view = kept(slack, &asked["view"], old.as_ref());
    slack.world().homes.insert(user.to_owned(), view.clone());
    Ok(json!({ "view": view }))
}

/// What the answer to a submission makes of the stack; nothing said closes the view.
pub(super) fn react(slack: &Slack, user: &str, submitted: &Value, answer: &Value) {
    match text(answer, "response_action") {
        "errors" => complain_about_errors(slack, submitted, answer),
        "clear" => drop(slack.world().stacks.remove(user)),
        action @ ("update" | "push") => {
            if judge(slack, &answer["view"], Place::Modal).is_err() {
                return;
            }
            if action == "update" {
                replace(slack, submitted, &answer["view"]);
            } else if push(slack, user, kept(slack, &answer["view"], None)).is_err() {
                slack.complain("a view pushed over the third");
            }
        }
        "" => close(slack, user, submitted),
        other => slack.complain(format!("an unknown response_action {other}")),
    }
}

fn complain_about_errors(slack: &Slack, submitted: &Value, answer: &Value) {
    let blocks = submitted["blocks"].as_array().cloned().unwrap_or_default();
    let inputs: Vec<_> = blocks.iter().filter(|it| it["type"] == "input").map(|it| text(it, "block_id")).collect();
    let errors = answer["errors"].as_object();
    if errors.is_none_or(serde_json::Map::is_empty) {
        slack.complain("response_action errors without errors");
    }
    for id in errors.into_iter().flatten().map(|it| it.0).filter(|it| !inputs.contains(&it.as_str())) {
        slack.complain(format!("an error for {id}, which is no input of the view"));
    }
}

pub(super) fn close(slack: &Slack, user: &str, view: &Value) {
    if let Some(stack) = slack.world().stacks.get_mut(user) {
        stack.retain(|it| it["id"] != view["id"]);
    }
}
