//! What Slack is sent, written down for the judge in tests/blocks: where `STEWARD_TEST_BLOCKS` names a folder, every layout of
//! every story goes into a file of this process in it.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, OnceLock};

use serde_json::{Value, json};
use steward::chat::{Greeting, Home, Message, Says};
use steward::platform::slack;

use crate::fake::slack::Slack;

fn file() -> Option<&'static Mutex<File>> {
    static FILE: OnceLock<Option<Mutex<File>>> = OnceLock::new();
    let open = || {
        let folder = std::env::var_os("STEWARD_TEST_BLOCKS")?;
        let path = Path::new(&folder).join(format!("{}.ndjson", std::process::id()));
        Some(Mutex::new(
            File::options().create(true).append(true).open(path).expect("the folder of STEWARD_TEST_BLOCKS"),
        ))
    };
    FILE.get_or_init(open).as_ref()
}

/// Whether somebody wants to see them.
fn is_wanted() -> bool {
    file().is_some()
}

pub(crate) fn write(kind: &str, body: &Value) {
    if let Some(file) = file() {
        let line = format!("{}\n", json!({ "kind": kind, "body": body }));
        file.lock().unwrap().write_all(line.as_bytes()).unwrap();
    }
}

/// A message on every surface that may show it.
pub(crate) fn message(message: &Message) {
    if is_wanted() {
        write("message", &slack::laid_out(message));
        write("message", &slack::laid_out_plainly(message));
        write("modal", &slack::dialog_view(message));
    }
}

pub(crate) fn form(form: &steward::chat::Form) {
    if is_wanted() {
        write("modal", &slack::form_view(form));
        write("modal", &slack::loading_view(form));
    }
}

pub(crate) fn home(home: &Home) {
    if is_wanted() {
        write("home", &slack::home_view(home));
    }
}

pub(crate) fn greeting(greeting: &Greeting) {
    match greeting {
        Greeting::Answer(it) => message(it),
        Greeting::Open(it) => form(it),
        Greeting::Wait(_) => {}
    }
}

pub(crate) fn says(says: &Says) {
    match says {
        Says::Message(it) | Says::Secret(_, it) => message(it),
        Says::Form(it) => form(it),
        Says::Home(it) => home(it),
        Says::Suggestions(_) | Says::Nothing => {}
    }
}

/// What a fake Slack was really sent: bodies of calls, of posts to response URLs, of acknowledgements.
pub(crate) fn sent(slack: &Slack) {
    if !is_wanted() {
        return;
    }
    for said in slack.said().into_iter().filter(|it| it.is_in) {
        let Ok(body) = serde_json::from_str::<Value>(&said.body) else { continue };
        // A frame of the socket wraps what an acknowledgement over HTTP says plainly.
        for part in [&body, &body["payload"]] {
            if part["blocks"].is_array() && part["view"].is_null() && part["type"].is_null() {
                write("message", part);
            }
            if let Some(kind @ ("modal" | "home")) = part["view"]["type"].as_str() {
                write(kind, &part["view"]);
            }
        }
    }
}
