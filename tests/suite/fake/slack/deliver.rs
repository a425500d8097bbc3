//! Brings what happened to the app: over a link, or as a signed POST; three seconds to acknowledge.

use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};

use super::{Fault, Mode, SIGNING_SECRET, Slack};

const PATIENCE: Duration = Duration::from_secs(3);
/// An event that is not acknowledged comes again so many times; commands and interactions never do.
const RETRIES: usize = 2;

/// One thing that was brought, and how the app took it.
#[derive(Clone, Debug)]
pub(crate) struct Delivered {
    pub(crate) id: String,
    pub(crate) kind: Kind,
    pub(crate) payload: Value,
    /// What the acknowledgement carried, `null` for a bare one; `None`: not acknowledged in time.
    pub(crate) answer: Option<Value>,
    /// Of HTTP mode; 0 without an answer.
    pub(crate) status: u16,
    pub(crate) after: Duration,
    pub(crate) attempts: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Command,
    Interaction,
    Event,
}

impl Kind {
    fn envelope(self) -> &'static str {
        match self {
            Self::Command => "slash_commands",
            Self::Interaction => "interactive",
            Self::Event => "events_api",
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Command => "/slack/command",
            Self::Interaction => "/slack/interaction",
            Self::Event => "/slack/event",
        }
    }
}

impl Delivered {
    #[track_caller]
    pub(crate) fn acknowledged(self) -> Self {
        assert!(self.answer.is_some(), "not acknowledged: {} {}", self.status, self.payload);
        self
    }
}

impl Slack {
    pub(super) async fn deliver(&self, kind: Kind, payload: Value) -> Delivered {
        let id = self.world().id("envelope-");
        let mut it = Delivered { id, kind, payload, answer: None, status: 0, after: Duration::ZERO, attempts: 0 };
        let most = if kind == Kind::Event { RETRIES } else { 0 };
        for _ in 0..=most {
            self.attempt(&mut it).await;
            if it.answer.is_some() {
                break;
            }
        }
        it
    }

    /// Brings the same thing again, over another link when there is one, as Slack may when it is unsure.
    pub(crate) async fn redelivers(&self, it: &Delivered) -> Delivered {
        let mut again = it.clone();
        self.attempt(&mut again).await;
        again
    }

    async fn attempt(&self, it: &mut Delivered) {
        let is_twice = super::lock(&self.0.faults).take("delivery", false) == Some(Fault::Twice);
        let began = Instant::now();
        (it.answer, it.status) = match self.0.mode {
            Mode::Socket => (self.over_link(it, is_twice).await, 0),
            Mode::Http => self.over_http(it, is_twice).await,
        };
        it.after = began.elapsed();
        it.attempts += 1;
    }

    async fn over_link(&self, it: &Delivered, is_twice: bool) -> Option<Value> {
        let mut frame = json!({
            "envelope_id": it.id, "type": it.kind.envelope(), "payload": it.payload,
            "accepts_response_payload": it.kind != Kind::Event,
        });
        if it.kind == Kind::Event {
            frame["retry_attempt"] = it.attempts.into();
            frame["retry_reason"] = if it.attempts == 0 { "" } else { "timeout" }.into();
        }
        let mut ack = self.envelope(&it.id, &frame)?;
        if is_twice {
            // The second takes the place of the first at the waiting; whichever is acknowledged counts.
            ack = self.envelope(&it.id, &frame)?;
        }
        tokio::time::timeout(PATIENCE, ack).await.ok()?.ok()
    }

    async fn over_http(&self, it: &Delivered, is_twice: bool) -> (Option<Value>, u16) {
        let (kind, body) = match it.kind {
            Kind::Command => ("application/x-www-form-urlencoded", form(&it.payload)),
            Kind::Interaction => {
                ("application/x-www-form-urlencoded", form(&json!({ "payload": it.payload.to_string() })))
            }
            Kind::Event => ("application/json", it.payload.to_string()),
        };
        let mut headers = vec![("content-type", kind.to_owned())];
        if it.attempts > 0 {
            headers.push(("x-slack-retry-num", it.attempts.to_string()));
            headers.push(("x-slack-retry-reason", "http_timeout".to_owned()));
        }
        if is_twice {
            self.post_signed(it.kind.path(), &headers, &body).await;
        }
        self.post_signed(it.kind.path(), &headers, &body).await
    }

    /// Posts a body with a good signature to the app.
    pub(crate) async fn post_signed(&self, path: &str, more: &[(&str, String)], body: &str) -> (Option<Value>, u16) {
        let stamp = self.now() / 1000;
        let url = format!("{}{path}", self.world().base);
        let mut request = self.0.http.post(url).timeout(PATIENCE).header("user-agent", "Slackbot 1.0");
        request = request.header("x-slack-request-timestamp", stamp);
        request = request.header("x-slack-signature", signature(stamp, body));
        for (name, value) in more {
            request = request.header(*name, value);
        }
        self.record(false, path, "", body.as_bytes());
        let Ok(answer) = request.body(body.to_owned()).send().await else { return (None, 0) };
        let status = answer.status();
        let Ok(text) = answer.text().await else { return (None, 0) };
        self.record(true, path, "", text.as_bytes());
        (status.is_success().then(|| serde_json::from_str(&text).unwrap_or(Value::Null)), status.as_u16())
    }
}

/// `v0=` and the HMAC of time and body.
pub(crate) fn signature(stamp: i64, body: &str) -> String {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(SIGNING_SECRET.as_bytes()).unwrap();
    mac.update(format!("v0:{stamp}:{body}").as_bytes());
    format!("v0={}", data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes()))
}

fn form(fields: &Value) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields.as_object().into_iter().flatten() {
        form.append_pair(name, value.as_str().unwrap_or_default());
    }
    form.finish()
}
