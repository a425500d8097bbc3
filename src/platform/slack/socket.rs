//! One connection of Socket Mode: opened within a time, acknowledged from a writer of its own, watched, closed cleanly.
//!
//! The crate's own listener reads, works and acknowledges in one row, waits without an end, and writes the address with its
//! ticket into the log; so only the address comes through it ([`Api`]).

use std::time::Duration;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, interval, sleep_until, timeout};
use tokio_tungstenite::tungstenite::{Bytes, Message as Frame};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};
use tokio_util::sync::CancellationToken;

use super::api::{Api, Trouble};
use super::listen::Intake;
use super::pages::Payload;
use super::payload::Delivery;
use crate::platform::fields::text;

/// The largest frame that is read.
const FRAME_BYTES: usize = 1024 * 1024;
/// Acknowledgements that wait to be written. More means that the socket does not move.
const UNWRITTEN: usize = 4_096;

/// How long things may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Asking for an address, connecting, and the greeting: each.
    pub to_connect: Duration,
    /// Between two pings of ours.
    pub between_pings: Duration,
    /// Without a sign of life, after which the connection is given up.
    pub silence: Duration,
    /// For the other side to agree to the end.
    pub to_close: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            to_connect: Duration::from_secs(10),
            between_pings: Duration::from_secs(5),
            silence: Duration::from_secs(20),
            to_close: Duration::from_secs(2),
        }
    }
}

/// Why a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// We were told to stop.
    Stopped,
    /// Slack renews its connections; another one is to be opened at once.
    Renewed,
    /// Too many connections are open for this app.
    TooMany,
    /// Socket Mode was switched off for this app.
    SwitchedOff,
    /// It broke, or nobody answered.
    Broken(&'static str),
    /// No address was to be had.
    NoAddress(Trouble),
}

/// A connection that was greeted.
pub(super) struct Connection {
    writer: SplitSink<Socket, Frame>,
    reader: SplitStream<Socket>,
    patience: Patience,
    /// How many connections this app has, as Slack counts them.
    pub(super) of_this_app: u64,
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

impl Connection {
    /// Opens a connection and waits for Slack's greeting.
    pub(super) async fn open(api: &Api, patience: Patience) -> Result<Self, End> {
        let answer = timeout(patience.to_connect, api.call("apps.connections.open", &json!({}))).await;
        let answer = answer.unwrap_or(Err(Trouble::TimedOut)).map_err(End::NoAddress)?;
        let url = text(&answer, "/url").ok_or(End::NoAddress(Trouble::Malformed))?;
        let config = tokio_tungstenite::tungstenite::protocol::WebSocketConfig::default()
            .max_message_size(Some(FRAME_BYTES))
            .max_frame_size(Some(FRAME_BYTES));
        let connecting = connect_async_with_config(url, Some(config), true);
        let (socket, _) = timeout(patience.to_connect, connecting)
            .await
            .map_err(|_| End::Broken("connecting took too long"))?
            .map_err(|_| End::Broken("no connection came about"))?;
        let (writer, reader) = socket.split();
        let mut connection = Self { writer, reader, patience, of_this_app: 0 };
        let hello = timeout(patience.to_connect, connection.hello());
        connection.of_this_app = hello.await.map_err(|_| End::Broken("no greeting came"))??;
        Ok(connection)
    }

    async fn hello(&mut self) -> Result<u64, End> {
        loop {
            let frame = self.reader.next().await.ok_or(End::Broken("it closed before the greeting"))?;
            let Frame::Text(frame) = frame.map_err(|_| End::Broken("it broke before the greeting"))? else { continue };
            let said: Value = serde_json::from_str(&frame).unwrap_or_default();
            match text(&said, "/type") {
                Some("hello") => return Ok(said["num_connections"].as_u64().unwrap_or(1)),
                Some("disconnect") => return Err(farewell(&said)),
                _ => {}
            }
        }
    }

