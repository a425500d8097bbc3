//! Files in three steps.

use serde_json::{Value, json};

use super::Slack;
use super::api::{Told, text};
use super::world::Upload;
use crate::fake::wire::{Answer, Request};

pub(super) fn begin(slack: &Slack, asked: &Value) -> Told {
    let length = asked["length"].as_u64().or_else(|| text(asked, "length").parse().ok()).ok_or("invalid_arguments")?;
    let name = text(asked, "filename").to_owned();
    if name.is_empty() || length == 0 {
        return Err("invalid_arguments".into());
    }
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let mut world = slack.world();
    let id = world.id("F");
    world.uploads.insert(id.clone(), Upload { name, length, bytes: None, channel: None });
    Ok(json!({ "upload_url": format!("{}/upload/{id}", slack.url()), "file_id": id }))
}

pub(super) fn upload(slack: &Slack, id: &str, request: &Request) -> Answer {
    let mut world = slack.world();
    let Some(upload) = world.uploads.get_mut(id) else { return Answer::text(404, "not found") };
    let is_form = request.header("content-type").starts_with("multipart/form-data");
    if request.method != "POST" || (!is_form && request.body.len() != upload.length) {
        return Answer::text(400, "length differs");
    }
    upload.bytes = Some(request.body.clone());
    Answer::text(200, &format!("OK - {}", request.body.len()))
}

pub(super) fn complete(slack: &Slack, asked: &Value) -> Told {
    let files = asked["files"].as_array().ok_or("invalid_arguments")?;
    let mut world = slack.world();
    let channel = asked["channel_id"].as_str().map(str::to_owned);
    if channel.as_ref().is_some_and(|it| !world.channels.contains_key(it)) {
        return Err("invalid_channel".into());
    }
    for file in files {
        let upload = world.uploads.get_mut(text(file, "id")).filter(|it| it.bytes.is_some());
        upload.ok_or("file_not_found")?.channel.clone_from(&channel);
    }
    let told = |it: &Value| json!({ "id": it["id"], "title": it["title"] });
    Ok(json!({ "files": files.iter().map(told).collect::<Vec<_>>() }))
}
