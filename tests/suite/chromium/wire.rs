//! The pipe to the browser: JSON calls and answers, each ended by a NUL, and the events of each page.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{ChildStdin, ChildStdout};
use tokio::sync::{Mutex as Turn, oneshot};

/// How long one call may take; starting the browser on a busy machine is the longest.
const PATIENCE: Duration = Duration::from_secs(90);

/// The calls under way, and what pages complained about.
pub(super) struct Wire {
    to: Turn<ChildStdin>,
    next_id: AtomicU64,
    heard: Mutex<Heard>,
}

#[derive(Default)]
struct Heard {
    is_closed: bool,
    waiting: HashMap<u64, oneshot::Sender<Value>>,
    /// By session.
    errors: HashMap<String, Vec<String>>,
}

impl Wire {
    /// Listens until the browser closes its end.
    pub(super) fn over(to: ChildStdin, from: ChildStdout) -> Arc<Self> {
        let wire = Arc::new(Self { to: Turn::new(to), next_id: AtomicU64::new(1), heard: Mutex::default() });
        tokio::spawn(listen(BufReader::new(from), Arc::clone(&wire)));
        wire
    }

    /// Calls `method`, of a page if a session is given. The error is what the browser said.
    pub(super) async fn call(&self, session: Option<&str>, method: &str, params: Value) -> Result<Value, String> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let (sender, answer) = oneshot::channel();
        {
            let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
            if heard.is_closed {
                return Err(format!("{method}: the browser is gone"));
            }
            heard.waiting.insert(id, sender);
        }
        let mut call = json!({ "id": id, "method": method, "params": params });
        if let Some(session) = session {
            call["sessionId"] = session.into();
        }
        let line = format!("{call}\0");
        self.to.lock().await.write_all(line.as_bytes()).await.map_err(|why| format!("{method}: {why}"))?;
        match tokio::time::timeout(PATIENCE, answer).await {
            Ok(Ok(mut answer)) if answer.get("error").is_none() => Ok(answer["result"].take()),
            Ok(Ok(answer)) => Err(format!("{method}: {}", answer["error"]["message"])),
            Ok(Err(_)) => Err(format!("{method}: the browser is gone")),
            Err(_) => Err(format!("{method}: no answer within {PATIENCE:?}")),
        }
    }

    /// What the page of this session has complained about so far.
    pub(super) fn errors(&self, session: &str) -> Vec<String> {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.errors.get(session).cloned().unwrap_or_default()
    }

    fn hear(&self, message: Value) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(id) = message["id"].as_u64() {
            if let Some(waiting) = heard.waiting.remove(&id) {
                // Nobody listens any more if the test has given up on the answer.
                let _ = waiting.send(message);
            }
        } else if let (Some(session), Some(error)) = (message["sessionId"].as_str(), complaint(&message)) {
            heard.errors.entry(session.to_owned()).or_default().push(error);
        }
    }
}

async fn listen(mut from: BufReader<ChildStdout>, wire: Arc<Wire>) {
    let mut raw = Vec::new();
    while from.read_until(0, &mut raw).await.is_ok_and(|length| length > 0) {
        raw.pop();
        if let Ok(message) = serde_json::from_slice(&raw) {
            wire.hear(message);
        }
        raw.clear();
    }
    let mut heard = wire.heard.lock().unwrap_or_else(PoisonError::into_inner);
    heard.is_closed = true;
    heard.waiting.clear();
}

/// What an event complains about, if it does.
fn complaint(event: &Value) -> Option<String> {
    let params = &event["params"];
    match event["method"].as_str()? {
        "Runtime.consoleAPICalled" if params["type"] == "error" || params["type"] == "assert" => {
            let shown = |it: &Value| it["value"].as_str().map_or_else(|| it["description"].to_string(), str::to_owned);
            Some(params["args"].as_array()?.iter().map(shown).collect::<Vec<_>>().join(" "))
        }
        "Runtime.exceptionThrown" => Some(exception(&params["exceptionDetails"])),
        "Log.entryAdded" if params["entry"]["level"] == "error" => {
            Some(format!("{} {}", params["entry"]["text"], params["entry"]["url"]))
        }
        _ => None,
    }
}

/// What was thrown, with its stack.
pub(super) fn exception(details: &Value) -> String {
    let thrown = &details["exception"];
    let text = thrown["description"].as_str().or_else(|| details["text"].as_str()).unwrap_or("an exception");
    format!("{text} {}", thrown["value"].as_str().unwrap_or_default())
}
