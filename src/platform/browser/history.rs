//! What was said, by channel. Pure: ids and revisions grow by one, the oldest messages of a channel fall away.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::chat::{Block, Button, Form, Message, Token};
use crate::clock::Moment;

/// How many messages a channel keeps.
const KEPT_PER_CHANNEL: usize = 5_000;

/// One message in a channel.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Entry {
    /// Its number; shown as `m17`.
    pub(super) id: u64,
    /// The channel's id; `@ada` for Ada's conversation with the bot.
    pub(super) channel: String,
    /// The person's id, or the bot's.
    pub(super) from: String,
    /// What is read.
    pub(super) body: Message,
    /// Set if only this person sees it.
    pub(super) only: Option<String>,
    /// Whether it changed since it was posted.
    pub(super) edited: bool,
    /// When it was posted.
    pub(super) at: Moment,
    /// Grows with every change anywhere in the room.
    pub(super) rev: u64,
    /// Tokens that earlier versions carried: somebody may press what they still see.
    pub(super) past: Vec<Token>,
    /// A form to fill in.
    pub(super) form: Option<Form>,
    /// The form was sent: kept for repeated deliveries, no longer shown.
    pub(super) sent: bool,
    /// Who asked for it, with which command.
    pub(super) asked: Option<(String, String)>,
    /// For a form: the message whose button opened it.
    pub(super) opened_on: Option<u64>,
}

impl Entry {
    /// An entry that says `body` in `channel`; the history gives it its number.
    pub(super) fn new(channel: &str, from: &str, body: Message, at: Moment) -> Self {
        Self {
            id: 0,
            channel: channel.into(),
            from: from.into(),
            body,
            only: None,
            edited: false,
            at,
            rev: 0,
            past: Vec::new(),
            form: None,
            sent: false,
            asked: None,
            opened_on: None,
        }
    }

    /// True if `person` sees it, given that they see the channel.
    pub(super) fn is_seen_by(&self, person: &str) -> bool {
        !self.sent && self.only.as_deref().is_none_or(|only| only == person)
    }

    /// True if this or an earlier version carried `token`.
    pub(super) fn carried(&self, token: &Token) -> bool {
        self.past.contains(token) || tokens(&self.body).any(|it| it == token)
    }
}

/// Every button of a message, also those between blocks.
pub(super) fn buttons(message: &Message) -> impl Iterator<Item = &Button> {
    let inner = message.blocks.iter().filter_map(|block| match block {
        Block::Buttons(buttons) => Some(buttons),
        _ => None,
    });
    inner.flatten().chain(&message.buttons)
}

/// Every token that a press on a message may carry.
pub(super) fn tokens(message: &Message) -> impl Iterator<Item = &Token> {
    buttons(message).filter_map(|button| button.token.as_ref())
}

/// All channels' messages.
#[derive(Debug, Default)]
pub(super) struct History {
    channels: BTreeMap<String, VecDeque<Arc<Entry>>>,
    /// Which channel a message is in.
    places: HashMap<u64, String>,
    last_id: u64,
    last_rev: u64,
}

impl History {
    /// A history of these entries, in any order. Ids and revisions go on after the largest.
    pub(super) fn of(entries: Vec<Entry>) -> Self {
        let mut history = Self::default();
        let mut entries = entries;
        entries.sort_by_key(|entry| entry.id);
        for entry in entries {
            history.last_id = history.last_id.max(entry.id);
            history.last_rev = history.last_rev.max(entry.rev);
            history.push(entry);
        }
        history
    }

    /// Adds a message and answers it with its number.
    pub(super) fn post(&mut self, mut entry: Entry) -> Arc<Entry> {
        self.last_id += 1;
        self.last_rev += 1;
        entry.id = self.last_id;
        entry.rev = self.last_rev;
        self.push(entry)
    }

    fn push(&mut self, entry: Entry) -> Arc<Entry> {
        let entry = Arc::new(entry);
        self.places.insert(entry.id, entry.channel.clone());
        let channel = self.channels.entry(entry.channel.clone()).or_default();
        channel.push_back(Arc::clone(&entry));
        while channel.len() > KEPT_PER_CHANNEL {
            if let Some(gone) = channel.pop_front() {
                self.places.remove(&gone.id);
            }
        }
        entry
    }

    /// The message of this number.
    pub(super) fn find(&self, id: u64) -> Option<&Arc<Entry>> {
        let channel = self.channels.get(self.places.get(&id)?)?;
        channel.get(channel.binary_search_by_key(&id, |entry| entry.id).ok()?)
    }

    /// Changes the message of this number; none if it is gone.
    pub(super) fn change(&mut self, id: u64, change: impl FnOnce(&mut Entry)) -> Option<Arc<Entry>> {
        let mut entry = Entry::clone(self.find(id)?);
        change(&mut entry);
        self.last_rev += 1;
        entry.rev = self.last_rev;
        let entry = Arc::new(entry);
        let channel = self.channels.get_mut(&entry.channel)?;
        let at = channel.binary_search_by_key(&id, |entry| entry.id).ok()?;
        channel[at] = Arc::clone(&entry);
        Some(entry)
    }

    /// Takes a message away.
    pub(super) fn remove(&mut self, id: u64) -> Option<Arc<Entry>> {
        let channel = self.channels.get_mut(&self.places.remove(&id)?)?;
        let at = channel.binary_search_by_key(&id, |entry| entry.id).ok()?;
        channel.remove(at)
    }

    /// A channel's messages, oldest first.
    pub(super) fn channel(&self, channel: &str) -> impl DoubleEndedIterator<Item = &Arc<Entry>> {
        self.channels.get(channel).into_iter().flatten()
    }

    /// Every message.
    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Entry>> {
        self.channels.values().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::moment;

    fn said(text: &str) -> Entry {
        Entry::new("general", "ada", Message::plain(text), moment(0))
    }

    #[test]
    fn a_channel_keeps_its_newest_messages_and_finds_them() {
        let mut history = History::default();
        for number in 0..=KEPT_PER_CHANNEL {
            history.post(said(&number.to_string()));
        }
        assert!(history.find(1).is_none());
        assert_eq!(history.find(2).map(|it| it.body.text.to_plain()).as_deref(), Some("1"));
        assert_eq!(history.channel("general").count(), KEPT_PER_CHANNEL);
    }

    #[test]
    fn a_change_keeps_the_number_and_a_removed_message_stays_gone() {
        let mut history = History::default();
        let (first, second) = (history.post(said("one")).id, history.post(said("two")).id);
        let changed = history.change(first, |entry| entry.edited = true).unwrap();
        assert_eq!((changed.id, changed.rev), (first, 3));
        assert!(history.remove(second).is_some());
        assert!(history.find(second).is_none() && history.remove(second).is_none());
        assert_eq!(history.post(said("three")).id, 3);
    }
}
