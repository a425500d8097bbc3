//! What Discord is sent, for whoever wants to check it: the same layouts, without sending anything.

use serde_json::Value;

use super::forms;
use super::render::{ANSWER_PAGES, pages};
use crate::chat::{Form, Home, Message};

/// A message as an answer: each of its parts.
#[must_use]
pub fn laid_out(message: &Message) -> Vec<Value> {
    pages(message, ANSWER_PAGES).iter().map(|it| it.packed().body).collect()
}

/// A message that must be one: a card. Further parts hold buttons alone.
#[must_use]
pub fn card(message: &Message) -> Vec<Value> {
    pages(message, 1).iter().map(|it| it.packed().body).collect()
}

/// A person's start page.
#[must_use]
pub fn home_page(it: &Home) -> Vec<Value> {
    laid_out(&it.clone().into_message())
}

/// A form's modal.
#[must_use]
pub fn form_modal(form: &Form) -> Value {
    forms::modal(form, Some(&forms::initial_picks(form)))
}

/// The message before it.
#[must_use]
pub fn form_sheet(form: &Form) -> Value {
    forms::sheet(form).bare()
}
