//! The gateway: hello, identify, resume, heartbeats, and what goes wrong with them.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role};

use super::{APPLICATION, BOT_USER, Discord, Fault, TOKEN, lock};
use crate::fake::wire::Request;

/// How often the app is to say that it lives.
const HEARTBEAT: Duration = Duration::from_millis(1_500);

/// The longest frame that Discord takes, in bytes.
const LONGEST: usize = 4_096;

#[derive(Default)]
pub(super) struct Links {
    /// Counts the sessions.
    last: u64,
    session: Option<String>,
    /// Everything that was dispatched in the session: its number, and its frame.
    sent: Vec<(u64, String)>,
    to: Option<mpsc::UnboundedSender<Out>>,
    open: usize,
    is_deaf: bool,
    is_out: bool,
}

enum Out {
    Text(String),
    Packed(String),
    Close(u16),
    Cut,
}

impl Discord {
    /// How many links are open and were greeted.
    pub(crate) fn link_count(&self) -> usize {
        lock(&self.0.links).open
    }

    fn order(&self, order: Out) {
        let sent = lock(&self.0.links).to.as_ref().map(|to| to.send(order));
        if sent.is_none() {
            self.complain("nobody is connected");
        }
    }

    pub(super) fn dispatch(&self, kind: &str, data: &Value, is_packed: bool) {
        let frame = {
            let mut links = lock(&self.0.links);
            let number = links.sent.last().map_or(2, |it| it.0 + 1);
            let frame = json!({ "op": 0, "t": kind, "s": number, "d": data }).to_string();
            links.sent.push((number, frame.clone()));
            frame
        };
        if lock(&self.0.links).open > 0 {
            self.order(if is_packed { Out::Packed(frame) } else { Out::Text(frame) });
        }
    }

    /// Asks the app to reconnect.
    pub(crate) fn asks_to_reconnect(&self) {
        self.order(Out::Text(json!({ "op": 7, "d": null }).to_string()));
    }

    /// Declares the session over.
    pub(crate) fn ends_session(&self) {
        lock(&self.0.links).session = None;
        self.order(Out::Text(json!({ "op": 9, "d": false }).to_string()));
    }

    /// Breaks the link without a word.
    pub(crate) fn cuts(&self) {
        self.order(Out::Cut);
    }

    /// From now on no heartbeat is answered on this link.
    pub(crate) fn falls_silent(&self) {
        lock(&self.0.links).is_deaf = true;
    }

    /// Nobody can connect, or everybody again.
    pub(crate) fn is_out(&self, is_out: bool) {
        lock(&self.0.links).is_out = is_out;
        if is_out {
            self.order(Out::Cut);
        }
    }
}

pub(super) async fn upgrade(discord: Discord, mut stream: TcpStream, request: Request) {
    if lock(&discord.0.links).is_out {
        return;
    }
    let accept = derive_accept_key(request.header("sec-websocket-key").as_bytes());
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: {accept}\r\n\r\n"
    );
    if tokio::io::AsyncWriteExt::write_all(&mut stream, head.as_bytes()).await.is_err() {
        return;
    }
    let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
    let beat = u64::try_from(HEARTBEAT.as_millis()).unwrap();
    say(&mut socket, json!({ "op": 10, "d": { "heartbeat_interval": beat } }).to_string()).await;
    let (to, mut orders) = mpsc::unbounded_channel();
    let mut is_greeted = false;
    loop {
        tokio::select! {
            order = orders.recv() => match order {
                Some(Out::Text(text)) => say(&mut socket, text).await,
                Some(Out::Packed(text)) => drop(socket.send(Frame::binary(zlib(text.as_bytes()))).await),
                Some(Out::Close(code)) => {
                    let frame = CloseFrame { code: code.into(), reason: "".into() };
                    let _gone = socket.close(Some(frame)).await;
                    break;
                }
                Some(Out::Cut) | None => break,
            },
            came = socket.next() => match came {
                Some(Ok(Frame::Text(text))) => {
                    if text.len() > LONGEST {
                        discord.complain(format!("a frame of {} bytes", text.len()));
                    }
                    let said: Value = serde_json::from_str(&text).unwrap_or_default();
                    hear(&discord, &said, &to, &mut is_greeted);
                }
                Some(Ok(Frame::Close(_)) | Err(_)) | None => break,
                Some(Ok(_)) => {}
            },
        }
    }
    if is_greeted {
        let mut links = lock(&discord.0.links);
        links.open -= 1;
        if links.to.as_ref().is_some_and(|it| it.same_channel(&to)) {
            links.to = None;
        }
    }
}

