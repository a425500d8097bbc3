//! What Slack is sent, for whoever wants to check it: the same layouts, without sending anything.

use serde_json::Value;

use super::modal;
use super::render::{self, Surface};
use crate::chat::{Form, Home, Message};

/// A message in a channel or a conversation: its `text` and `blocks`.
#[must_use]
pub fn laid_out(message: &Message) -> Value {
    render::message(message, Surface::Message)
}

/// The same after Slack refused the newest blocks.
#[must_use]
pub fn laid_out_plainly(message: &Message) -> Value {
    render::message(message, Surface::PlainMessage)
}

/// A message as an answer within a dialog.
#[must_use]
pub fn dialog_view(message: &Message) -> Value {
    render::dialog(message)
}

/// What is shown while a form is on its way.
#[must_use]
pub fn loading_view(form: &Form) -> Value {
    render::loading(&form.title)
}

/// A form as a modal.
#[must_use]
pub fn form_view(form: &Form) -> Value {
    modal::form(form)
}

/// A person's Home tab.
#[must_use]
pub fn home_view(home: &Home) -> Value {
    render::home(home)
}
