//! The page's HTTP: what it shows, what people do on it. Every act answers once the first answer exists.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::converse::{Heard, Origin, answer, converse, open_home};
use super::history::Entry;
use super::inbound::{self, Act};
use super::refusal::Refusal;
use super::{BOT, Parts, Room, assets, live, render};
use crate::chat::{Block, Home, Message, Said, Says, Token};
use crate::view;

type Shared = State<Arc<Parts>>;
type Answered = Result<Json<Value>, Refusal>;
type Asked = Result<Query<HashMap<String, String>>, QueryRejection>;

/// The page, its assets, and the paths it talks to. Put [`super::guard()`] before it.
pub fn router(parts: Parts) -> Router {
    Router::new()
        .route("/api/state", get(state))
        .route("/api/say", post(say))
        .route("/api/press", post(press))
        .route("/api/submit", post(submit))
        .route("/api/dismiss", post(dismiss))
        .route("/api/seen", post(seen))
        .route("/api/messages", get(messages))
        .route("/api/unread", get(unread))
        .route("/api/events", get(events))
        .route("/api/complete", get(complete))
        .route("/api/home", get(home))
        .route("/api/file", get(file))
        .with_state(Arc::new(parts))
        .merge(assets::router())
}

fn body<T: DeserializeOwned>(bytes: &Bytes) -> Result<T, Refusal> {
    serde_json::from_slice(bytes).map_err(|_| Refusal::Body)
}

fn asked(query: Asked) -> Result<HashMap<String, String>, Refusal> {
    query.map(|Query(fields)| fields).map_err(|_| Refusal::Query)
}

/// The person of `?as=`, if there is one.
fn person(parts: &Parts, query: &HashMap<String, String>) -> Result<String, Refusal> {
    let id = query.get("as").ok_or(Refusal::Query)?;
    parts.room.is_known(id).then(|| id.clone()).ok_or(Refusal::Person)
}

fn check_place(room: &Room, person: &str, channel: &str) -> Result<(), Refusal> {
    match (room.is_known(person), room.may_see(person, channel)) {
        (false, _) => Err(Refusal::Person),
        (true, false) => Err(Refusal::Channel),
        (true, true) => Ok(()),
    }
}

async fn state(State(parts): Shared) -> Json<Value> {
    let state = parts.room.state();
    let people = state.members.iter().map(|it| {
        let person = &it.person;
        json!({
            "id": person.id,
            "name": person.name,
            "role": person.role,
            "title": person.title,
            "groups": person.groups,
            "kind": it.kind,
        })
    });
    Json(json!({
        "now": parts.room.now().to_string(),
        "people": people.collect::<Vec<_>>(),
        "channels": state.channels,
        "admin_key": parts.admin_key,
        "anthropic_base_url": parts.anthropic_base_url,
        "company": state.company,
        "command": parts.command,
        "bot": BOT,
    }))
}

#[derive(Deserialize)]
struct Saying {
    r#as: String,
    channel: String,
    text: String,
    #[serde(default)]
    id: Option<String>,
}