async fn say(socket: &mut WebSocketStream<TcpStream>, text: String) {
    let _gone = socket.send(Frame::text(text)).await;
}

fn hear(discord: &Discord, said: &Value, to: &mpsc::UnboundedSender<Out>, is_greeted: &mut bool) {
    match said["op"].as_u64() {
        Some(1) if !lock(&discord.0.links).is_deaf => {
            let _gone = to.send(Out::Text(json!({ "op": 11 }).to_string()));
        }
        Some(2) => identify(discord, &said["d"], to, is_greeted),
        Some(6) => resume(discord, &said["d"], to, is_greeted),
        _ => {}
    }
}

fn identify(discord: &Discord, data: &Value, to: &mpsc::UnboundedSender<Out>, is_greeted: &mut bool) {
    lock(&discord.0.record).identifies += 1;
    if data["token"] != TOKEN && data["token"] != format!("Bot {TOKEN}") {
        let _gone = to.send(Out::Close(4004));
        return;
    }
    if data["intents"] != 0 {
        discord.complain(format!("intents {}", data["intents"]));
    }
    if let Some(Fault::Closes(code)) = discord.takes_fault("identify") {
        let _gone = to.send(Out::Close(code));
        return;
    }
    let mut links = lock(&discord.0.links);
    links.last += 1;
    let session = format!("session{}", links.last);
    (links.session, links.sent, links.is_deaf) = (Some(session.clone()), Vec::new(), false);
    (links.to, links.open, *is_greeted) = (Some(to.clone()), links.open + 1, true);
    let ready = json!({ "op": 0, "t": "READY", "s": 1, "d": {
        "v": 10, "session_id": session, "session_type": "normal", "resume_gateway_url": discord.url().replacen("http", "ws", 1) + "/gateway",
        "user": { "id": BOT_USER, "username": "steward", "discriminator": "0", "avatar": null, "bot": true, "mfa_enabled": false, "verified": true, "email": null, "flags": 0 },
        "guilds": [], "shard": [0, 1], "application": { "id": APPLICATION.to_string(), "flags": 0 },
    }});
    let _gone = to.send(Out::Text(ready.to_string()));
}

fn resume(discord: &Discord, data: &Value, to: &mpsc::UnboundedSender<Out>, is_greeted: &mut bool) {
    lock(&discord.0.record).resumes += 1;
    let mut links = lock(&discord.0.links);
    if links.session.is_none() || data["session_id"].as_str() != links.session.as_deref() {
        let _gone = to.send(Out::Text(json!({ "op": 9, "d": false }).to_string()));
        return;
    }
    let seen = data["seq"].as_u64().unwrap_or_default();
    links.is_deaf = false;
    (links.to, links.open, *is_greeted) = (Some(to.clone()), links.open + 1, true);
    if let Some(Fault::Replays(times)) = discord.takes_fault("resume") {
        for _ in 0..times {
            for (_, frame) in &links.sent {
                let _gone = to.send(Out::Text(frame.clone()));
            }
        }
    }
    for (_, frame) in links.sent.iter().filter(|it| it.0 > seen) {
        let _gone = to.send(Out::Text(frame.clone()));
    }
    let number = links.sent.last().map_or(2, |it| it.0 + 1);
    let _gone = to.send(Out::Text(json!({ "op": 0, "t": "RESUMED", "s": number, "d": {} }).to_string()));
}

/// A zlib stream of stored blocks: compressed in form alone, which is all that a reader can tell.
fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let blocks: Vec<&[u8]> = bytes.chunks(60_000).collect();
    for (at, block) in blocks.iter().enumerate() {
        let length = u16::try_from(block.len()).unwrap();
        out.push(u8::from(at + 1 == blocks.len()));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(*block);
    }
    let (mut low, mut high) = (1_u32, 0_u32);
    for byte in bytes {
        low = (low + u32::from(*byte)) % 65_521;
        high = (high + low) % 65_521;
    }
    out.extend(((high << 16) | low).to_be_bytes());
    out
}
