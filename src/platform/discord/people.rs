//! What Discord says of people: whether they are in the company's server, and in which roles.
//!
//! An interaction brings what is known of whoever acts; in a conversation with the bot, and for decisions, Discord is asked.
//! Unknown means no: an account is a person only if Discord says so in every respect.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde_json::Value;

use super::api::Api;
use super::payload::{id, list, number};
use super::trouble::Trouble;
use crate::chat::{Account, Kind, Platform, Roster, Standing};
use crate::platform::fields::text;
use crate::platform::lately::Lately;

/// Only in one voice channel, by an invitation. <https://docs.discord.com/developers/resources/guild#guild-member-object-guild-member-flags>
const IS_GUEST: u64 = 1 << 4;
/// Where an interaction was: in a conversation with the bot. <https://docs.discord.com/developers/interactions/receiving-and-responding>
const WITH_US: u64 = 1;
/// The type of a channel that two talk in.
const OF_TWO: u64 = 1;
/// What Discord answers about somebody who is not in the server, or not at all.
const UNKNOWN_MEMBER: u64 = 10_007;
const UNKNOWN_USER: u64 = 10_013;

/// People, as the company's server sees them.
#[derive(Clone)]
pub struct People(Arc<Inner>);

struct Inner {
    api: Api,
    guild: String,
    known: Lately,
}

impl People {
    /// The people of the server `guild`.
    #[must_use]
    pub fn new(api: Api, guild: &str) -> Self {
        Self(Arc::new(Inner { api, guild: guild.to_owned(), known: Lately::default() }))
    }

    /// What an interaction says of whoever acts. None if it does not say, as in a conversation with the bot.
    pub(super) fn told(&self, payload: &Value) -> Option<Standing> {
        let outside = Standing { kind: Kind::Outsider, ..Standing::default() };
        let member = payload.get("member").filter(|it| it.is_object());
        match (id(payload, "/guild_id"), member) {
            (Some(guild), _) if guild != self.0.guild => Some(outside),
            (Some(_), Some(member)) => Some(standing(member)),
            (Some(_), None) => Some(Standing::default()),
            (None, _) if is_with_us(payload) => None,
            // Neither a server nor a conversation with the bot: among others, where we do not know who reads.
            (None, _) => Some(outside),
        }
    }

    /// What Discord says of `user`, at most a minute old. If it cannot say, nothing is known of them.
    pub(super) async fn standing_of(&self, user: &str) -> Standing {
        match self.0.known.of(user) {
            Some(standing) => standing,
            None => self.ask(user).await.unwrap_or_default(),
        }
    }

    async fn ask(&self, user: &str) -> Option<Standing> {
        let standing = match self.0.api.member(&self.0.guild, user).await {
            Ok(member) if id(&member, "/user/id").as_deref() == Some(user) => standing(&member),
            Ok(_) => return None,
            Err(Trouble::Refused(UNKNOWN_MEMBER | UNKNOWN_USER)) => {
                Standing { kind: Kind::Outsider, ..Standing::default() }
            }
            Err(trouble) => {
                tracing::warn!(code = trouble.code(), "Discord did not say who somebody is");
                return None;
            }
        };
        self.0.known.keep(user, &standing);
        Some(standing)
    }
}

/// Whether it was done in a conversation with the bot. The crate leaves out the context of a form that was sent: its channel says it.
fn is_with_us(payload: &Value) -> bool {
    match number(payload, "/context") {
        Some(context) => context == WITH_US,
        None => number(payload, "/channel/type") == Some(OF_TWO),
    }
}

impl Roster for People {
    fn standing<'a>(&'a self, account: &'a Account) -> BoxFuture<'a, Option<Standing>> {
        Box::pin(
            async move { if account.platform() == Platform::Discord { self.ask(account.id()).await } else { None } },
        )
    }

    /// Discord lists nobody without a privileged intent, which this app does not have.
    fn members<'a>(&'a self, _group: &'a str) -> BoxFuture<'a, Option<Vec<Account>>> {
        Box::pin(std::future::ready(None))
    }
}

/// What a member object says of somebody in the company's server.
fn standing(member: &Value) -> Standing {
    let name = ["/nick", "/user/global_name", "/user/username"];
    let roles = list(member, "/roles").iter().filter_map(Value::as_str);
    Standing {
        kind: kind(member),
        name: name.into_iter().find_map(|it| text(member, it)).unwrap_or_default().to_owned(),
        // Discord has none that was proven.
        email: None,
        groups: roles.map(|role| format!("discord-role:{role}")).collect(),
    }
}

fn kind(member: &Value) -> Kind {
    let is = |pointer: &str| member.pointer(pointer).and_then(Value::as_bool) == Some(true);
    if is("/user/bot") || is("/user/system") {
        Kind::Bot
    } else if is("/pending") || number(member, "/flags").is_some_and(|it| it & IS_GUEST != 0) {
        Kind::Guest
    } else if id(member, "/user/id").is_some() && member["roles"].is_array() {
        Kind::Person
    } else {
        Kind::Unknown
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_whoever_is_clearly_one_of_ours_is_a_person() {
        let member = json!({ "user": { "id": "7", "username": "ada", "global_name": "Ada Brandt" }, "roles": ["1"], "flags": 0 });
        let known = standing(&member);
        assert_eq!((known.kind, known.name.as_str(), known.email), (Kind::Person, "Ada Brandt", None));
        assert_eq!(known.groups, ["discord-role:1"]);
        let changed: [(&str, Value, Kind); 6] = [
            ("pending", true.into(), Kind::Guest),
            ("flags", IS_GUEST.into(), Kind::Guest),
            ("roles", Value::Null, Kind::Unknown),
            ("user", json!({ "id": "7", "bot": true }), Kind::Bot),
            ("user", json!({ "id": "7", "system": true }), Kind::Bot),
            ("user", json!({ "username": "ada" }), Kind::Unknown),
        ];
        for (field, value, expected) in changed {
            let mut other = member.clone();
            other[field] = value;
            assert_eq!(kind(&other), expected, "{field}");
        }
    }

    #[test]
    fn only_a_conversation_with_the_bot_is_one() {
        let payloads = [
            (json!({ "context": 1 }), true),
            (json!({ "channel": { "type": 1 } }), true),
            (json!({ "context": 2, "channel": { "type": 1 } }), false),
            (json!({ "context": 0 }), false),
            (json!({ "channel": { "type": 3 } }), false),
            (json!({}), false),
        ];
        for (payload, expected) in payloads {
            assert_eq!(is_with_us(&payload), expected, "{payload}");
        }
    }
}
