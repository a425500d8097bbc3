//! Messages: posted, edited, deleted, and those through a response URL.

use serde_json::{Value, json};

use super::api::{Refusal, Told, has_scope, text};
use super::world::Message;
use super::{BOT_USER, Slack, layout};
use crate::fake::wire::{Answer, Request};

const LONGEST_TEXT: usize = 40_000;
const RESPONSES: usize = 5;
const RESPONSE_MILLIS: i64 = 30 * 60 * 1000;

/// What Slack refuses in a message wherever it goes.
fn checked(slack: &Slack, body: &Value) -> Result<(), Refusal> {
    let said = text(body, "text");
    let has_blocks = body["blocks"].as_array().is_some_and(|it| !it.is_empty());
    if said.is_empty() && !has_blocks {
        return Err("no_text".into());
    }
    if said.is_empty() {
        slack.complain("a message with blocks and no top-level text");
    }
    if said.chars().count() > LONGEST_TEXT {
        slack.complain("a message of more than 40,000 characters");
        return Err("msg_too_long".into());
    }
    layout::judge(slack, body, layout::Place::Message)
}

/// The id of the channel meant, which may be a person's, if the bot may write there.
fn place(slack: &Slack, meant: &str) -> Result<String, Refusal> {
    let may_anywhere = has_scope(slack, "chat:write.public");
    let mut world = slack.world();
    if let Some(user) = world.users.get(meant) {
        if user.is_bot {
            return Err("cannot_dm_bot".into());
        }
        return direct(&mut world, meant);
    }
    let channel = world.channels.get(meant).ok_or("channel_not_found")?;
    match &channel.with {
        Some(user) => {
            let user = user.clone();
            direct(&mut world, &user)
        }
        None if channel.is_archived => Err("is_archived".into()),
        None if channel.has_bot || (may_anywhere && !channel.is_private) => Ok(channel.id.clone()),
        None if channel.is_private => Err("channel_not_found".into()),
        None => Err("not_in_channel".into()),
    }
}

fn direct(world: &mut super::world::World, user: &str) -> Result<String, Refusal> {
    if world.is_messages_tab_off { Err("messages_tab_disabled".into()) } else { Ok(world.direct(user)) }
}

fn keep(slack: &Slack, channel: &str, only_for: Option<String>, body: &Value) -> Value {
    let now = slack.now();
    let mut world = slack.world();
    let ts = world.ts(now);
    let mut body = body.clone();
    for block in body["blocks"].as_array_mut().into_iter().flatten() {
        if block["block_id"].is_null() {
            block["block_id"] = world.id("b").into();
        }
    }
    let (channel, by) = (channel.to_owned(), BOT_USER.to_owned());
    let message = Message { channel, ts, by, only_for, body, edits: 0, is_deleted: false };
    let told = message.told();
    world.messages.push(message);
    told
}

pub(super) fn post(slack: &Slack, asked: &Value) -> Told {
    let channel = place(slack, text(asked, "channel"))?;
    checked(slack, asked)?;
    let message = keep(slack, &channel, None, asked);
    Ok(json!({ "channel": channel, "ts": message["ts"], "message": message }))
}

pub(super) fn ephemeral(slack: &Slack, asked: &Value) -> Told {
    let channel = place(slack, text(asked, "channel"))?;
    let user = text(asked, "user");
    if !slack.world().users.contains_key(user) {
        return Err("user_not_in_channel".into());
    }
    checked(slack, asked)?;
    let message = keep(slack, &channel, Some(user.to_owned()), asked);
    Ok(json!({ "message_ts": message["ts"] }))
}

/// Runs on a message of the bot itself that is no ephemeral one.
fn own<T>(
    slack: &Slack,
    asked: &Value,
    foreign: &'static str,
    act: impl FnOnce(&mut Message) -> T,
) -> Result<T, Refusal> {
    let (channel, ts) = (text(asked, "channel"), text(asked, "ts"));
    let mut world = slack.world();
    if !world.channels.contains_key(channel) {
        return Err("channel_not_found".into());
    }
    match world.message(channel, ts).filter(|it| it.only_for.is_none()) {
        None => Err("message_not_found".into()),
        Some(it) if it.by != BOT_USER => Err(foreign.into()),
        Some(it) => Ok(act(it)),
    }
}

pub(super) fn update(slack: &Slack, asked: &Value) -> Told {
    checked(slack, asked)?;
    let message = own(slack, asked, "cant_update_message", |it| {
        edit(it, asked);
        it.told()
    })?;
    Ok(json!({ "channel": asked["channel"], "ts": asked["ts"], "text": asked["text"], "message": message }))
}

/// Fields that are not said stay, except that a text alone takes the blocks away.
fn edit(message: &mut Message, said: &Value) {
    message.edits += 1;
    message.body["text"] = said["text"].clone();
    message.body["blocks"] = said["blocks"].clone();
}

pub(super) fn delete(slack: &Slack, asked: &Value) -> Told {
    own(slack, asked, "cant_delete_message", |it| it.is_deleted = true)?;
    Ok(json!({ "channel": asked["channel"], "ts": asked["ts"] }))
}

pub(super) fn permalink(slack: &Slack, asked: &Value) -> Told {
    let (channel, ts) = (text(asked, "channel"), text(asked, "message_ts"));
    let mut world = slack.world();
    if !world.channels.contains_key(channel) {
        return Err("channel_not_found".into());
    }
    world.message(channel, ts).ok_or("message_not_found")?;
    let number = ts.replace('.', "");
    let link = format!("https://example.slack.com/archives/{channel}/p{number}");
    Ok(json!({ "channel": channel, "permalink": link }))
}

/// A post to a response URL: five of them in thirty minutes.
pub(super) fn respond(slack: &Slack, id: &str, request: &Request) -> Answer {
    let now = slack.now();
    let body = request.arguments();
    let found = slack.world().response_urls.get_mut(id).map(|it| {
        it.uses += 1;
        (it.made, it.uses, it.channel.clone(), it.user.clone(), it.ts.clone())
    });
    let Some((made, uses, channel, user, ts)) = found else { return Answer::text(404, "expired_url") };
    if uses > RESPONSES || now - made > RESPONSE_MILLIS {
        slack.complain("a response_url used more often or longer than it lives");
        return Answer::text(404, "used_url");
    }
    let is_replaced = body["replace_original"] == true;
    let original = |act: &dyn Fn(&mut Message)| {
        let found = ts.as_deref().map(|ts| slack.world().message(&channel, ts).map(act));
        if found.flatten().is_some() { Answer::text(200, "ok") } else { Answer::text(404, "message_not_found") }
    };
    if body["delete_original"] == true {
        return original(&|it| it.is_deleted = true);
    }
    if checked(slack, &body).is_err() {
        return Answer::text(400, "invalid_blocks");
    }
    if is_replaced {
        return original(&|it| edit(it, &body));
    }
    let only_for = (text(&body, "response_type") != "in_channel").then_some(user);
    keep(slack, &channel, only_for, &body);
    Answer::text(200, "ok")
}

/// A message that came with the acknowledgement of a command.
pub(super) fn answered(slack: &Slack, channel: &str, user: &str, body: &Value) {
    if checked(slack, body).is_ok() {
        let only_for = (text(body, "response_type") != "in_channel").then(|| user.to_owned());
        keep(slack, channel, only_for, body);
    }
}
