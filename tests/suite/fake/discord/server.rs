//! The door: accepts, applies faults, and routes to the REST API and the gateway.

use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};

use super::buckets::Filled;
use super::{APPLICATION, Asked, Discord, Fault, TOKEN, api, link, lock, webhook};
use crate::fake::wire::{Answer, Request, write};

/// Longer than any patience of the app.
const FOR_EVER: Duration = Duration::from_mins(10);

/// An error of Discord's: its status, and its number.
pub(super) struct No(pub(super) u16, pub(super) u64);

pub(super) fn start(discord: &Discord) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    discord.0.port.store(listener.local_addr().unwrap().port(), Ordering::SeqCst);
    let (discord, listener) = (discord.clone(), TcpListener::from_std(listener).unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(connection(discord.clone(), stream));
        }
    });
}

async fn connection(discord: Discord, mut stream: TcpStream) {
    stream.set_nodelay(true).unwrap();
    while let Some(request) = Request::read(&mut stream).await {
        if request.path.starts_with("/gateway") {
            return link::upgrade(discord, stream, request).await;
        }
        let answer = match discord.takes_fault(&format!("{} {}", request.method, request.path)) {
            Some(Fault::Lost) => {
                drop(answer(&discord, &request));
                return;
            }
            Some(Fault::Silent) => return tokio::time::sleep(FOR_EVER).await,
            Some(Fault::Busy(ms, is_global)) => busy(ms, is_global),
            Some(Fault::Status(status)) => Answer::text(status, ""),
            Some(Fault::Says(code, status)) => no(&No(status, code)),
            Some(Fault::Slow(by)) => {
                tokio::time::sleep(by).await;
                answer(&discord, &request)
            }
            _ => answer(&discord, &request),
        };
        if write(&mut stream, &answer, false).await.is_none() || request.header("connection") == "close" {
            return;
        }
    }
}

fn busy(ms: u64, is_global: bool) -> Answer {
    let seconds = Duration::from_millis(ms).as_secs_f64();
    // Discord leaves `code` out.
    let body = json!({ "message": "You are being rate limited.", "retry_after": seconds, "global": is_global });
    let mut answer = Answer::json(&body).with("retry-after", seconds.to_string());
    answer.status = 429;
    answer
}

fn no(No(status, code): &No) -> Answer {
    let mut answer = Answer::json(&json!({ "message": "no", "code": code }));
    answer.status = *status;
    answer
}

fn answer(discord: &Discord, request: &Request) -> Answer {
    let has_bot_token = request.header("authorization") == format!("Bot {TOKEN}");
    let bytes = [request.head.as_bytes(), &request.body].concat();
    let (method, path) = (request.method.clone(), request.path.clone());
    lock(&discord.0.record).asked.push(Asked { method, path, bytes, has_bot_token });
    let Some(path) = request.path.strip_prefix("/api/v10/") else { return Answer::text(404, "not found") };
    let parts: Vec<&str> = path.split('/').collect();
    let is_of_interaction = matches!(parts[0], "interactions" | "webhooks");
    if !is_of_interaction && !has_bot_token {
        return no(&No(401, 0));
    }
    if !request.header("user-agent").starts_with("DiscordBot (") {
        discord.complain(format!("a user agent that Discord blocks: {:?}", request.header("user-agent")));
    }
    let bucket = discord.fills(request);
    if let Some(refusal) = bucket.as_ref().and_then(Filled::refusal) {
        return refusal;
    }
    let (body, files) = body(request);
    let application = APPLICATION.to_string();
    let told = match (request.method.as_str(), parts.as_slice()) {
        ("GET", ["gateway"]) if request.header("authorization").is_empty() => Err(No(401, 0)),
        ("POST", ["interactions", id, token, "callback"]) => webhook::callback(discord, id, token, &body, &files),
        (method, ["webhooks", app, token, rest @ ..]) if *app == application => {
            webhook::call(discord, (method, token, rest), &body, &files)
        }
        (method, parts) => api::call(discord, (method, parts), &body, &files),
    };
    match told {
        Ok(Value::Null) => {
            let mut answer = Answer::text(204, "");
            answer.status = 204;
            answer
        }
        Ok(told) => bucket.map_or_else(|| Answer::json(&told), |it| it.on(Answer::json(&told))),
        Err(why) => no(&why),
    }
}

/// The JSON of a request, and the names of its files.
fn body(request: &Request) -> (Value, Vec<String>) {
    let kind = request.header("content-type");
    let Some(boundary) = kind.split("boundary=").nth(1).filter(|_| kind.starts_with("multipart/")) else {
        return (serde_json::from_slice(&request.body).unwrap_or_default(), Vec::new());
    };
    let text = String::from_utf8_lossy(&request.body).into_owned();
    let (mut json, mut files) = (Value::Null, Vec::new());
    for part in text.split(&format!("--{boundary}")) {
        let Some((head, content)) = part.split_once("\r\n\r\n") else { continue };
        if head.contains("name=\"payload_json\"") {
            json = serde_json::from_str(content.trim_end()).unwrap_or_default();
        } else if let Some(name) = head.split("filename=\"").nth(1).and_then(|it| it.split('"').next()) {
            files.push(name.to_owned());
        }
    }
    (json, files)
}
