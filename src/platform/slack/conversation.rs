//! What answering needs: who answers, how Slack is called, and the two ways that do not go through the crate.

use super::api::Api;
use super::parts::Parts;
use super::reveal::Reveal;
use super::share::Files;
use crate::outgoing::Outgoing;

/// Answers acts. What it cannot say where it was asked, it says in the conversation with the person.
pub(super) struct Conversation {
    pub(super) parts: Parts,
    pub(super) api: Api,
    pub(super) team: String,
    pub(super) responses: Outgoing,
    pub(super) reveal: Reveal,
    pub(super) files: Files,
}
