//! Who has to agree before a change is made. The configuration's rules come first, the shipped table after.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Rights, Role};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// The kinds of change, as a policy names them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Kind { $($(#[$doc])* #[serde(rename = $text)] $name,)* }

        impl Kind {
            /// All of them; what `change` of a policy may name.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name in the configuration, the store and the audit trail.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

kinds! {
    /// Ask somebody into the organization.
    Invite = "invite",
    /// Withdraw an open invitation.
    WithdrawInvite = "invite.withdraw",
    /// Withdraw an open invitation and send a new one.
    ResendInvite = "invite.resend",
    /// Change a member's role.
    MemberRole = "member.role",
    /// Remove a member.
    MemberRemove = "member.remove",
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|it| it.as_str() == text).ok_or("no such kind of change")
    }
}

/// Who may give an approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Approver {
    /// Whoever holds this role.
    Role(String),
    /// Whoever is in this chat group, or is this account, written as in the configuration.
    Named(String),
}

/// What a policy asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Nobody has to agree.
    AtOnce,
    /// So many people have to agree, none of them the asker or the one it is for.
    Approvals {
        /// How many.
        count: u8,
        /// Who may.
        by: Vec<Approver>,
    },
    /// Not to be had by this asker.
    Refuse,
}

impl Decision {
    /// One approval by an admin.
    #[must_use]
    pub fn one_admin() -> Self {
        Self::Approvals { count: 1, by: vec![Approver::Role("admin".into())] }
    }
}

/// A rule of the configuration; the first that matches decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyRule {
    /// The kind it is about.
    pub kind: Kind,
    /// Only if the asker's strongest role is this one.
    pub asked_by: Option<Role>,
    /// What it asks for.
    pub decision: Decision,
}

/// What a decision depends on.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// The kind of change.
    pub kind: Kind,
    /// The asker's rights.
    pub rights: &'a Rights,
    /// True if it gives or takes the role `billing`, or removes somebody.
    pub weighty: bool,
}

/// Who has to agree to `asking`.
///
/// Weighty changes need a second admin and are refused to everybody else; admins' others are made at once; what the rest may
/// ask for needs one admin. A rule of the configuration comes before all of that.
#[must_use]
pub fn decide(rules: &[PolicyRule], asking: Asking<'_>) -> Decision {
    let role = asking.rights.strongest();
    let matches = |rule: &&PolicyRule| {
        rule.kind == asking.kind && rule.asked_by.as_ref().is_none_or(|named| role.is_some_and(|it| it == named))
    };
    match (rules.iter().find(matches).map(|it| it.decision.clone()), role) {
        // Nothing that a stranger asks for happens by itself: a rule can only have meant people who are known.
        (Some(Decision::AtOnce), None) => return Decision::one_admin(),
        (Some(decision), _) => return decision,
        (None, _) => {}
    }
    match (role, asking.weighty, asking.kind) {
        (Some(Role::Admin), false, _) => Decision::AtOnce,
        // A stranger who may ask at all, for their own invitation, is the weakest asker, with the same answer.
        (Some(Role::Admin), true, _) | (_, false, Kind::Invite) => Decision::one_admin(),
        _ => Decision::Refuse,
    }
}
