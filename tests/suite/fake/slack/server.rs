//! The door: accepts, applies faults, and routes to the Web API, the sockets, response URLs and uploads.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::Value;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;

use super::{Fault, Slack, api, socket};
use crate::fake::wire::{Answer, Request, write};

/// Longer than any patience of the app.
const FOR_EVER: Duration = Duration::from_mins(10);

/// Binds the port and serves it until the test ends.
pub(super) fn start(slack: &Slack) {
    let listener = bind(0).unwrap();
    slack.0.port.store(listener.local_addr().unwrap().port(), Ordering::SeqCst);
    tokio::spawn(serve(slack.clone(), listener));
}

fn bind(port: u16) -> std::io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
    socket.listen(256)
}

async fn serve(slack: Slack, listener: TcpListener) {
    let mut is_out = slack.0.is_out.subscribe();
    let mut listener = Some(listener);
    let mut open = JoinSet::new();
    loop {
        if *is_out.borrow_and_update() {
            listener = None;
            open.shutdown().await;
            if is_out.changed().await.is_err() {
                return;
            }
            continue;
        }
        if listener.is_none() {
            listener = bind(slack.0.port.load(Ordering::SeqCst)).map_err(|why| slack.complain(why.to_string())).ok();
        }
        let Some(listens) = &listener else { return };
        tokio::select! {
            changed = is_out.changed() => if changed.is_err() { return },
            came = listens.accept() => if let Ok((stream, _)) = came { open.spawn(connection(slack.clone(), stream)); },
            Some(Err(why)) = open.join_next() => if why.is_panic() { slack.complain(format!("the fake panicked: {why}")) },
        }
    }
}

async fn connection(slack: Slack, mut stream: TcpStream) {
    stream.set_nodelay(true).unwrap();
    while let Some(request) = Request::read(&mut stream).await {
        slack.record(true, &request.path, &request.head, &request.body);
        let door = Door::of(&request.path);
        let fault = super::lock(&slack.0.faults).take(door.name(), matches!(door, Door::Api(_)));
        if let Door::Link = door {
            return socket::upgrade(slack, stream, request, fault).await;
        }
        if say(&slack, &mut stream, (&request, &door), fault).await.is_none() {
            return;
        }
    }
}

/// Answers one request, `None` when the connection is over.
async fn say(slack: &Slack, stream: &mut TcpStream, asked: (&Request, &Door), fault: Option<Fault>) -> Option<()> {
    let (request, door) = asked;
    let answer = match &fault {
        Some(Fault::Silent) => {
            tokio::time::sleep(FOR_EVER).await;
            return None;
        }
        Some(Fault::Busy(seconds)) => Answer::json(&serde_json::json!({ "ok": false, "error": "ratelimited" }))
            .with("retry-after", seconds.to_string())
            .status(429),
        Some(Fault::Status(status)) => Answer::html(*status),
        Some(Fault::Html) => Answer::html(200),
        Some(Fault::Says(code)) => Answer::json(&serde_json::json!({ "ok": false, "error": code })),
        _ => door.answer(slack, request),
    };
    if let Some(Fault::Slow(by)) = fault {
        tokio::time::sleep(by).await;
    }
    let answer = if fault == Some(Fault::Extra) { strange(answer) } else { answer };
    slack.record(false, &request.path, &answer.head(), &answer.body);
    write(stream, &answer, fault == Some(Fault::Cut)).await?;
    (fault != Some(Fault::Cut) && request.header("connection") != "close").then_some(())
}

/// The same answer with things in it that no version of Slack has said.
fn strange(mut answer: Answer) -> Answer {
    if let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body) {
        body["zz_new"] = serde_json::json!({ "deep": [1, null, { "x": true }] });
        answer.body = body.to_string().into_bytes();
    }
    answer
}

impl Answer {
    fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }
}

enum Door {
    Api(String),
    Link,
    Upload(String),
    ResponseUrl(String),
    None,
}

impl Door {
    fn of(path: &str) -> Self {
        let parts: Vec<&str> = path.trim_start_matches('/').splitn(2, '/').collect();
        match parts[..] {
            ["api", method] => Self::Api(method.to_owned()),
            ["link"] => Self::Link,
            ["upload", id] => Self::Upload(id.to_owned()),
            ["response", id] => Self::ResponseUrl(id.to_owned()),
            _ => Self::None,
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Api(method) => method,
            Self::Link => "link",
            Self::Upload(_) => "upload",
            Self::ResponseUrl(_) => "response_url",
            Self::None => "",
        }
    }

    fn answer(&self, slack: &Slack, request: &Request) -> Answer {
        match self {
            Self::Api(method) => api::answer(slack, method, request),
            Self::Upload(id) => super::files::upload(slack, id, request),
            Self::ResponseUrl(id) => super::chat::respond(slack, id, request),
            Self::Link | Self::None => Answer::text(404, "not found"),
        }
    }
}
