//! The one way by which a secret leaves for Discord: into a message that one person sees, by our own HTTP call.
//!
//! Not through the crate, whose spans hold what was sent. Not into a direct message: those are kept.

use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::api::AGENT;
use super::limits::{CONTENT, RUN};
use super::markdown::{fenced, one, pieces, small};
use super::trouble::Trouble;
use super::webhook::checked;
use crate::chat::{Block, Message, Revealed, Text};
use crate::outgoing::{AllowedHosts, Error, Outgoing};
use crate::view;

/// Shows secrets.
pub(super) struct Reveal {
    http: Outgoing,
    base: String,
    application: String,
}

impl Reveal {
    /// Through Discord at `base`, which `hosts` allows.
    pub(super) fn new(base: &str, application: &str, hosts: AllowedHosts) -> Result<Self, Error> {
        let base = base.trim_end_matches('/').to_owned();
        Ok(Self { http: Outgoing::forgetful(hosts)?, base, application: application.to_owned() })
    }

    /// Shows `revealed` in the message that waits under `token`, once. The caller has seen that it is for one person.
    pub(super) async fn show(&self, token: &str, message: &Message, revealed: &Revealed) -> Result<(), Trouble> {
        let base = &self.base;
        let url = format!("{base}/api/v10/webhooks/{}/{}/messages/@original", self.application, checked(token)?);
        let answer =
            self.http.patch_json(&url, &body(message, revealed), AGENT).await.map_err(|error| match error {
                Error::TimedOut => Trouble::TimedOut,
                Error::Unreachable | Error::Broken => Trouble::Unreachable,
                _ => Trouble::Malformed,
            })?;
        if answer.is_success() { Ok(()) } else { Err(Trouble::Status(answer.status)) }
    }
}

fn body(message: &Message, revealed: &Revealed) -> Value {
    let mut parts = fenced(revealed.secret.expose_secret(), RUN);
    for block in &message.blocks {
        match block {
            Block::Paragraph(text) => parts.extend(pieces(text, RUN)),
            Block::Heading(text) => parts.extend(pieces(&Text::new().strong(text.clone()), RUN)),
            Block::Code(text) => parts.extend(fenced(text, RUN)),
            // Nothing else stands beside a secret.
            _ => {}
        }
    }
    parts.extend(small(&view::secret::again(revealed.until), RUN));
    // An embed each: whatever is long does not push the secret out.
    let embeds: Vec<Value> = parts.chunks(2).take(3).map(|it| json!({ "description": it.join("\n") })).collect();
    json!({
        "content": one(&message.text, CONTENT),
        "embeds": embeds,
        "components": [],
        "attachments": [],
        "allowed_mentions": { "parse": [] },
    })
}
