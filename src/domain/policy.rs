//! Who has to agree before a change is made. The configuration's rules come first, the shipped table after.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Amount, Approver, Environment, Kind, Place, Right, Rights, Role};

/// What a policy asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Nobody has to agree.
    AtOnce,
    /// So many people have to agree, none of them the asker or the one it is for.
    Approvals(Approvals),
    /// Not to be had by this asker.
    Refuse,
}

/// Who has to agree, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approvals {
    /// How many different people.
    pub count: u8,
    /// Who may.
    pub by: Vec<Approver>,
    /// One after the other, as `by` lists them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_order: bool,
    /// The asker may be one of them: an exception that only the configuration can make.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allow_self: bool,
    /// The workspace that it is about, by name: roles that count there alone count here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
}

impl Approvals {
    /// One approval by any of these.
    #[must_use]
    pub fn one(by: Vec<Approver>) -> Self {
        Self { count: 1, by, in_order: false, allow_self: false, workspace: None }
    }

    /// Who may give the next approval, after `given` of them.
    #[must_use]
    pub fn next(&self, given: usize) -> &[Approver] {
        if self.in_order { self.by.get(given..=given).unwrap_or_default() } else { &self.by }
    }
}

impl Decision {
    /// One approval by an admin.
    #[must_use]
    pub fn one_admin() -> Self {
        Self::Approvals(Approvals::one(vec![Approver::Role("admin".into())]))
    }
}

/// So many at once within a time; what goes beyond is left to the next rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AtMost {
    /// How many changes of the kind by one asker.
    pub count: i64,
    /// Within how long.
    pub within: Duration,
}

/// For whom a rule is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AskedBy {
    /// Whoever has this as their strongest role.
    Role(Role),
    /// Steward itself. No other rule is about it: one for people must not hold up what it has to do at night.
    Steward,
}

/// A rule of the configuration; the first that matches decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyRule {
    /// The kind it is about.
    pub kind: Kind,
    /// Only if they ask; whoever asks, except Steward itself, without.
    pub asked_by: Option<AskedBy>,
    /// Only in this workspace, by name.
    pub workspace: Option<String>,
    /// Only in workspaces for this.
    pub environment: Option<Environment>,
    /// Only for more than this.
    pub above: Option<Amount>,
    /// What it asks for.
    pub decision: Decision,
    /// Only so often.
    pub at_most: Option<AtMost>,
}

impl PolicyRule {
    /// A rule without a condition but its kind.
    #[must_use]
    pub fn about(kind: Kind, decision: Decision) -> Self {
        Self { kind, asked_by: None, workspace: None, environment: None, above: None, decision, at_most: None }
    }

    fn matches(&self, asking: &Asking<'_>) -> bool {
        let place = asking.place;
        self.kind == asking.kind
            && match (&self.asked_by, asking.by_steward) {
                (Some(AskedBy::Steward), by_steward) => by_steward,
                (_, true) => false,
                (Some(AskedBy::Role(named)), false) => asking.rights.strongest() == Some(named),
                (None, false) => true,
            }
            && self.workspace.as_ref().is_none_or(|named| place.is_some_and(|it| it.name.eq_ignore_ascii_case(named)))
            && self.environment.is_none_or(|named| place.is_some_and(|it| it.environment == named))
            && self.above.is_none_or(|bound| asking.amount.is_some_and(|it| it > bound))
    }
}

/// What a decision depends on.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// The kind of change.
    pub kind: Kind,
    /// The asker's rights.
    pub rights: &'a Rights,
    /// True if Steward itself asks.
    pub by_steward: bool,
    /// How far the permission that it needs goes for them.
    pub right: Right,
    /// True if it gives or takes power or cannot be taken back: `billing`, removals, archives, approvers' rights.
    pub weighty: bool,
    /// The workspace that it is about, if it is about one.
    pub place: Option<&'a Place>,
    /// How much money it is about, if it is about money.
    pub amount: Option<Amount>,
    /// The rules, by index, whose [`AtMost`] is used up.
    pub used_up: &'a [usize],
}

