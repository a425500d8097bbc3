//! The organization's activity feed: what was done in it, and who did it, as the Compliance API tells.
//!
//! While it is switched off nothing is recorded, and nothing is made up for later. An activity can be read half a minute after
//! it happened; documented is "within a minute". How an Admin key's own id is made up, and that a person's key shows as
//! `api_actor` when it changes the organization, is undocumented.

use super::ids;
use super::nouns::Member;
use super::tools::Tools;
use crate::clock::{Moment, moment};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// How long an activity cannot be read yet.
const USUAL_LAG_MS: i64 = 30_000;
/// How many are kept.
const MOST: usize = 100_000;

/// Everything that the feed holds, oldest first.
#[derive(Serialize, Deserialize)]
pub(super) struct Feed {
    pub(super) on: bool,
    pub(super) entries: Vec<Entry>,
    /// Admin keys besides the first, hashed, with their ids.
    pub(super) admin_keys: Vec<(String, String)>,
    pub(super) lag_ms: i64,
    pub(super) to_lose: u32,
}

impl Default for Feed {
    fn default() -> Self {
        Self { on: false, entries: Vec::new(), admin_keys: Vec::new(), lag_ms: USUAL_LAG_MS, to_lose: 0 }
    }
}

/// One activity.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) at: Moment,
    pub(super) readable_at: Moment,
    pub(super) kind: String,
    pub(super) actor: Value,
    pub(super) more: Map<String, Value>,
}

/// Who does something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Actor {
    /// Somebody in the Console.
    User { id: String, email: String },
    /// An Admin key, by its id.
    AdminKey(String),
    /// An API key, by its id.
    ApiKey(String),
}

impl Actor {
    pub(super) fn user(member: &Member) -> Self {
        Self::User { id: member.id.clone(), email: member.email.clone() }
    }

    fn shown(&self) -> Value {
        const ADDRESS: &str = "192.0.2.34";
        match self {
            Self::User { id, email } => json!({
                "type": "user_actor", "email_address": email, "user_id": id, "ip_address": ADDRESS,
                "user_agent": "Mozilla/5.0",
            }),
            Self::AdminKey(id) => json!({
                "type": "admin_api_key_actor", "admin_api_key_id": id, "ip_address": ADDRESS, "user_agent": "",
            }),
            Self::ApiKey(id) => json!({
                "type": "api_actor", "api_key_id": id, "ip_address": ADDRESS, "user_agent": "",
            }),
        }
    }
}

impl Feed {
    /// Records an activity, if the feed is on. `more` is an object with what its kind says besides.
    pub(super) fn leave(&mut self, tools: &Tools<'_>, actor: &Actor, kind: &str, more: Value) {
        if !self.on {
            return;
        }
        if self.to_lose > 0 {
            self.to_lose -= 1;
            return;
        }
        if self.entries.len() >= MOST {
            self.entries.remove(0);
        }
        self.entries.push(Entry {
            id: ids::id(tools.random, "activity"),
            at: tools.now,
            readable_at: moment(tools.now.as_millisecond() + self.lag_ms),
            kind: kind.to_owned(),
            actor: actor.shown(),
            more: if let Value::Object(more) = more { more } else { Map::new() },
        });
    }

    /// The id of the Admin key whose secret this is; `first` is the one that the organization began with.
    pub(super) fn admin_key_id(&self, secret: &str, first: &str) -> Option<String> {
        let hash = ids::hash(secret);
        if secret == first {
            return Some(format!("apikey_01{}", &hash[..22]));
        }
        self.admin_keys.iter().find(|(_, it)| *it == hash).map(|(id, _)| id.clone())
    }
}
