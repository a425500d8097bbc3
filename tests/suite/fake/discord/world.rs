//! What there is in the server.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{BOT_USER, Discord, GUILD};

#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "Discord says each by itself")]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) roles: Vec<String>,
    pub(crate) is_pending: bool,
    pub(crate) is_bot: bool,
    /// Not in the company's server.
    pub(crate) is_stranger: bool,
    pub(crate) takes_no_messages: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Channel {
    pub(crate) id: String,
    /// Of a direct message.
    pub(crate) with: Option<String>,
    /// The message above, of a thread.
    pub(crate) below: Option<String>,
    pub(crate) is_hidden: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) channel: String,
    /// Who alone sees it.
    pub(crate) only_for: Option<String>,
    /// As it was sent or last edited; of one that waits still, null.
    pub(crate) body: Value,
    pub(crate) files: Vec<String>,
    pub(crate) edits: usize,
    pub(crate) is_deleted: bool,
    pub(crate) nonce: Option<String>,
    pub(super) made: i64,
}

/// Something that somebody did, and how it was answered.
#[derive(Clone, Debug)]
pub(super) struct Interaction {
    pub(super) token: String,
    pub(super) user: String,
    pub(super) channel: String,
    pub(super) made: i64,
    /// When it was brought, by the real clock.
    pub(super) brought: std::time::Instant,
    /// The type of the first answer.
    pub(super) answered: Option<u64>,
    /// What `@original` means.
    pub(super) original: Option<String>,
    /// The message with the button.
    pub(super) source: Option<String>,
    /// The first message after a deferral takes the place of the loading one.
    pub(super) is_loading: bool,
    /// What the first answer said beside messages: a modal, suggestions.
    pub(super) said: Value,
    /// Every message that answered it, as it read then.
    pub(super) results: Vec<Message>,
}

#[derive(Default)]
pub(super) struct World {
    pub(super) base: String,
    pub(super) gateway: Option<String>,
    pub(super) users: BTreeMap<String, User>,
    pub(super) channels: BTreeMap<String, Channel>,
    pub(super) messages: Vec<Message>,
    pub(super) interactions: BTreeMap<String, Interaction>,
    /// By scope: the commands that were registered.
    pub(super) commands: BTreeMap<String, Value>,
    /// Further servers that somebody added the bot to.
    pub(super) other_guilds: Vec<String>,
    /// The modal that somebody has open, and the message it was opened from.
    pub(super) modals: BTreeMap<String, (Value, Option<String>)>,
    last_id: u64,
}

impl World {
    pub(super) fn id(&mut self) -> String {
        self.last_id += 1;
        (80_351_110_224_680_000 + self.last_id).to_string()
    }

    pub(super) fn direct(&mut self, user: &str) -> String {
        if let Some(it) = self.channels.values().find(|it| it.with.as_deref() == Some(user)) {
            return it.id.clone();
        }
        let id = self.id();
        let channel = Channel { id: id.clone(), with: Some(user.to_owned()), below: None, is_hidden: false };
        self.channels.insert(id.clone(), channel);
        id
    }

    pub(super) fn message(&mut self, id: &str) -> Option<&mut Message> {
        self.messages.iter_mut().find(|it| it.id == id && !it.is_deleted)
    }

    pub(super) fn user(&self, id: &str) -> Value {
        let user = &self.users[id];
        json!({
            "id": id, "username": user.name, "global_name": user.name, "discriminator": "0", "avatar": null,
            "bot": user.is_bot, "public_flags": 0,
        })
    }

    pub(super) fn member(&self, id: &str) -> Value {
        let user = &self.users[id];
        json!({
            "user": self.user(id), "nick": null, "avatar": null, "roles": user.roles, "joined_at": "2026-01-01T00:00:00+00:00",
            "deaf": false, "mute": false, "flags": 0, "pending": user.is_pending, "permissions": "2248473465835073",
        })
    }
}

