//! What Slack says of people: one's own company or not, guest, bot, deactivated, in which user groups.
//!
//! Kept for a minute, so that a question is answered at once; asked afresh for decisions. Unknown means no: an account is a
//! person only if Slack says so in every respect.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::Value;
use tokio::time::Instant;

use super::api::{Api, Trouble};
use crate::chat::{Account, Kind, Platform, Roster, Standing};
use crate::domain::LiveRules;
use crate::platform::fields::text;
use crate::platform::lately::{KEEP, Lately};

/// How long the groups are believed where something is: their listing allows 20 calls a minute, for everybody together.
const KEEP_GROUPS_FRESH: Duration = Duration::from_secs(4);

/// People, as Slack sees them.
#[derive(Clone)]
pub struct People(Arc<Inner>);

struct Inner {
    api: Api,
    team: String,
    /// What the configuration says; whether any group matters.
    rules: OnceLock<Arc<LiveRules>>,
    known: Lately,
    groups: tokio::sync::Mutex<Option<(Instant, Arc<Groups>)>>,
}

/// The groups of each person.
type Groups = HashMap<String, Vec<String>>;

impl People {
    /// The people of `team`.
    #[must_use]
    pub fn new(api: Api, team: &str) -> Self {
        Self(Arc::new(Inner {
            api,
            team: team.to_owned(),
            rules: OnceLock::new(),
            known: Lately::default(),
            groups: tokio::sync::Mutex::default(),
        }))
    }

    /// Asks for user groups only while `rules` name one: without, the scope is not needed. Until this is called, they are asked
    /// for.
    pub fn follow(&self, rules: Arc<LiveRules>) {
        // The first rules stay: they are live.
        let _second = self.0.rules.set(rules);
    }

    /// Whether `user` was said to be one of ours within the last minute.
    pub(super) fn is_person_lately(&self, user: &str) -> bool {
        self.0.known.of(user).is_some_and(|it| it.kind == Kind::Person)
    }

    /// What Slack says of `user`, at most a minute old. If it cannot say, nothing is known of them.
    pub(super) async fn standing_of(&self, user: &str) -> Standing {
        match self.0.known.of(user) {
            Some(standing) => standing,
            None => self.ask(user, KEEP).await.unwrap_or_default(),
        }
    }

    /// Something about `user` changed: nothing that was said of them counts any more.
    pub(super) fn forget(&self, user: &str) {
        self.0.known.forget(user);
    }

    async fn ask(&self, user: &str, groups_kept: Duration) -> Option<Standing> {
        let (info, groups) = tokio::join!(self.info(user), self.groups_of(user, groups_kept));
        let mut standing = info?;
        standing.groups = groups?;
        self.0.known.keep(user, &standing);
        Some(standing)
    }

    async fn info(&self, user: &str) -> Option<Standing> {
        match self.read("users.info", &[("user", user)]).await {
            Ok(answer) => Some(standing(&answer["user"], &self.0.team)),
            Err(Trouble::Refused(code)) if code == "user_not_found" || code == "user_not_visible" => {
                // Slack knows nobody of this id in this workspace: somebody of another one.
                Some(Standing { kind: Kind::Outsider, ..Standing::default() })
            }
            Err(trouble) => {
                tracing::warn!(code = trouble.code(), "Slack did not say who somebody is");
                None
            }
        }
    }

    /// The groups of one person; none if they are needed and cannot be had.
    async fn groups_of(&self, user: &str, kept: Duration) -> Option<Vec<String>> {
        if self.0.rules.get().is_some_and(|rules| !rules.now().name_groups("slack-group:")) {
            return Some(Vec::new());
        }
        Some(self.groups(kept).await?.get(user).cloned().unwrap_or_default())
    }

    /// Who is in which group. One asks, the others wait for the same answer.
    async fn groups(&self, kept: Duration) -> Option<Arc<Groups>> {
        let mut cached = self.0.groups.lock().await;
        if cached.as_ref().is_none_or(|(at, _)| at.elapsed() >= kept) {
            *cached = Some((Instant::now(), Arc::new(self.all_groups().await?)));
        }
        cached.as_ref().map(|(_, groups)| Arc::clone(groups))
    }

    async fn all_groups(&self) -> Option<Groups> {
        let arguments = [("include_users", "true"), ("include_disabled", "false")];
        match self.read("usergroups.list", &arguments).await {
            Ok(answer) => members(&answer),
            Err(trouble) => {
                tracing::warn!(code = trouble.code(), "Slack did not say who is in which user group");
                None
            }
        }
    }

    async fn read(&self, method: &str, arguments: &[(&str, &str)]) -> Result<Value, Trouble> {
        match self.0.api.read(method, arguments).await {
            Err(Trouble::Busy(after)) if after <= Duration::from_secs(3) => {
                tokio::time::sleep(after).await;
                self.0.api.read(method, arguments).await
            }
            answer => answer,
        }
    }
}