async fn say(State(parts): Shared, bytes: Bytes) -> Answered {
    let Saying { r#as: person, channel, text, id } = body(&bytes)?;
    check_place(&parts.room, &person, &channel)?;
    inbound::check_text(&text)?;
    let Some(rest) = inbound::after_root(&text, &parts.command) else {
        let entry = Entry::new(&channel, &person, Message::plain(text), parts.room.now());
        return Ok(Json(Heard::message(parts.room.post(entry)).to_json()));
    };
    let words = inbound::words(&parts.room, rest);
    let command = words.first().map_or_else(String::new, |word| shown_verb(word));
    let origin = Origin {
        person: person.clone(),
        channel: channel.clone(),
        command: Some(format!("{}{command}", parts.command)),
        ..Origin::default()
    };
    act(parts, Act { person: &person, channel: &channel, id }, Said::Command(words), origin).await
}

/// The verb, if it looks like one. What follows it is never shown to others: people paste keys.
fn shown_verb(word: &str) -> String {
    let looks_like_one = word.len() <= 12 && word.chars().all(|letter| letter.is_ascii_lowercase());
    if looks_like_one { format!(" {word}") } else { String::new() }
}

#[derive(Deserialize)]
struct Pressing {
    r#as: String,
    message: String,
    button: String,
    #[serde(default)]
    id: Option<String>,
}

/// A press counts if the message carries the button now or did before: what one person sees, another may just have
/// changed, and the answer to that is a sentence, not an error.
async fn press(State(parts): Shared, bytes: Bytes) -> Answered {
    let Pressing { r#as: person, message, button, id } = body(&bytes)?;
    if !parts.room.is_known(&person) {
        return Err(Refusal::Person);
    }
    let token: Token = button.parse().map_err(|_| Refusal::Button)?;
    let origin = if message == "home" {
        let carried = parts.room.home_carries(&person, &token);
        let own = Origin { person: person.clone(), channel: format!("@{person}"), ..Origin::default() };
        carried.then_some(own).ok_or(Refusal::Button)?
    } else {
        let number = message.strip_prefix('m').and_then(|it| it.parse().ok()).ok_or(Refusal::Message)?;
        let entry = parts.room.find(&person, number).ok_or(Refusal::Message)?;
        if !entry.carried(&token) {
            return Err(Refusal::Button);
        }
        let channel = entry.channel.clone();
        Origin { person: person.clone(), channel, pressed: Some(number), ..Origin::default() }
    };
    let channel = origin.channel.clone();
    act(parts, Act { person: &person, channel: &channel, id }, Said::Press(token), origin).await
}

#[derive(Deserialize)]
struct Submission {
    r#as: String,
    form: String,
    values: Map<String, Value>,
    #[serde(default)]
    id: Option<String>,
}

async fn submit(State(parts): Shared, bytes: Bytes) -> Answered {
    let Submission { r#as: person, form, values, id } = body(&bytes)?;
    if !parts.room.is_known(&person) {
        return Err(Refusal::Person);
    }
    let token: Token = form.parse().map_err(|_| Refusal::Form)?;
    let entry = parts.room.find_form(&person, &token).ok_or(Refusal::Form)?;
    let form = entry.form.as_ref().ok_or(Refusal::Form)?;
    let entered = inbound::entered(&parts.room, form, &values)?;
    let origin = Origin {
        person: person.clone(),
        channel: entry.channel.clone(),
        pressed: entry.opened_on,
        form: Some(entry.id),
        command: None,
    };
    act(parts, Act { person: &person, channel: &entry.channel, id }, Said::Form(token, entered), origin).await
}

/// Runs to its end even if the page goes away meanwhile: what was asked for is done whole or not at all.
async fn act(parts: Arc<Parts>, act: Act<'_>, said: Said, origin: Origin) -> Answered {
    let invocation = inbound::invocation(&parts.room, &parts.random, act, said)?;
    let conversation = tokio::spawn(async move { converse(&parts, invocation, origin).await.to_json() });
    conversation.await.map(Json).map_err(|_| Refusal::Broken)
}

#[derive(Deserialize)]
struct Dismissal {
    r#as: String,
    message: String,
}

async fn dismiss(State(parts): Shared, bytes: Bytes) -> Answered {
    let Dismissal { r#as: person, message } = body(&bytes)?;
    let number = message.strip_prefix('m').and_then(|it| it.parse().ok()).ok_or(Refusal::Message)?;
    if parts.room.dismiss(&person, number) { Ok(Json(json!({}))) } else { Err(Refusal::Message) }
}

#[derive(Deserialize)]
struct Looking {
    r#as: String,
    channel: String,
}

async fn seen(State(parts): Shared, bytes: Bytes) -> Answered {
    let Looking { r#as: person, channel } = body(&bytes)?;
    check_place(&parts.room, &person, &channel)?;
    parts.room.mark_seen(&person, &channel);
    Ok(Json(json!({})))
}

async fn messages(State(parts): Shared, query: Asked) -> Answered {
    let query = asked(query)?;
    let person = person(&parts, &query)?;
    let channel = query.get("channel").ok_or(Refusal::Query)?;
    check_place(&parts.room, &person, channel)?;
    let after = match query.get("after") {
        Some(id) => id.strip_prefix('m').and_then(|it| it.parse().ok()).ok_or(Refusal::Message)?,
        None => 0,
    };
    let most = query.get("limit").and_then(|it| it.parse().ok()).unwrap_or(usize::MAX);
    let found = parts.room.messages(&person, channel, after, most);
    Ok(Json(found.iter().map(|it| render::entry(it)).collect()))
}

/// One file of a message, for whoever sees the message. Always to be kept, never to be shown as a page.
async fn file(State(parts): Shared, query: Asked) -> Result<Response, Refusal> {
    let query = asked(query)?;
    let person = person(&parts, &query)?;
    let number = query.get("message").and_then(|it| it.strip_prefix('m')?.parse().ok()).ok_or(Refusal::Query)?;
    let at: usize = query.get("block").and_then(|it| it.parse().ok()).ok_or(Refusal::Query)?;
    let entry = parts.room.find(&person, number).ok_or(Refusal::Message)?;
    let Some(Block::File(file)) = entry.body.blocks.get(at) else { return Err(Refusal::Message) };
    let bytes = view::file::bytes(file).ok_or(Refusal::Broken)?;
    // The name holds nothing that a header could break on.
    let headers = [
        (header::CONTENT_TYPE, file.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", file.name())),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}

async fn unread(State(parts): Shared, query: Asked) -> Answered {
    let person = person(&parts, &asked(query)?)?;
    let (channels, people) = parts.room.unread(&person);
    Ok(Json(json!({ "channels": channels, "people": people })))
}

async fn events(State(parts): Shared, query: Asked) -> Result<Response, Refusal> {
    let person = person(&parts, &asked(query)?)?;
    Ok(live::events(&parts.room, person).into_response())
}

/// Suggestions for the last word of `?text=`: what is inserted, what is read.
async fn complete(State(parts): Shared, query: Asked) -> Answered {
    let query = asked(query)?;
    let person = person(&parts, &query)?;
    let channel = query.get("channel").cloned().unwrap_or_else(|| format!("@{person}"));
    check_place(&parts.room, &person, &channel)?;
    let text = query.get("text").map(String::as_str).unwrap_or_default();
    let Some(rest) = inbound::after_root(text, &parts.command) else { return Ok(Json(json!({ "suggestions": [] }))) };
    inbound::check_text(text)?;
    let said = Said::Typing(inbound::typed_words(&parts.room, rest));
    let act = Act { person: &person, channel: &channel, id: None };
    let invocation = inbound::invocation(&parts.room, &parts.random, act, said)?;
    let suggested = match answer(&parts, invocation).await.says {
        Says::Suggestions(suggested) => suggested,
        _ => Vec::new(),
    };
    let shown = suggested.into_iter().map(|(insert, read)| json!({ "insert": insert, "read": read }));
    Ok(Json(json!({ "suggestions": shown.collect::<Vec<_>>() })))
}

/// The person's start page. Anything but one becomes its only part.
async fn home(State(parts): Shared, query: Asked) -> Answered {
    let person = person(&parts, &asked(query)?)?;
    let channel = format!("@{person}");
    let act = Act { person: &person, channel: &channel, id: None };
    let invocation = inbound::invocation(&parts.room, &parts.random, act, Said::Opened)?;
    let home = match answer(&parts, invocation).await.says {
        Says::Home(home) => home,
        Says::Message(message) => Home { sections: vec![message] },
        _ => Home::default(),
    };
    Ok(Json(open_home(&parts, &person, home)))
}