/// A message as Discord tells it.
pub(super) fn told(message: &Message) -> Value {
    let body = &message.body;
    let list = |name: &str| body[name].as_array().cloned().unwrap_or_default();
    json!({
        "id": message.id, "channel_id": message.channel, "type": 0, "content": body["content"].as_str().unwrap_or_default(),
        "author": { "id": BOT_USER, "username": "steward", "discriminator": "0", "avatar": null, "bot": true },
        "timestamp": "2026-01-01T00:00:00+00:00", "edited_timestamp": null, "tts": false, "mention_everyone": false,
        "mentions": [], "mention_roles": [], "attachments": [], "embeds": list("embeds"), "pinned": false,
        "components": list("components"), "flags": if message.only_for.is_some() { 64 } else { 0 },
    })
}

impl Discord {
    /// A member of the server; change what `with` changes.
    pub(crate) fn user(&self, name: &str, with: impl FnOnce(&mut User)) -> String {
        let mut world = self.world();
        let id = world.id();
        let mut user = User { id: id.clone(), name: name.to_owned(), ..User::default() };
        with(&mut user);
        world.users.insert(id.clone(), user);
        id
    }

    pub(crate) fn change_user(&self, id: &str, with: impl FnOnce(&mut User)) {
        with(self.world().users.get_mut(id).unwrap());
    }

    /// A role with these people in it.
    pub(crate) fn role(&self, members: &[&str]) -> String {
        let mut world = self.world();
        let id = world.id();
        for member in members {
            world.users.get_mut(*member).unwrap().roles.push(id.clone());
        }
        id
    }

    pub(crate) fn channel(&self, with: impl FnOnce(&mut Channel)) -> String {
        let mut world = self.world();
        let id = world.id();
        let mut channel = Channel { id: id.clone(), with: None, below: None, is_hidden: false };
        with(&mut channel);
        world.channels.insert(id.clone(), channel);
        id
    }

    /// Somebody else adds the bot to a server of theirs.
    pub(crate) fn is_added_elsewhere(&self) -> String {
        let mut world = self.world();
        let id = world.id();
        world.other_guilds.push(id.clone());
        id
    }

    pub(crate) fn direct(&self, user: &str) -> String {
        self.world().direct(user)
    }

    /// What stands in a channel for everybody, oldest first.
    pub(crate) fn messages(&self, channel: &str) -> Vec<Message> {
        let seen =
            |it: &&Message| it.channel == channel && it.only_for.is_none() && !it.is_deleted && !it.body.is_null();
        self.world().messages.iter().filter(seen).cloned().collect()
    }

    /// What only one person sees, in any channel.
    pub(crate) fn ephemerals(&self, user: &str) -> Vec<Message> {
        let seen = |it: &&Message| it.only_for.as_deref() == Some(user) && !it.is_deleted && !it.body.is_null();
        self.world().messages.iter().filter(seen).cloned().collect()
    }

    pub(crate) fn message(&self, id: &str) -> Option<Message> {
        self.world().message(id).cloned()
    }

    /// Every message that answered an interaction, as it read then, oldest first.
    pub(crate) fn results(&self, interaction: &str) -> Vec<Message> {
        self.world().interactions[interaction].results.clone()
    }

    /// The modal that somebody has open.
    pub(crate) fn modal(&self, user: &str) -> Option<Value> {
        self.world().modals.get(user).map(|(modal, _)| modal.clone())
    }

    /// The commands that were registered.
    pub(crate) fn commands(&self, scope: &str) -> Option<Value> {
        self.world().commands.get(scope).cloned()
    }

    pub(super) fn guilds(&self) -> Value {
        let others = self.world().other_guilds.clone();
        let of = |id: &str| json!({ "id": id, "name": if id == GUILD { "Meridian" } else { "Elsewhere" } });
        std::iter::once(of(GUILD)).chain(others.iter().map(|it| of(it))).collect()
    }
}
