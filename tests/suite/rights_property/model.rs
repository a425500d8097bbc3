//! Who may what, by the words of the product page alone: written without the policy's code, so that the two can disagree.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;
use steward::chat::{Account, Kind, Standing};

use super::configurations::{Configured, Need};
use crate::stage::Chat;

/// Whose a chat account is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tie {
    pub(super) person: String,
    pub(super) held: Option<&'static str>,
    pub(super) email: Option<String>,
}

/// Somebody who stands in for somebody.
#[derive(Clone, Debug)]
pub(super) struct StandsIn {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) since_ms: i64,
    pub(super) until_ms: i64,
    pub(super) agreed: bool,
}

/// A permission that somebody was granted.
#[derive(Clone, Debug)]
pub(super) struct Granted {
    pub(super) person: String,
    pub(super) permission: String,
    pub(super) until_ms: i64,
}

/// What must hold, as far as the test knows it.
pub(super) struct Model {
    pub(super) chat: Arc<Chat>,
    pub(super) configured: &'static Configured,
    pub(super) ties: BTreeMap<Account, Tie>,
    /// Accounts that are no member's and have asked or decided, with the address that they had then; none if they had no role then.
    pub(super) strangers: BTreeMap<Account, Option<Tie>>,
    pub(super) grants: BTreeMap<String, Granted>,
    pub(super) delegations: BTreeMap<String, StandsIn>,
    /// Members, by id: the person that they are.
    pub(super) members: BTreeMap<String, String>,
    /// Roles in the Claude organization, by member, as of before the present action.
    pub(super) claude: BTreeMap<String, String>,
    pub(super) now_ms: i64,
}

/// How far something goes: not at all, after an approval, at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Far {
    No,
    Ask,
    Do,
}

/// Grants that let somebody decide, make others decide, or see everything.
const HEAVY: [&str; 4] = ["admin", "approve", "member.manage", "audit"];

impl Model {
    pub(super) fn standing(&self, account: &Account) -> Standing {
        self.chat.standing_of(account)
    }

    /// A person of the company, whose account nothing holds back.
    pub(super) fn is_alive(&self, account: &Account) -> bool {
        let standing = self.standing(account);
        standing.kind == Kind::Person
            && self.known(account).is_none_or(|it| it.held.is_none() && !has_moved(it, &standing))
    }

    /// What was written down of an account.
    fn known(&self, account: &Account) -> Option<&Tie> {
        self.ties.get(account).or_else(|| self.strangers.get(account)?.as_ref())
    }

    /// An account asks or decides. Whoever has a role is known by their address from then on, member or not.
    pub(super) fn meet(&mut self, account: &Account) {
        if self.ties.contains_key(account) || self.strangers.contains_key(account) {
            return;
        }
        let email = self.standing(account).email;
        let tie = Tie { person: account.to_string(), held: None, email };
        let known = (!self.roles(account).is_empty()).then_some(tie);
        self.strangers.insert(account.clone(), known);
    }

    /// A person of the company who may show whose the account is: nothing but another address holds it back.
    pub(super) fn may_show_themselves(&self, account: &Account) -> bool {
        let held = self.known(account).and_then(|it| it.held);
        self.standing(account).kind == Kind::Person && matches!(held, None | Some("address"))
    }

    /// The person whose account it is, now.
    pub(super) fn person(&self, account: &Account) -> Option<&str> {
        let tie = self.ties.get(account).filter(|_| self.is_alive(account))?;
        Some(&tie.person)
    }

    pub(super) fn member_of(&self, person: &str) -> Option<&str> {
        self.members.iter().find(|(_, it)| *it == person).map(|(id, _)| id.as_str())
    }

    /// Everything that an account goes by: itself, and its person.
    pub(super) fn names(&self, account: &Account) -> BTreeSet<String> {
        let tie = self.ties.get(account).map(|it| it.person.clone());
        tie.into_iter().chain([account.to_string()]).collect()
    }

