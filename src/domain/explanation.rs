//! Why policy says what it says, as facts: for `policy why`.

use super::{Approver, AtMost, Grant, Holding, Kind, Permission, Right, Ruled};
use crate::chat::Account;

/// What would become of a change if somebody asked for it now.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// Who would ask.
    pub who: Account,
    /// For what.
    pub kind: Kind,
    /// About which workspace, by name.
    pub workspace: Option<String>,
    /// How many rules the configuration has.
    pub rules: usize,
    /// One for each way in which it can be asked for that makes a difference.
    pub cases: Vec<ExplainedCase>,
    /// The rules about this kind that let only so much through at once.
    pub quotas: Vec<ExplainedQuota>,
}

/// One way in which something can be asked for.
#[derive(Clone, Debug)]
pub struct ExplainedCase {
    /// Which way; none: in general.
    pub label: Option<String>,
    /// The permission that it needs.
    pub permission: Permission,
    /// How far that goes for them.
    pub right: Right,
    /// The roles that it comes from.
    pub holdings: Vec<Holding>,
    /// The grants that it comes from.
    pub grants: Vec<Grant>,
    /// True if it comes from nothing but that it is about themselves: their own invitation, their own duties.
    pub own: bool,
    /// What policy says then; none if they may not even ask.
    pub ruled: Option<Ruled>,
    /// Who could give the approval, for each kind of approver that is named.
    pub approvers: Vec<ExplainedApprovers>,
    /// Who stands in for one of them at this moment.
    pub standing_in: Vec<Account>,
}

/// Who is meant by a role, a group or a name.
#[derive(Clone, Debug)]
pub struct ExplainedApprovers {
    /// Who is meant.
    pub approver: Approver,
    /// Those of them who are known, without whoever asks.
    pub known: Vec<Account>,
}

/// How much of a quota is used up.
#[derive(Clone, Copy, Debug)]
pub struct ExplainedQuota {
    /// The rule, from 0.
    pub rule: usize,
    /// What it lets through.
    pub at_most: AtMost,
    /// How much of it they have used.
    pub used: i64,
}