/// Which rule decided: its index in the configuration, or none for the shipped defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruled {
    /// What it asks for.
    pub decision: Decision,
    /// The rule of the configuration that says so.
    pub rule: Option<usize>,
}

/// Who has to agree to `asking`.
///
/// Weighty changes need a second admin and are refused to everybody else. Others are made at once for whoever may do them, and
/// need one admin, or, for a workspace, one of its approvers, for whoever may ask. A rule of the configuration comes first.
#[must_use]
pub fn decide(rules: &[PolicyRule], asking: Asking<'_>) -> Decision {
    ruled(rules, asking).decision
}

/// The same, with the rule that decided.
#[must_use]
pub fn ruled(rules: &[PolicyRule], asking: Asking<'_>) -> Ruled {
    if asking.by_steward && asking.kind == Kind::KeyStatus {
        // A key that leaked, or that nobody has: off, whatever the rules say. One click brings it back.
        return Ruled { decision: Decision::AtOnce, rule: None };
    }
    let applies = |(index, rule): &(usize, &PolicyRule)| rule.matches(&asking) && !asking.used_up.contains(index);
    let found = rules.iter().enumerate().find(applies);
    let decision = match (found.map(|(_, it)| &it.decision), asking.rights.strongest()) {
        // Nothing that a stranger asks for happens by itself: a rule can only have meant people who are known.
        (Some(Decision::AtOnce), None) => Decision::one_admin(),
        (Some(decision), _) => decision.clone(),
        (None, _) => shipped(asking),
    };
    let decision = if asking.kind.is_about_links() { seconded(decision, asking) } else { decision };
    Ruled { decision: placed(decision, asking.place), rule: found.map(|(index, _)| index) }
}

/// What gives or takes power over chat accounts needs somebody else, whatever a rule says.
fn seconded(decision: Decision, asking: Asking<'_>) -> Decision {
    match decision {
        Decision::AtOnce if asking.weighty || asking.kind == Kind::Link => Decision::one_admin(),
        Decision::Approvals(asked) => Decision::Approvals(Approvals { allow_self: false, ..asked }),
        decision => decision,
    }
}

fn shipped(asking: Asking<'_>) -> Decision {
    let admin = || Approver::Role("admin".into());
    if asking.kind == Kind::Link {
        // Whoever asks for it is nobody yet; it comes here only if it gives more than a plain member has.
        return Decision::one_admin();
    }
    let is_production = asking.place.is_some_and(|it| it.environment == Environment::Production);
    if asking.kind == Kind::KeyIssue && asking.right != Right::No && is_production {
        return Decision::one_admin();
    }
    // What costs more is decided by whoever looks after the money, too.
    if matches!(asking.kind, Kind::LimitRaise | Kind::LimitKeep) && asking.right == Right::Ask && !asking.weighty {
        return Decision::Approvals(Approvals::one(vec![admin(), Approver::Role("billing".into())]));
    }
    match (asking.right, asking.weighty) {
        (Right::Do, true) if asking.rights.strongest() == Some(&Role::Admin) => Decision::one_admin(),
        (_, true) | (Right::No, _) => Decision::Refuse,
        (Right::Do, false) => Decision::AtOnce,
        (Right::Ask, false) if asking.place.is_some() => {
            Decision::Approvals(Approvals::one(vec![admin(), Approver::OfWorkspace]))
        }
        (Right::Ask, false) => Decision::one_admin(),
    }
}

/// The same decision for this place: its approvers stand where the rule speaks of them.
fn placed(decision: Decision, place: Option<&Place>) -> Decision {
    let Decision::Approvals(mut asked) = decision else { return decision };
    for approver in asked.by.iter_mut().filter(|it| **it == Approver::OfWorkspace) {
        *approver = Approver::Any(place.map(|it| it.approvers.clone()).unwrap_or_default());
    }
    asked.workspace = place.map(|it| it.name.clone());
    Decision::Approvals(asked)
}
