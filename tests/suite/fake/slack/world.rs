//! What there is in the workspace.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{BOT_USER, Slack, TEAM};

#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "Slack says each by itself")]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) email: Option<String>,
    pub(crate) team_id: String,
    pub(crate) is_restricted: bool,
    pub(crate) is_ultra_restricted: bool,
    pub(crate) is_stranger: bool,
    pub(crate) is_bot: bool,
    pub(crate) is_deleted: bool,
    pub(crate) is_owner: bool,
    pub(crate) enterprise_id: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Channel {
    pub(crate) id: String,
    pub(crate) name: String,
    /// Of a direct message.
    pub(crate) with: Option<String>,
    pub(crate) is_private: bool,
    pub(crate) is_archived: bool,
    pub(crate) has_bot: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) channel: String,
    pub(crate) ts: String,
    pub(crate) by: String,
    /// Who alone sees it.
    pub(crate) only_for: Option<String>,
    /// As it was sent or last edited.
    pub(crate) body: Value,
    pub(crate) edits: usize,
    pub(crate) is_deleted: bool,
}

pub(super) struct ResponseUrl {
    pub(super) made: i64,
    pub(super) uses: usize,
    pub(super) channel: String,
    pub(super) user: String,
    /// The message it was pressed on.
    pub(super) ts: Option<String>,
}

pub(super) struct Trigger {
    pub(super) made: i64,
    pub(super) user: String,
    pub(super) is_used: bool,
}

pub(super) struct Upload {
    pub(super) name: String,
    pub(super) length: usize,
    pub(super) bytes: Option<Vec<u8>>,
    pub(super) channel: Option<String>,
}

#[derive(Default)]
pub(super) struct World {
    pub(super) base: String,
    pub(super) users: BTreeMap<String, User>,
    pub(super) channels: BTreeMap<String, Channel>,
    /// Handle and members, by id.
    pub(super) groups: BTreeMap<String, (String, Vec<String>)>,
    pub(super) messages: Vec<Message>,
    /// The views each person has open, the uppermost last.
    pub(super) stacks: BTreeMap<String, Vec<Value>>,
    pub(super) homes: BTreeMap<String, Value>,
    pub(super) triggers: BTreeMap<String, Trigger>,
    pub(super) response_urls: BTreeMap<String, ResponseUrl>,
    pub(super) uploads: BTreeMap<String, Upload>,
    /// Scopes an admin did not grant.
    pub(super) lacks: BTreeSet<String>,
    pub(super) is_messages_tab_off: bool,
    last_id: u64,
}

impl World {
    /// An id of its own; those of people and places look like Slack's.
    pub(super) fn id(&mut self, prefix: &str) -> String {
        self.last_id += 1;
        let width = if prefix.len() == 1 { 8 } else { 1 };
        format!("{prefix}{:0width$}", self.last_id)
    }

    pub(super) fn ts(&mut self, now: i64) -> String {
        self.last_id += 1;
        format!("{}.{:06}", now / 1000, self.last_id)
    }

    pub(super) fn direct(&mut self, user: &str) -> String {
        if let Some(it) = self.channels.values().find(|it| it.with.as_deref() == Some(user)) {
            return it.id.clone();
        }
        let id = self.id("D");
        let (name, with) = ("directmessage".to_owned(), Some(user.to_owned()));
        let channel = Channel { id: id.clone(), name, with, is_private: true, is_archived: false, has_bot: true };
        self.channels.insert(id.clone(), channel);
        id
    }

    pub(super) fn message(&mut self, channel: &str, ts: &str) -> Option<&mut Message> {
        self.messages.iter_mut().find(|it| it.channel == channel && it.ts == ts && !it.is_deleted)
    }

    pub(super) fn is_connected(&self, user: &str) -> bool {
        self.users.get(user).is_some_and(|it| it.is_stranger)
    }
}

impl Message {
    pub(super) fn told(&self) -> Value {
        let mut told = json!({ "type": "message", "user": self.by, "ts": self.ts, "team": TEAM });
        if self.by == BOT_USER {
            told["bot_id"] = super::BOT.into();
            told["app_id"] = super::APP.into();
        }
        for name in ["text", "blocks", "metadata", "thread_ts"] {
            if let Some(it) = self.body.get(name) {
                told[name] = it.clone();
            }
        }
        told
    }
}

impl Slack {
    /// A full member; change what `with` changes.
    pub(crate) fn user(&self, name: &str, with: impl FnOnce(&mut User)) -> String {
        let mut world = self.world();
        let id = world.id("U");
        let email = Some(format!("{name}@example.com"));
        let mut user =
            User { id: id.clone(), name: name.to_owned(), email, team_id: TEAM.to_owned(), ..User::default() };
        with(&mut user);
        world.users.insert(id.clone(), user);
        id
    }

    /// Changes somebody who is there.
    pub(crate) fn change_user(&self, id: &str, with: impl FnOnce(&mut User)) {
        with(self.world().users.get_mut(id).unwrap());
    }

    /// A public channel with the bot in it; change what `with` changes.
    pub(crate) fn channel(&self, name: &str, with: impl FnOnce(&mut Channel)) -> String {
        let mut world = self.world();
        let id = world.id("C");
        let mut channel = Channel {
            id: id.clone(),
            name: name.to_owned(),
            with: None,
            is_private: false,
            is_archived: false,
            has_bot: true,
        };
        with(&mut channel);
        world.channels.insert(id.clone(), channel);
        id
    }

    pub(crate) fn direct(&self, user: &str) -> String {
        self.world().direct(user)
    }

    pub(crate) fn group(&self, handle: &str, members: &[&str]) -> String {
        let mut world = self.world();
        let id = world.id("S");
        let members = members.iter().map(ToString::to_string).collect();
        world.groups.insert(id.clone(), (handle.to_owned(), members));
        id
    }

    /// From now on the app lacks this scope.
    pub(crate) fn revoke_scope(&self, scope: &str) {
        self.world().lacks.insert(scope.to_owned());
    }

    pub(crate) fn messages_tab_off(&self) {
        self.world().is_messages_tab_off = true;
    }

    /// What stands in a channel for everybody, oldest first.
    pub(crate) fn messages(&self, channel: &str) -> Vec<Message> {
        let seen = |it: &&Message| it.channel == channel && it.only_for.is_none() && !it.is_deleted;
        self.world().messages.iter().filter(seen).cloned().collect()
    }

    /// What only one person sees, in any channel.
    pub(crate) fn ephemerals(&self, user: &str) -> Vec<Message> {
        let seen = |it: &&Message| it.only_for.as_deref() == Some(user) && !it.is_deleted;
        self.world().messages.iter().filter(seen).cloned().collect()
    }

    /// The views somebody has open, the uppermost last.
    pub(crate) fn views(&self, user: &str) -> Vec<Value> {
        self.world().stacks.get(user).cloned().unwrap_or_default()
    }

    pub(crate) fn home(&self, user: &str) -> Option<Value> {
        self.world().homes.get(user).cloned()
    }

    /// Bytes of the files shared with a channel.
    pub(crate) fn files(&self, channel: &str) -> Vec<(String, Vec<u8>)> {
        let world = self.world();
        let shared = world.uploads.values().filter(|it| it.channel.as_deref() == Some(channel));
        shared.filter_map(|it| Some((it.name.clone(), it.bytes.clone()?))).collect()
    }
}