    /// The roles of an account, were it this person's.
    fn roles_as(&self, account: &Account, person: Option<&str>) -> BTreeSet<&'static str> {
        let standing = self.standing(account);
        let mut roles = BTreeSet::new();
        if standing.kind != Kind::Person {
            return roles;
        }
        if account.to_string() == "browser:ada" {
            roles.insert("admin");
        }
        for (group, role) in self.configured.groups {
            if standing.groups.iter().any(|it| it == group) {
                roles.insert(*role);
            }
        }
        if let Some(person) = person {
            roles.insert("member");
            let claude = self.member_of(person).and_then(|it| self.claude.get(it));
            let mapped = self.configured.claude_roles.iter().filter(|(from, _)| claude.is_some_and(|it| it == from));
            roles.extend(mapped.map(|(_, role)| *role));
        }
        roles
    }

    pub(super) fn roles(&self, account: &Account) -> BTreeSet<&'static str> {
        if self.is_alive(account) { self.roles_as(account, self.person(account)) } else { BTreeSet::new() }
    }

    pub(super) fn strongest(&self, account: &Account) -> Option<&'static str> {
        let roles = self.roles(account);
        ["admin", "billing", "member"].into_iter().find(|it| roles.contains(it))
    }

    fn is_granted(&self, person: &str, permission: &str) -> bool {
        self.grants.values().any(|it| it.person == person && it.permission == permission && self.now_ms < it.until_ms)
    }

    /// The table of the product page, for the permissions that this test is about.
    pub(super) fn may(&self, account: &Account, permission: &str, oneself: bool) -> Far {
        let roles = self.roles(account);
        let granted = self.person(account).is_some_and(|it| self.is_granted(it, permission));
        if roles.contains("admin") || granted {
            return Far::Do;
        }
        match permission {
            "invite" if roles.contains("member") => Far::Ask,
            "workspace.join" if roles.contains("member") && oneself => Far::Ask,
            _ => Far::No,
        }
    }

    /// Would the account, as this person's, be more than a plain member by that?
    pub(super) fn link_gives_more(&self, account: &Account, person: &str) -> bool {
        let (without, with) = (self.roles_as(account, None), self.roles_as(account, Some(person)));
        if without.contains("admin") {
            return false;
        }
        let heavy = HEAVY.iter().any(|it| self.is_granted(person, it));
        let stands_in = self.delegations.values().any(|it| it.to == person && self.now_ms < it.until_ms);
        let others = self.ties.iter().filter(|(it, tie)| *it != account && tie.person == person);
        let elsewhere = others.into_iter().any(|(it, _)| self.roles(it).iter().any(|it| *it != "member"));
        heavy || stands_in || elsewhere || with.difference(&without).any(|it| *it != "member")
    }

    /// May this account decide what needs `by`, of its own right?
    pub(super) fn is_entitled(&self, account: &Account, by: &[&str]) -> bool {
        let roles = self.roles(account);
        let standing = self.standing(account);
        by.iter().any(|it| match *it {
            "admin" => roles.contains("admin") || self.person(account).is_some_and(|it| self.is_granted(it, "approve")),
            group => !roles.is_empty() && standing.groups.iter().any(|it| it == group),
        })
    }

    /// May it decide for somebody who may?
    pub(super) fn stands_in(
        &self,
        account: &Account,
        delegation: &str,
        (by, parties): (&[&str], &BTreeSet<String>),
    ) -> bool {
        let Some(it) = self.delegations.get(delegation) else { return false };
        let runs = it.agreed && it.since_ms <= self.now_ms && self.now_ms < it.until_ms;
        let theirs = self.ties.iter().filter(|(_, tie)| tie.person == it.from);
        runs && self.person(account) == Some(&it.to)
            && !parties.contains(&it.from)
            && theirs.into_iter().any(|(account, _)| self.is_entitled(account, by))
    }

    /// Whom a change is about: they do not decide it.
    pub(super) fn about(&self, body: &Value) -> BTreeSet<String> {
        let mut about = BTreeSet::new();
        let text = |at: &str| body.pointer(at).and_then(Value::as_str).map(ToOwned::to_owned);
        about.extend(text("/terms/holder/id").filter(|_| body["change"] == "grant_give"));
        about.extend(text("/terms/to/id").filter(|_| body["change"] == "delegate"));
        for member in [text("/user_id"), text("/member_id")].into_iter().flatten() {
            about.extend(self.members.get(&member).cloned());
        }
        if let Some(account) = text("/account") {
            about.extend(self.names(&account.parse().unwrap()));
        }
        about
    }

    /// How far asking for it goes.
    pub(super) fn right(&self, account: &Account, body: &Value) -> Far {
        let own = self.person(account).and_then(|it| self.member_of(it));
        let on_oneself = body["user_id"].as_str().is_some_and(|it| own == Some(it));
        let own_member = body["member_id"].as_str().is_some_and(|it| own == Some(it));
        let may = |permission| self.may(account, permission, on_oneself);
        let is_me =
            |at: &str| body.pointer(at).and_then(Value::as_str).is_some_and(|it| self.person(account) == Some(it));
        match body["change"].as_str().unwrap() {
            "invite" => {
                let email = self.standing(account).email;
                let own_address =
                    self.is_alive(account) && email.is_some() && email.as_deref() == body["email"].as_str();
                may("invite").max(if own_address { Far::Ask } else { Far::No })
            }
            "workspace_add" | "workspace_remove" | "workspace_role" => may("workspace.join"),
            "freeze" | "thaw" => may("member.manage").min(self.may(account, "workspace.join", false)),
            "delegate" => may("admin").max(if is_me("/terms/from/id") { Far::Ask } else { Far::No }),
            "undelegate" if is_me("/terms/from/id") || is_me("/terms/to/id") => Far::Do,
            "link" if body["account"] == account.to_string() && self.may_show_themselves(account) => Far::Ask,
            "link" if self.is_alive(account) && own_member => Far::Ask,
            "link" => Far::No,
            "attest" if own_member || body["account"] == account.to_string() => Far::No,
            "unlink" if own_member => Far::Do,
            "attest" | "unlink" | "undelegate" | "grant_give" | "grant_revoke" => may("admin"),
            _ => may("member.manage"),
        }
    }

    /// Does it give or take power, or can it not be taken back?
    fn is_weighty(&self, body: &Value) -> bool {
        let named = |at: &str| body[at].as_str().unwrap_or_default();
        match named("change") {
            "invite" | "resend_invite" => named("role") == "billing",
            "member_role" => {
                named("role") == "billing" || self.claude.get(named("user_id")).is_some_and(|it| it == "billing")
            }
            "member_remove" | "link" => true,
            "grant_give" => HEAVY.contains(&body["terms"]["permission"].as_str().unwrap()),
            "delegate" => !self.may_anyway(body),
            "attest" => self.link_gives_more(&named("account").parse().unwrap(), &self.members[named("member_id")]),
            "unlink" => {
                let account: Account = named("account").parse().unwrap();
                self.roles(&account).iter().any(|it| *it != "member")
            }
            _ => false,
        }
    }

    /// May whoever is to stand in decide all of it anyway, as the company is configured now? What went at once for that reason
    /// stands for nothing later on, see [`StandsIn::agreed`].
    fn may_anyway(&self, body: &Value) -> bool {
        let of = |who: &str| -> Vec<&Account> {
            let person = body["terms"][who]["id"].as_str().unwrap();
            self.ties.iter().filter(|(_, tie)| tie.person == person).map(|(account, _)| account).collect()
        };
        let may = |who: &str, by: &str| of(who).iter().any(|it| self.is_entitled(it, &[by]));
        self.configured.deciders.iter().all(|it| !may("from", it) || may("to", it))
    }

    /// Who has to agree.
    pub(super) fn need(&self, account: &Account, kind: &str, body: &Value) -> Need {
        let (right, weighty, strongest) = (self.right(account, body), self.is_weighty(body), self.strongest(account));
        let admin = Need::Yes(1, &["admin"]);
        let own =
            |at: &str| body.pointer(at).and_then(Value::as_str).is_some_and(|it| self.person(account) == Some(it));
        if right == Far::No {
            return Need::Refused;
        }
        let gains =
            (kind == "grant.give" && own("/terms/holder/id")) || (kind == "policy.delegate" && own("/terms/to/id"));
        let own_unlink = kind == "link.remove" && body["account"] == account.to_string();
        if let Some(need) = strongest.and_then(|it| (self.configured.rule)(kind, it)) {
            return need;
        }
        match (kind, weighty) {
            // It gives nothing: whoever is to stand in may decide all of it anyway.
            ("policy.delegate", false) if !gains => Need::AtOnce,
            ("policy.delegate", _) if own("/terms/from/id") && strongest != Some("admin") => admin,
            ("link", _) => admin,
            _ if own_unlink => Need::AtOnce,
            (_, true) if strongest == Some("admin") => admin,
            (_, true) => Need::Refused,
            _ if right == Far::Ask || gains => admin,
            _ => Need::AtOnce,
        }
    }
}

/// The chat says another address than the one that it was linked with.
pub(super) fn has_moved(tie: &Tie, standing: &Standing) -> bool {
    matches!((&tie.email, &standing.email), (Some(was), Some(is)) if was != is)
}