impl Roster for People {
    fn standing<'a>(&'a self, account: &'a Account) -> BoxFuture<'a, Option<Standing>> {
        Box::pin(async move {
            let ours = account.platform() == Platform::Slack && account.team() == Some(self.0.team.as_str());
            if ours { self.ask(account.id(), KEEP_GROUPS_FRESH).await } else { None }
        })
    }

    fn members<'a>(&'a self, group: &'a str) -> BoxFuture<'a, Option<Vec<Account>>> {
        Box::pin(async move {
            if !group.starts_with("slack-group:") {
                return None;
            }
            let groups = self.groups(KEEP).await?;
            let inside = groups.iter().filter(|(_, groups)| groups.iter().any(|it| it == group));
            Some(inside.map(|(user, _)| Account::slack(&self.0.team, user)).collect())
        })
    }
}

/// Who is in which group, written as in the configuration. None if a group does not say: nobody is taken for not in it.
fn members(answer: &Value) -> Option<Groups> {
    let mut groups = Groups::new();
    for group in answer["usergroups"].as_array()? {
        let id = text(group, "/id")?;
        for user in group["users"].as_array()?.iter().filter_map(Value::as_str) {
            groups.entry(user.to_owned()).or_default().push(format!("slack-group:{id}"));
        }
    }
    Some(groups)
}

/// What `users.info` says of somebody, seen from `team`.
fn standing(user: &Value, team: &str) -> Standing {
    let name = ["/profile/display_name", "/profile/real_name", "/real_name", "/name"];
    // An address that its owner did not confirm proves nothing.
    let confirmed = user["is_email_confirmed"].as_bool() != Some(false);
    Standing {
        kind: kind(user, team),
        name: name.into_iter().find_map(|it| text(user, it)).unwrap_or_default().to_owned(),
        email: text(user, "/profile/email").filter(|_| confirmed).map(str::to_owned),
        groups: Vec::new(),
    }
}

fn kind(user: &Value, team: &str) -> Kind {
    let says = |name: &str| user[name].as_bool();
    let of_enterprise = user.pointer("/enterprise_user/teams").and_then(Value::as_array);
    let is_ours = text(user, "/team_id") == Some(team)
        || of_enterprise.is_some_and(|teams| teams.iter().any(|it| it.as_str() == Some(team)));
    if says("deleted") == Some(true) {
        Kind::Deactivated
    } else if says("is_bot") == Some(true)
        || says("is_workflow_bot") == Some(true)
        || text(user, "/id") == Some("USLACKBOT")
    {
        Kind::Bot
    } else if says("is_stranger") == Some(true) || !is_ours {
        Kind::Outsider
    } else if says("is_restricted") == Some(true) || says("is_ultra_restricted") == Some(true) {
        Kind::Guest
    } else if ["deleted", "is_bot", "is_restricted", "is_ultra_restricted"]
        .into_iter()
        .all(|it| says(it) == Some(false))
    {
        Kind::Person
    } else {
        Kind::Unknown
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn user(change: impl FnOnce(&mut Value)) -> Value {
        let mut user = json!({
            "id": "U1", "team_id": "T1", "deleted": false, "is_bot": false, "is_restricted": false,
            "is_ultra_restricted": false, "name": "ada",
            "profile": { "email": "ada@example.com", "display_name": "", "real_name": "Ada Brandt" },
        });
        change(&mut user);
        user
    }

    #[test]
    fn only_whoever_is_clearly_one_of_ours_is_a_person() {
        let cases: [(&str, Value, Kind); 8] = [
            ("deleted", true.into(), Kind::Deactivated),
            ("is_bot", true.into(), Kind::Bot),
            ("is_restricted", true.into(), Kind::Guest),
            ("is_ultra_restricted", true.into(), Kind::Guest),
            ("is_stranger", true.into(), Kind::Outsider),
            ("team_id", "T2".into(), Kind::Outsider),
            ("is_restricted", Value::Null, Kind::Unknown),
            ("deleted", "false".into(), Kind::Unknown),
        ];
        for (field, value, expected) in cases {
            assert_eq!(kind(&user(|it| it[field] = value.clone()), "T1"), expected, "{field} {value}");
        }
        let known = standing(&user(|_| {}), "T1");
        assert_eq!(
            (known.kind, known.name.as_str(), known.email.as_deref()),
            (Kind::Person, "Ada Brandt", Some("ada@example.com"))
        );
    }

    #[test]
    fn an_address_that_was_not_confirmed_is_none() {
        assert_eq!(standing(&user(|it| it["is_email_confirmed"] = false.into()), "T1").email, None);
    }

    #[test]
    fn groups_are_written_as_in_the_configuration() {
        let answer = json!({ "usergroups": [
            { "id": "S1", "users": ["U1", "U2"] }, { "id": "S2", "users": ["U1", 7] },
        ] });
        let groups = members(&answer).unwrap();
        assert_eq!(groups["U1"], ["slack-group:S1", "slack-group:S2"]);
        assert_eq!(groups["U2"], ["slack-group:S1"]);
        for silent in [json!({}), json!({ "usergroups": [{ "id": "S1" }] }), json!({ "usergroups": [{ "users": [] }] })]
        {
            assert!(members(&silent).is_none(), "{silent}");
        }
    }
}
