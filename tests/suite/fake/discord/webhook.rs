//! What is called under an interaction's token: the first answer, `@original`, and what follows.

use std::time::Duration;

use serde_json::Value;

use super::server::No;
use super::world::{Interaction, Message, World, told};
use super::{Discord, judge};

/// How long Discord waits for the first answer, and for those after it.
const FIRST: Duration = Duration::from_secs(3);
const LIFE_MS: i64 = 15 * 60_000;
const EPHEMERAL: u64 = 64;

pub(super) fn callback(discord: &Discord, id: &str, token: &str, body: &Value, files: &[String]) -> Result<Value, No> {
    let found = discord.world().interactions.get(id).filter(|it| it.token == token).cloned();
    let found = found.ok_or(No(404, 10_062))?;
    if found.answered.is_some() {
        return Err(No(400, 40_060));
    }
    if found.brought.elapsed() > FIRST {
        return Err(No(404, 10_062));
    }
    answered(discord, id, body, files)?;
    Ok(Value::Null)
}

/// Heeds a first answer, however it came.
pub(super) fn answered(discord: &Discord, id: &str, body: &Value, files: &[String]) -> Result<(), No> {
    let (kind, data) = (body["type"].as_u64().unwrap_or_default(), &body["data"]);
    judge::answer(discord, kind, data, files)?;
    let mut world = discord.world();
    let mut it = world.interactions[id].clone();
    it.answered = Some(kind);
    let is_ephemeral = data["flags"].as_u64().is_some_and(|it| it & EPHEMERAL != 0);
    match kind {
        4 | 5 => {
            let body = if kind == 4 { data.clone() } else { Value::Null };
            it.original = Some(posted(&mut world, &it, body, is_ephemeral, files));
            it.is_loading = kind == 5;
            if kind == 4 {
                it.results.extend(world.messages.last().cloned());
            }
        }
        6 | 7 => {
            if it.source.is_none() {
                drop(world);
                discord.complain("an update without a message");
                return Err(No(400, 50_035));
            }
            it.original.clone_from(&it.source);
            if let (7, Some(source)) = (kind, it.source.clone().and_then(|it| world.message(&it))) {
                source.body["components"] = data["components"].clone();
                source.edits += 1;
            }
        }
        9 => {
            let (user, source) = (it.user.clone(), it.source.clone());
            world.modals.insert(user, (data.clone(), source));
        }
        _ => {}
    }
    it.said = data.clone();
    world.interactions.insert(id.to_owned(), it);
    Ok(())
}

fn posted(world: &mut World, it: &Interaction, body: Value, is_ephemeral: bool, files: &[String]) -> String {
    let id = world.id();
    world.messages.push(Message {
        id: id.clone(),
        channel: it.channel.clone(),
        only_for: is_ephemeral.then(|| it.user.clone()),
        body,
        files: files.to_vec(),
        edits: 0,
        is_deleted: false,
        nonce: None,
        made: it.made,
    });
    id
}

pub(super) fn call(
    discord: &Discord,
    (method, token, rest): (&str, &str, &[&str]),
    body: &Value,
    files: &[String],
) -> Result<Value, No> {
    let found =
        discord.world().interactions.iter().find(|(_, it)| it.token == token).map(|(id, it)| (id.clone(), it.clone()));
    let (id, mut it) = found.ok_or(No(404, 10_015))?;
    if it.answered.is_none() {
        return Err(No(404, 10_015));
    }
    if discord.now() - it.made > LIFE_MS {
        return Err(No(401, 50_027));
    }
    if method != "DELETE" {
        judge::message(discord, body, files)?;
    }
    let mut world = discord.world();
    let original = it.original.clone();
    match (method, rest) {
        ("PATCH", ["messages", "@original"]) => {
            let message = original.and_then(|it| world.message(&it)).ok_or(No(404, 10_008))?;
            (message.body, message.edits, message.files) = (body.clone(), message.edits + 1, files.to_vec());
            let message = message.clone();
            it.is_loading = false;
            it.results.push(message.clone());
            world.interactions.insert(id, it);
            Ok(told(&message))
        }
        ("DELETE", ["messages", "@original"]) => {
            let message = original.and_then(|it| world.message(&it)).ok_or(No(404, 10_008))?;
            message.is_deleted = true;
            it.is_loading = false;
            world.interactions.insert(id, it);
            Ok(Value::Null)
        }
        ("POST", []) => {
            let mut is_ephemeral = body["flags"].as_u64().is_some_and(|it| it & EPHEMERAL != 0);
            if it.is_loading
                && let Some(loading) = original.and_then(|it| world.message(&it))
            {
                // It becomes the answer, and is seen by whoever sees the loading message.
                is_ephemeral = loading.only_for.is_some();
                loading.is_deleted = true;
                it.is_loading = false;
            }
            let posted = posted(&mut world, &it, body.clone(), is_ephemeral, files);
            let message = world.message(&posted).cloned().expect("it was posted");
            it.results.push(message.clone());
            world.interactions.insert(id, it);
            Ok(told(&message))
        }
        _ => Err(No(404, 0)),
    }
}
