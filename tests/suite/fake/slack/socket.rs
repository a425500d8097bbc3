//! Socket Mode: one-time URLs, at most ten links, hello, acknowledgements, disconnects, and links that are deaf.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::{APP, Fault, Slack};
use crate::fake::wire::{Answer, Request, write};

const MOST_LINKS: usize = 10;

#[derive(Default)]
pub(super) struct Links {
    last: u64,
    tickets: BTreeSet<String>,
    open: BTreeMap<u64, mpsc::UnboundedSender<Out>>,
    /// Those that were told to go: nothing new is sent over them.
    leaving: BTreeSet<u64>,
    /// Envelopes that wait for their acknowledgement.
    waiting: BTreeMap<String, oneshot::Sender<Value>>,
    /// The link that had the last turn.
    turn: u64,
    frames_too_many: usize,
}

enum Out {
    Frame(Frame),
    Cut,
}

/// Takes the link off the list however its task ends.
struct Listed(Slack, u64);

impl Drop for Listed {
    fn drop(&mut self) {
        let mut links = self.0.links();
        links.open.remove(&self.1);
        links.leaving.remove(&self.1);
    }
}

/// A URL that opens one link once.
pub(super) fn ticket(slack: &Slack) -> String {
    let mut links = slack.links();
    links.last += 1;
    let ticket = format!("ticket-{}", links.last);
    links.tickets.insert(ticket.clone());
    format!("{}/link?ticket={ticket}&app_id={APP}", slack.url().replacen("http", "ws", 1))
}

pub(super) async fn upgrade(slack: Slack, mut stream: TcpStream, request: Request, fault: Option<Fault>) {
    match fault {
        Some(Fault::Silent) => return tokio::time::sleep(Duration::from_mins(10)).await,
        Some(Fault::Cut) => return,
        Some(Fault::Slow(by)) => tokio::time::sleep(by).await,
        Some(Fault::Status(status)) => {
            write(&mut stream, &Answer::html(status), false).await;
            return;
        }
        _ => {}
    }
    let key = request.header("sec-websocket-key").to_owned();
    let ticket = url::form_urlencoded::parse(request.query.as_bytes()).find(|it| it.0 == "ticket");
    let is_new = ticket.is_some_and(|it| slack.links().tickets.remove(it.1.as_ref()));
    if key.is_empty() || !is_new {
        write(&mut stream, &Answer::text(401, "this link was used"), false).await;
        return;
    }
    let accept = derive_accept_key(key.as_bytes());
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: {accept}\r\n\r\n"
    );
    slack.record(false, "/link", &head, b"");
    if tokio::io::AsyncWriteExt::write_all(&mut stream, head.as_bytes()).await.is_err() {
        return;
    }
    let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
    let count = slack.links().open.len();
    if fault == Some(Fault::TooManyLinks) || count >= MOST_LINKS {
        let frame = json!({ "type": "disconnect", "reason": "too_many_websockets", "debug_info": { "host": "fake" } });
        send(&slack, &mut socket, Frame::text(frame.to_string())).await;
        return drop(socket.close(None).await);
    }
    serve(slack, socket, fault == Some(Fault::HalfOpen)).await;
}

async fn serve(slack: Slack, mut socket: WebSocketStream<TcpStream>, is_deaf: bool) {
    let (to, mut orders) = mpsc::unbounded_channel();
    let (id, count) = {
        let mut links = slack.links();
        links.last += 1;
        let id = links.last;
        links.open.insert(id, to);
        (id, links.open.len())
    };
    let _listed = Listed(slack.clone(), id);
    let hello = json!({
        "type": "hello", "num_connections": count, "connection_info": { "app_id": APP },
        "debug_info": { "host": "fake", "build_number": 1, "approximate_connection_time": 18060 },
    });
    send(&slack, &mut socket, Frame::text(hello.to_string())).await;
    loop {
        tokio::select! {
            order = orders.recv() => match order {
                Some(Out::Frame(_)) if is_deaf => {}
                Some(Out::Frame(frame)) => send(&slack, &mut socket, frame).await,
                Some(Out::Cut) | None => return,
            },
            came = socket.next(), if !is_deaf => match came {
                Some(Ok(frame)) => hear(&slack, &frame),
                Some(Err(_)) | None => return,
            },
        }
    }
}

async fn send(slack: &Slack, socket: &mut WebSocketStream<TcpStream>, frame: Frame) {
    slack.record(false, "/link", "", &frame.clone().into_data());
    drop(socket.send(frame).await);
}

fn hear(slack: &Slack, frame: &Frame) {
    slack.record(true, "/link", "", &frame.clone().into_data());
    let Frame::Text(text) = frame else { return };
    let Ok(ack) = serde_json::from_str::<Value>(text.as_str()) else {
        return slack.complain("a frame from the app that is no JSON");
    };
    let Some(id) = ack["envelope_id"].as_str() else {
        return slack.complain("a frame from the app without envelope_id");
    };
    let waiting = slack.links().waiting.remove(id);
    if let Some(waiting) = waiting {
        // Whoever waited three seconds is gone.
        drop(waiting.send(ack["payload"].clone()));
    } else {
        slack.links().frames_too_many += 1;
    }
}

impl Slack {
    /// Sends an envelope over the link whose turn it is; the receiver hears the acknowledgement.
    pub(super) fn envelope(&self, id: &str, frame: &Value) -> Option<oneshot::Receiver<Value>> {
        let (sender, receiver) = oneshot::channel();
        let mut links = self.links();
        let stays = |(id, _): &(&u64, &mpsc::UnboundedSender<Out>)| !links.leaving.contains(*id);
        let next = links.open.range(links.turn + 1..).find(stays).or_else(|| links.open.iter().find(stays));
        let (turn, to) = next.map(|(id, to)| (*id, to.clone()))?;
        links.turn = turn;
        links.waiting.insert(id.to_owned(), sender);
        to.send(Out::Frame(Frame::text(frame.to_string()))).ok()?;
        Some(receiver)
    }

    fn to_all(&self, out: impl Fn() -> Out) {
        for to in self.links().open.values() {
            drop(to.send(out()));
        }
    }

    pub(crate) fn link_count(&self) -> usize {
        self.links().open.len()
    }

    /// Acknowledgements that nobody waited for: late ones, and those of duplicates.
    pub(crate) fn acks_too_many(&self) -> usize {
        self.links().frames_too_many
    }

    /// Ends every link without a word.
    pub(crate) fn cuts_links(&self) {
        self.to_all(|| Out::Cut);
    }

    /// Asks every link to go, for `warning`, `refresh_requested`, `link_disabled` …, and ends it a moment later; `is_bare` leaves
    /// `debug_info` out.
    pub(crate) fn disconnects(&self, reason: &str, is_bare: bool) {
        let mut frame = json!({ "type": "disconnect", "reason": reason });
        if !is_bare {
            frame["debug_info"] = json!({ "host": "fake" });
        }
        self.sends_raw(&frame.to_string());
        let told: Vec<_> = {
            let mut links = self.links();
            let told: Vec<u64> = links.open.keys().copied().collect();
            links.leaving.extend(&told);
            links.open.values().cloned().collect()
        };
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(100)).await;
            for it in told {
                drop(it.send(Out::Cut));
            }
        });
    }

    /// Any text at all, over every link.
    pub(crate) fn sends_raw(&self, text: &str) {
        self.to_all(|| Out::Frame(Frame::text(text)));
    }

    pub(crate) fn pings(&self) {
        self.to_all(|| Out::Frame(Frame::Ping(b"Ping from fake".to_vec().into())));
    }
}
