//! The Web API: tokens, scopes, and which method is whose.

use serde_json::{Value, json};

use super::{APP_TOKEN, BOT_TOKEN, Slack, chat, files, people, socket, views};
use crate::fake::wire::{Answer, Request};

/// An answer without `ok`, or the code of a refusal with what goes along.
pub(super) type Told = Result<Value, Refusal>;

pub(super) struct Refusal {
    code: &'static str,
    more: Value,
}

impl From<&'static str> for Refusal {
    fn from(code: &'static str) -> Self {
        Self { code, more: json!({}) }
    }
}

impl Refusal {
    pub(super) fn with(code: &'static str, more: Value) -> Self {
        Self { code, more }
    }
}

/// What the manifest asks for.
const SCOPES: [&str; 9] = [
    "commands",
    "chat:write",
    "chat:write.public",
    "im:write",
    "users:read",
    "users:read.email",
    "usergroups:read",
    "files:write",
    "channels:read",
];

fn scope_of(method: &str) -> Option<&'static str> {
    Some(match method {
        "chat.postMessage" | "chat.postEphemeral" | "chat.update" | "chat.delete" => "chat:write",
        "conversations.open" => "im:write",
        "conversations.info" | "conversations.list" => "channels:read",
        "users.info" | "users.list" | "bots.info" => "users:read",
        "users.lookupByEmail" => "users:read.email",
        "usergroups.list" | "usergroups.users.list" => "usergroups:read",
        "files.getUploadURLExternal" | "files.completeUploadExternal" => "files:write",
        _ => return None,
    })
}

pub(super) fn granted(slack: &Slack) -> String {
    let world = slack.world();
    SCOPES.into_iter().filter(|it| !world.lacks.contains(*it)).collect::<Vec<_>>().join(",")
}

pub(super) fn has_scope(slack: &Slack, scope: &str) -> bool {
    granted(slack).split(',').any(|it| it == scope)
}

pub(super) fn answer(slack: &Slack, method: &str, request: &Request) -> Answer {
    let asked = request.arguments();
    let token = request.header("authorization").strip_prefix("Bearer ").map(str::to_owned);
    let token = token.or_else(|| asked["token"].as_str().map(str::to_owned));
    let told = allowed(slack, method, token.as_deref()).and_then(|()| call(slack, method, &asked));
    let body = match told {
        Ok(mut it) => {
            it["ok"] = true.into();
            it
        }
        Err(Refusal { code, mut more }) => {
            more["ok"] = false.into();
            more["error"] = code.into();
            more
        }
    };
    Answer::json(&body).with("x-oauth-scopes", granted(slack))
}

fn allowed(slack: &Slack, method: &str, token: Option<&str>) -> Result<(), Refusal> {
    let token = token.filter(|it| !it.is_empty()).ok_or("not_authed")?;
    let needed = if method == "apps.connections.open" { APP_TOKEN } else { BOT_TOKEN };
    if token != needed {
        let is_ours = [APP_TOKEN, BOT_TOKEN].contains(&token);
        return Err(if is_ours { "not_allowed_token_type" } else { "invalid_auth" }.into());
    }
    match scope_of(method).filter(|it| !has_scope(slack, it)) {
        Some(needed) => Err(Refusal::with("missing_scope", json!({ "needed": needed, "provided": granted(slack) }))),
        None => Ok(()),
    }
}

fn call(slack: &Slack, method: &str, asked: &Value) -> Told {
    match method {
        "auth.test" => Ok(people::auth(slack)),
        "apps.connections.open" => Ok(json!({ "url": socket::ticket(slack) })),
        "users.info" => people::info(slack, asked),
        "users.list" => Ok(people::list(slack, asked)),
        "users.lookupByEmail" => people::by_email(slack, asked),
        "usergroups.list" => Ok(people::groups(slack, asked)),
        "usergroups.users.list" => people::group_members(slack, asked),
        "conversations.open" => people::open(slack, asked),
        "conversations.info" => people::channel_info(slack, asked),
        "conversations.list" => Ok(people::channels(slack)),
        "bots.info" => Ok(
            json!({ "bot": { "id": super::BOT, "user_id": super::BOT_USER, "app_id": super::APP, "name": "steward", "deleted": false } }),
        ),
        "team.info" => Ok(json!({ "team": { "id": super::TEAM, "name": "Example", "domain": "example" } })),
        "chat.postMessage" => chat::post(slack, asked),
        "chat.postEphemeral" => chat::ephemeral(slack, asked),
        "chat.update" => chat::update(slack, asked),
        "chat.delete" => chat::delete(slack, asked),
        "chat.getPermalink" => chat::permalink(slack, asked),
        "views.open" | "views.push" => views::open(slack, asked, method == "views.push"),
        "views.update" => views::update(slack, asked),
        "views.publish" => views::publish(slack, asked),
        "files.getUploadURLExternal" => files::begin(slack, asked),
        "files.completeUploadExternal" => files::complete(slack, asked),
        _ => Err("unknown_method".into()),
    }
}

pub(super) fn text<'a>(asked: &'a Value, name: &str) -> &'a str {
    asked[name].as_str().unwrap_or_default()
}
