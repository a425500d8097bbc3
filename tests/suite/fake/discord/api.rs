//! The REST API as the bot: who it is, members, channels, messages, commands.

use serde_json::{Value, json};

use super::server::No;
use super::world::{Channel, Message, told};
use super::{APPLICATION, BOT_USER, Discord, GUILD, judge};

/// How long Discord knows a message again by its nonce.
const SAME_MS: i64 = 5 * 60_000;

pub(super) fn call(
    discord: &Discord,
    (method, parts): (&str, &[&str]),
    body: &Value,
    files: &[String],
) -> Result<Value, No> {
    let application = APPLICATION.to_string();
    match (method, parts) {
        ("GET", ["applications", "@me"]) => Ok(json!({ "id": application, "name": "steward" })),
        ("GET", ["users", "@me", "guilds"]) => Ok(discord.guilds()),
        ("GET", ["gateway"]) => Ok(json!({ "url": discord.gateway() })),
        ("GET", ["gateway", "bot"]) => Ok(json!({
            "url": discord.gateway(), "shards": 1,
            "session_start_limit": { "total": 1000, "remaining": 990, "reset_after": 1, "max_concurrency": 1 },
        })),
        ("GET", ["guilds", guild, "members", user]) => {
            let world = discord.world();
            let is_there = *guild == GUILD && world.users.get(*user).is_some_and(|it| !it.is_stranger);
            if is_there { Ok(world.member(user)) } else { Err(No(404, 10_007)) }
        }
        ("POST", ["users", "@me", "channels"]) => {
            let user = body["recipient_id"].as_str().unwrap_or_default();
            let mut world = discord.world();
            if !world.users.contains_key(user) {
                return Err(No(400, 50_033));
            }
            let id = world.direct(user);
            Ok(json!({ "id": id, "type": 1, "recipients": [world.user(user)] }))
        }
        ("GET", ["channels", channel]) => {
            let world = discord.world();
            let found = world.channels.get(*channel).ok_or(No(404, 10_003))?;
            if found.is_hidden {
                Err(No(403, 50_001))
            } else {
                Ok(json!({ "id": channel, "type": 0, "guild_id": GUILD }))
            }
        }
        ("POST", ["channels", channel, "messages"]) => send(discord, channel, body, files),
        ("PATCH", ["channels", channel, "messages", message]) => edit(discord, (channel, message), body, files),
        ("POST", ["channels", channel, "messages", message, "threads"]) => thread(discord, channel, message, body),
        (method, ["applications", app, scope @ ..]) if *app == application => commands(discord, method, scope, body),
        _ => {
            discord.complain(format!("no such route: {method} {}", parts.join("/")));
            Err(No(404, 0))
        }
    }
}

fn send(discord: &Discord, channel: &str, body: &Value, files: &[String]) -> Result<Value, No> {
    judge::message(discord, body, files)?;
    let mut world = discord.world();
    let place = world.channels.get(channel).cloned().ok_or(No(404, 10_003))?;
    if place.is_hidden {
        return Err(No(403, 50_001));
    }
    if let Some(user) = place.with.as_ref().map(|it| &world.users[it]) {
        if user.is_stranger {
            return Err(No(403, 50_278));
        }
        if user.takes_no_messages {
            return Err(No(403, 50_007));
        }
    }
    let (nonce, now) = (body["nonce"].as_str().map(str::to_owned), discord.now());
    let is_known = |it: &&Message| it.channel == channel && it.nonce == nonce && now - it.made < SAME_MS;
    if body["enforce_nonce"] == true
        && let Some(known) = world.messages.iter().find(is_known)
    {
        return Ok(told(known));
    }
    let message = Message {
        id: world.id(),
        channel: channel.to_owned(),
        only_for: None,
        body: body.clone(),
        files: files.to_vec(),
        edits: 0,
        is_deleted: false,
        nonce,
        made: now,
    };
    let told = told(&message);
    world.messages.push(message);
    Ok(told)
}

fn edit(discord: &Discord, (channel, id): (&str, &str), body: &Value, files: &[String]) -> Result<Value, No> {
    judge::message(discord, body, files)?;
    let mut world = discord.world();
    let found = world.message(id).filter(|it| it.channel == channel && it.only_for.is_none()).ok_or(No(404, 10_008))?;
    (found.body, found.edits) = (body.clone(), found.edits + 1);
    let found = found.clone();
    Ok(told(&found))
}

fn thread(discord: &Discord, channel: &str, message: &str, body: &Value) -> Result<Value, No> {
    let name = body["name"].as_str().unwrap_or_default();
    if name.is_empty() || name.chars().count() > 100 {
        discord.complain(format!("a thread of the name {name:?}"));
        return Err(No(400, 50_035));
    }
    let mut world = discord.world();
    if world.channels.get(channel).is_none_or(|it| it.with.is_some()) {
        return Err(No(400, 50_024));
    }
    let id = world.id();
    let below = Some(message.to_owned());
    world.channels.insert(id.clone(), Channel { id: id.clone(), with: None, below, is_hidden: false });
    Ok(json!({ "id": id, "type": 11, "parent_id": channel, "owner_id": BOT_USER }))
}

fn commands(discord: &Discord, method: &str, scope: &[&str], body: &Value) -> Result<Value, No> {
    let name = scope.join("/");
    match method {
        "GET" => Ok(discord.world().commands.get(&name).cloned().unwrap_or_else(|| json!([]))),
        "PUT" => {
            if body.to_string().contains("null") {
                discord.complain("a command with nulls");
                return Err(No(400, 50_035));
            }
            if name != "commands" && body.to_string().contains("integration_types") {
                discord.complain("a server's command with contexts");
            }
            discord.world().commands.insert(name, body.clone());
            Ok(body.clone())
        }
        _ => Err(No(405, 0)),
    }
}
