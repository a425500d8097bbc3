//! The one way by which a secret leaves for Slack: into a modal that is open already, by our own HTTP call.
//!
//! Not through the crate: its errors quote what was sent. Not into a message: those are kept, searched and exported.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::api::Trouble;
use super::blocks::{code, context, heading, plain, sections};
use super::limits::MODAL_WORD;
use crate::chat::{Block, Message, Revealed};
use crate::outgoing::{AllowedHosts, Outgoing};
use crate::view;

/// Opens secrets in modals. No `Debug`: it holds the bot token.
pub(super) struct Reveal {
    http: Outgoing,
    base: String,
    token: SecretString,
}

impl Reveal {
    /// Through the API at `base`, which `hosts` allows.
    pub(super) fn new(base: &str, token: SecretString, hosts: AllowedHosts) -> Result<Self, crate::outgoing::Error> {
        Ok(Self { http: Outgoing::forgetful(hosts)?, base: base.trim_end_matches('/').to_owned(), token })
    }

    /// Shows `revealed` in the modal `view`, once.
    pub(super) async fn show(&self, view: &str, message: &Message, revealed: &Revealed) -> Result<(), Trouble> {
        let body = json!({ "view_id": view, "view": dialog(message, revealed) });
        let url = format!("{}/views.update", self.base);
        let answer = self.http.post_with_token(&url, &body, &self.token).await.map_err(|error| match error {
            crate::outgoing::Error::TimedOut => Trouble::TimedOut,
            crate::outgoing::Error::Unreachable | crate::outgoing::Error::Broken => Trouble::Unreachable,
            _ => Trouble::Malformed,
        })?;
        if !answer.is_success() {
            return Err(Trouble::Status(answer.status));
        }
        let said: Value = serde_json::from_slice(&answer.body).map_err(|_| Trouble::Malformed)?;
        if said["ok"] == true { Ok(()) } else { Err(Trouble::Refused("views_update_refused".to_owned())) }
    }
}

fn dialog(message: &Message, revealed: &Revealed) -> Value {
    let mut blocks: Vec<Value> = sections(&message.text).collect();
    blocks.extend(code(revealed.secret.expose_secret()));
    for block in &message.blocks {
        match block {
            Block::Paragraph(text) => blocks.extend(sections(text)),
            Block::Heading(text) => blocks.push(heading(text)),
            Block::Code(text) => blocks.extend(code(text)),
            // Nothing else stands beside a secret.
            _ => {}
        }
    }
    blocks.push(context(&view::secret::again(revealed.until)));
    json!({
        "type": "modal",
        "callback_id": "secret",
        "title": plain("For you alone", MODAL_WORD),
        "close": plain("Close", MODAL_WORD),
        "blocks": blocks,
    })
}
