//! The organization's activity feed: what was done in it, and who did it, as the Compliance API tells.
//!
//! While it is switched off nothing is recorded, and nothing is made up for later. An activity can be read half a minute after
//! it happened; documented is "within a minute". How an Admin key's own id is made up, and that a person's key shows as
//! `api_actor` when it changes the organization, is undocumented.

use super::ids;
use super::nouns::Member;
use super::organization::{Organization, Tools};
use super::state::State;
use crate::clock::{Moment, moment};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::convert::Infallible;

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
    lag_ms: i64,
    to_lose: u32,
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

impl State {
    /// Records an activity, if the feed is on. `more` is an object with what its kind says besides.
    pub(super) fn leave(&mut self, tools: &Tools<'_>, actor: &Actor, kind: &str, more: Value) {
        if !self.feed.on {
            return;
        }
        if self.feed.to_lose > 0 {
            self.feed.to_lose -= 1;
            return;
        }
        if self.feed.entries.len() >= MOST {
            self.feed.entries.remove(0);
        }
        self.feed.entries.push(Entry {
            id: ids::id(tools.random, "activity"),
            at: tools.now,
            readable_at: moment(tools.now.as_millisecond() + self.feed.lag_ms),
            kind: kind.to_owned(),
            actor: actor.shown(),
            more: if let Value::Object(more) = more { more } else { Map::new() },
        });
    }

    /// The id of the Admin key whose secret this is.
    pub(super) fn admin_key_id(&self, secret: &str) -> Option<String> {
        let hash = ids::hash(secret);
        if secret == self.admin_key {
            return Some(format!("apikey_01{}", &hash[..22]));
        }
        self.feed.admin_keys.iter().find(|(_, it)| *it == hash).map(|(id, _)| id.clone())
    }
}

impl Organization {
    /// Switches the Compliance API, and with it the activity feed, on or off, as an admin does in the Console.
    pub fn switch_activity_feed(&self, on: bool) {
        self.act(|state, tools| {
            let Some(admin) = state.members.first().map(Actor::user) else { return };
            state.feed.on |= on;
            let more = json!({ "compliance_api_enabled": on, "compliance_api_logging_enabled": on });
            state.leave(tools, &admin, "org_compliance_api_settings_updated", more);
            state.feed.on = on;
        });
    }

    /// Whether the feed is on.
    #[must_use]
    pub fn has_activity_feed(&self) -> bool {
        self.read(|state| state.feed.on)
    }

    /// From now on an activity can be read only so long after it happened.
    pub fn delay_activities(&self, lag_ms: i64) {
        self.act(|state, _| state.feed.lag_ms = lag_ms);
    }

    /// The next activities, so many, are not recorded, as if somebody had kept them out.
    pub fn lose_activities(&self, count: u32) {
        self.act(|state, _| state.feed.to_lose = count);
    }

    /// Makes a further Admin key in the Console. It opens nothing but this simulation.
    #[must_use]
    pub fn make_admin_key(&self) -> String {
        self.act(|state, tools| {
            let secret = ids::admin_secret(tools.random);
            let id = ids::id(tools.random, "apikey");
            state.feed.admin_keys.push((id.clone(), ids::hash(&secret)));
            if let Some(admin) = state.members.first().map(Actor::user) {
                state.leave(tools, &admin, "admin_api_key_created", json!({ "admin_api_key_id": id, "scopes": [] }));
            }
            secret
        })
    }

    fn act<T>(&self, act: impl FnOnce(&mut State, &Tools<'_>) -> T) -> T {
        let Ok(done) = self.change(|state, tools| Ok::<_, Infallible>(act(state, tools)));
        done
    }
}
