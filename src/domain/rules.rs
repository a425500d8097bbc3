//! What the configuration decides about people and changes, in our own nouns.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jiff::tz::TimeZone;

use super::{Decision, LimitTerms, Place, PolicyRule, Prices, RoleMap, RoleMapFrom, WorkspaceMapEntry};
use crate::clock::Moment;

/// The rules that requests go by.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The root command as people type it, `/claude`.
    pub command: String,
    /// The zone that days are counted in.
    pub time_zone: String,
    /// Domains whose addresses may link by themselves, in lower case.
    pub verified_domains: Vec<String>,
    /// How accounts come to roles.
    pub role_map: RoleMap,
    /// The configuration's own policies, in order.
    pub policies: Vec<PolicyRule>,
    /// Which chat groups belong into which workspaces.
    pub workspace_map: Vec<WorkspaceMapEntry>,
    /// The workspaces that the configuration names.
    pub workspaces: Vec<Place>,
    /// Where cards go, as a channel of a platform; none: only to the approvers themselves.
    pub approvers_channel: Option<String>,
    /// Undecided for so long: the approvers are told by direct message.
    pub remind_after: Duration,
    /// Undecided for so long: the request expires.
    pub expire_after: Duration,
    /// How many undecided requests one person may have.
    pub pending_per_person: i64,
    /// How many keys that work one person may have.
    pub keys_per_person: i64,
    /// At which parts of a limit to warn, in percent, rising.
    pub thresholds: Vec<u32>,
    /// The limits of the configuration; whose they are is still by the names that stand there.
    pub limits: Vec<LimitTerms>,
    /// How spending is reckoned.
    pub money: MoneyRules,
}

/// How spending is reckoned.
#[derive(Clone, Debug, Default)]
pub struct MoneyRules {
    /// What tokens cost at list prices.
    pub prices: Arc<Prices>,
    /// Tags: name, and the pattern that a key's name fits.
    pub tags: Vec<(String, String)>,
    /// How long hours are kept; days are for ever.
    pub raw_retention: Duration,
}

impl Rules {
    /// The zone that days are counted in. A name that nobody knows, which the settings refuse, is UTC.
    #[must_use]
    pub fn zone(&self) -> TimeZone {
        TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC)
    }

    /// What holds for the workspace called `name`: the configuration's word, or the careful default.
    #[must_use]
    pub fn place(&self, name: &str) -> Place {
        let named = self.workspaces.iter().find(|it| it.name.eq_ignore_ascii_case(name));
        named.map_or_else(|| Place::unnamed(name), |it| Place { name: name.to_owned(), ..it.clone() })
    }

    /// True if anything hangs on a chat group whose name begins with `prefix`, such as `slack-group:`.
    #[must_use]
    pub fn name_groups(&self, prefix: &str) -> bool {
        let mapped =
            self.role_map.entries.iter().map(|it| &it.from).chain(self.workspace_map.iter().map(|it| &it.from));
        let decide = |decision: &Decision| match decision {
            Decision::Approvals(approvals) => approvals.by.iter().any(|it| it.names_group(prefix)),
            Decision::AtOnce | Decision::Refuse => false,
        };
        mapped.into_iter().any(|from| matches!(from, RoleMapFrom::Group(group) if group.starts_with(prefix)))
            || self.workspaces.iter().flat_map(|it| &it.approvers).any(|it| it.names_group(prefix))
            || self.policies.iter().any(|rule| decide(&rule.decision))
    }

    /// True if `email` belongs to a domain that is verified to be the company's.
    #[must_use]
    pub fn is_verified(&self, email: &str) -> bool {
        email
            .rsplit_once('@')
            .is_some_and(|(_, domain)| self.verified_domains.iter().any(|it| it.eq_ignore_ascii_case(domain)))
    }
}

/// A configuration that was not taken, so that the rules of before it go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// When it was looked at.
    pub at: Moment,
    /// What the file is called.
    pub file: String,
    /// Each mistake with its place, in a sentence; none holds a value.
    pub mistakes: Vec<String>,
}

/// The rules as they are now: a reload puts others in their place, as a whole.
pub struct LiveRules {
    rules: RwLock<Arc<Rules>>,
    rejected: RwLock<Option<Arc<Rejected>>>,
}

impl LiveRules {
    /// These rules, until others come.
    #[must_use]
    pub fn new(rules: Rules) -> Self {
        Self { rules: RwLock::new(Arc::new(rules)), rejected: RwLock::new(None) }
    }

    /// The rules of this moment. Whoever decides something takes them once, so that one decision is made by one set of rules.
    #[must_use]
    pub fn now(&self) -> Arc<Rules> {
        Arc::clone(&self.rules.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts `rules` in the place of the present ones, and answers those.
    pub fn replace(&self, rules: Rules) -> Arc<Rules> {
        std::mem::replace(&mut *self.rules.write().unwrap_or_else(PoisonError::into_inner), Arc::new(rules))
    }

    /// The configuration that lies there and was not taken, if there is one.
    #[must_use]
    pub fn rejected(&self) -> Option<Arc<Rejected>> {
        self.rejected.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes that a configuration was not taken, or that the one that lies there is the one that counts.
    pub fn reject(&self, rejected: Option<Rejected>) {
        *self.rejected.write().unwrap_or_else(PoisonError::into_inner) = rejected.map(Arc::new);
    }
}
