//! Where one answer goes, and how often the way was used.

use super::inbound::{Origin, View};
use super::limits::{RESPONSE_URL_MS, RESPONSE_URL_POSTS};
use crate::clock::Moment;

/// Where one answer goes, and how often the way was used.
pub(super) struct Way<'a> {
    pub(super) user: &'a str,
    pub(super) channel: Option<&'a str>,
    pub(super) origin: &'a Origin,
    pub(super) view: Option<View>,
    pub(super) since: Moment,
    pub(super) posts: u8,
}

impl<'a> Way<'a> {
    /// The `response_url`, if Slack still takes something there.
    pub(super) fn response_url(&self, now: Moment) -> Option<&'a str> {
        let is_alive = now.as_millisecond() - self.since.as_millisecond() < RESPONSE_URL_MS;
        self.origin.response_url.as_deref().filter(|_| is_alive && self.posts < RESPONSE_URL_POSTS)
    }

    /// A button pressed in the conversation with us: its answer has no other reader, and should stay.
    pub(super) fn talks_with_us(&self) -> bool {
        self.origin.message.as_ref().is_some_and(|it| it.channel.starts_with('D') && !it.ephemeral)
    }
}