    /// Takes deliveries in until the connection ends, and says why it did.
    pub(super) async fn serve(self, intake: &Intake, stop: &CancellationToken) -> End {
        let Self { writer, mut reader, patience, .. } = self;
        let (to_write, lines) = mpsc::channel(UNWRITTEN);
        let written_out = CancellationToken::new();
        let mut writing = tokio::spawn(write(writer, lines, patience, written_out.clone().drop_guard()));
        let (go_on, silence) = (CancellationToken::new(), patience.silence);
        let end = read(&mut reader, intake, &to_write, (silence, stop, &written_out)).await;
        if end == End::Renewed {
            // Slack closes it itself in a moment; what it sends until then is acknowledged, which needs an open connection.
            let last = read(&mut reader, intake, &to_write, (silence, stop, &written_out));
            let _late = timeout(patience.to_close, last).await;
        }
        if matches!(end, End::Stopped | End::Renewed) {
            // What Slack sent before it heard of the end is taken in still.
            let _gone = to_write.send(Line::Close).await;
            let last = read(&mut reader, intake, &to_write, (silence, &go_on, &written_out));
            let _late = timeout(patience.to_close, last).await;
        }
        drop(to_write);
        if timeout(patience.to_close, &mut writing).await.is_err() {
            writing.abort();
        }
        end
    }
}

/// Something to write.
enum Line {
    Text(String),
    Close,
}

async fn read(
    reader: &mut SplitStream<Socket>,
    intake: &Intake,
    to_write: &mpsc::Sender<Line>,
    (silence, stop, written_out): (Duration, &CancellationToken, &CancellationToken),
) -> End {
    let mut heard = Instant::now();
    loop {
        let frame = tokio::select! {
            frame = reader.next() => frame,
            () = sleep_until(heard + silence) => return End::Broken("nothing was heard for too long"),
            () = written_out.cancelled() => return End::Broken("nothing can be written any more"),
            () = stop.cancelled() => return End::Stopped,
        };
        heard = Instant::now();
        match frame {
            Some(Ok(Frame::Text(frame))) => {
                if let Some(end) = heed(&frame, intake, to_write) {
                    return end;
                }
            }
            Some(Ok(Frame::Close(_))) | None => return End::Broken("the other side closed it"),
            Some(Ok(_)) => {}
            Some(Err(_)) => return End::Broken("it broke"),
        }
    }
}

/// One frame: acknowledged as soon as it is taken in, while the next one is read already.
fn heed(frame: &str, intake: &Intake, to_write: &mpsc::Sender<Line>) -> Option<End> {
    // Nothing but an object is taken by name: to look for a name in a list would end this task.
    let Some(mut envelope) = serde_json::from_str::<Value>(frame).ok().filter(Value::is_object) else {
        metrics::counter!("steward_slack_not_understood_total").increment(1);
        return None;
    };
    let payload = envelope["payload"].take();
    let delivery = match text(&envelope, "/type") {
        Some("slash_commands") => Delivery::Command(payload),
        Some("interactive") => Delivery::Interaction(payload),
        Some("events_api") => Delivery::Event(payload),
        Some("disconnect") => return Some(farewell(&envelope)),
        _ => {
            // Of a kind that we do not know; acknowledged, so that it does not come again.
            metrics::counter!("steward_slack_not_understood_total").increment(1);
            acknowledge(&envelope, None, to_write);
            return None;
        }
    };
    let (intake, to_write) = (intake.clone(), to_write.clone());
    tokio::spawn(async move {
        let id = text(&envelope, "/envelope_id").unwrap_or_default();
        if let Ok(answer) = intake.take(delivery, id).await {
            acknowledge(&envelope, answer, &to_write);
        }
    });
    None
}

fn acknowledge(envelope: &Value, payload: Option<Payload>, to_write: &mpsc::Sender<Line>) {
    let Some(id) = text(envelope, "/envelope_id") else { return };
    let takes_payload = envelope["accepts_response_payload"].as_bool() != Some(false);
    let line = match payload.filter(|_| takes_payload) {
        // It is JSON already.
        Some(payload) => format!(r#"{{"envelope_id":{},"payload":{payload}}}"#, Value::from(id)),
        None => json!({ "envelope_id": id }).to_string(),
    };
    // A socket that does not move is given up soon; Slack sends again what was not acknowledged, where it does so at all.
    let _full = to_write.try_send(Line::Text(line));
}

fn farewell(envelope: &Value) -> End {
    match text(envelope, "/reason") {
        Some("too_many_websockets") => End::TooMany,
        Some("link_disabled") => End::SwitchedOff,
        _ => End::Renewed,
    }
}

/// Writes what it is given and a ping now and then, until the connection is over.
async fn write(
    mut writer: SplitSink<Socket, Frame>,
    mut lines: mpsc::Receiver<Line>,
    patience: Patience,
    _over: tokio_util::sync::DropGuard,
) {
    let mut pings = interval(patience.between_pings);
    loop {
        let frame = tokio::select! {
            line = lines.recv() => match line {
                Some(Line::Text(text)) => Frame::text(text),
                Some(Line::Close) => Frame::Close(None),
                None => break,
            },
            _ = pings.tick() => Frame::Ping(Bytes::new()),
        };
        match timeout(patience.silence, writer.send(frame)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => break,
        }
    }
    let _gone = timeout(patience.to_close, writer.close()).await;
}
