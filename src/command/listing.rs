//! What lists share: pages, their age, and their JSON for the command line.

use super::Tools;
use super::ask::Listing;
use crate::change::Failure;
use crate::chat::{Acknowledgement, Block, Button, Message, Text};
use crate::store::Resource;
use crate::view;

/// Rows on one page of a list.
pub(super) const PAGE: i64 = 20;

impl Listing {
    /// Which page, from 1.
    pub(super) fn number(&self) -> i64 {
        i64::from(self.page.unwrap_or(1))
    }

    /// How many rows come before this page.
    pub(super) fn offset(&self) -> i64 {
        (self.number() - 1) * PAGE
    }
}

/// "As of 3 minutes ago", for what comes from the directory.
pub(super) async fn as_of(tools: &Tools, resource: Resource) -> Result<Text, Failure> {
    let all = tools.store.freshness().await?;
    let known = all.iter().find(|it| it.resource == resource.as_str()).and_then(|it| it.complete_at);
    Ok(match known {
        Some(at) => Text::plain(format!("As of {}.", view::age(at, tools.clock.now()))),
        None => Text::plain("This list was never read to its end yet."),
    })
}

/// Adds "Next page" and "Previous page" to a list of `total` rows; `words` is the command without its page.
pub(super) fn paged(message: Message, listing: &Listing, total: i64, words: &[&str]) -> Message {
    let to = |label: &str, page: i64| {
        let page = page.to_string();
        let words: Vec<&str> = words.iter().copied().chain(["--page", &page]).collect();
        Button::new(label, &words).acknowledged(Acknowledgement::Edit)
    };
    let mut message = message;
    if listing.number() > 1 {
        message = message.button(to("Previous page", listing.number() - 1));
    }
    if listing.offset() + PAGE < total {
        message = message.button(to("Next page", listing.number() + 1));
    }
    message
}

/// A list for programs. The command line prints the block alone.
pub(super) fn json(rows: &serde_json::Value) -> Message {
    let text = serde_json::to_string_pretty(rows).unwrap_or_default();
    Message::plain("As JSON:").block(Block::Code(text))
}
