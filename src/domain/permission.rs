//! The permission table of the product, as data. Whatever it does not name is refused.

use std::fmt;
use std::str::FromStr;

use clap::ValueEnum;
use clap::builder::PossibleValue;
use serde::{Deserialize, Serialize};

/// Something that may be allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Permission {
    /// See members and workspaces.
    MemberSee,
    /// Invite somebody into the organization.
    Invite,
    /// Change a role, remove a member, withdraw or resend invites.
    MemberManage,
    /// Create, rename, archive workspaces, set their rate limits.
    WorkspaceManage,
    /// Membership of workspaces: add, remove, role.
    WorkspaceJoin,
    /// Get an API key.
    KeyGet,
    /// List, disable, rotate, return, reveal one's own keys.
    KeyOwn,
    /// Any key: list, disable, enable, revoke, rename, assign, adopt, stock.
    KeyManage,
    /// Set and remove limits.
    LimitManage,
    /// Raise a limit.
    LimitRaise,
    /// One's own usage and cost.
    UsageOwn,
    /// Totals, by workspace and model.
    UsageTotals,
    /// Usage and cost by other people and keys.
    UsageOthers,
    /// Subscribe a channel to reports.
    ReportSubscribe,
    /// Decide requests.
    Approve,
    /// Read the audit trail.
    Audit,
    /// Grants, links of others, delegation, seal.
    Admin,
}

impl Permission {
    /// All of them, in the order of the product's table.
    pub const ALL: [Self; 17] = [
        Self::MemberSee,
        Self::Invite,
        Self::MemberManage,
        Self::WorkspaceManage,
        Self::WorkspaceJoin,
        Self::KeyGet,
        Self::KeyOwn,
        Self::KeyManage,
        Self::LimitManage,
        Self::LimitRaise,
        Self::UsageOwn,
        Self::UsageTotals,
        Self::UsageOthers,
        Self::ReportSubscribe,
        Self::Approve,
        Self::Audit,
        Self::Admin,
    ];

    /// The name in the configuration and in grants.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MemberSee => "member.see",
            Self::Invite => "invite",
            Self::MemberManage => "member.manage",
            Self::WorkspaceManage => "workspace.manage",
            Self::WorkspaceJoin => "workspace.join",
            Self::KeyGet => "key.get",
            Self::KeyOwn => "key.own",
            Self::KeyManage => "key.manage",
            Self::LimitManage => "limit.manage",
            Self::LimitRaise => "limit.raise",
            Self::UsageOwn => "usage.own",
            Self::UsageTotals => "usage.totals",
            Self::UsageOthers => "usage.others",
            Self::ReportSubscribe => "report.subscribe",
            Self::Approve => "approve",
            Self::Audit => "audit",
            Self::Admin => "admin",
        }
    }

    /// What it allows, in a few words.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Self::MemberSee => "See members and workspaces",
            Self::Invite => "Invite somebody",
            Self::MemberManage => "Change roles, remove members, withdraw invitations",
            Self::WorkspaceManage => "Create, rename and archive workspaces, set their rate limits",
            Self::WorkspaceJoin => "Add people to workspaces and take them out",
            Self::KeyGet => "Get an API key",
            Self::KeyOwn => "Look after one's own keys",
            Self::KeyManage => "Look after any key",
            Self::LimitManage => "Set and remove limits",
            Self::LimitRaise => "Raise a limit",
            Self::UsageOwn => "See one's own usage",
            Self::UsageTotals => "See totals of usage",
            Self::UsageOthers => "See other people's usage",
            Self::ReportSubscribe => "Subscribe a channel to reports",
            Self::Approve => "Decide requests",
            Self::Audit => "Read the audit trail",
            Self::Admin => "Grants, links of others, delegation",
        }
    }

    /// True for what is by its name about one's own things alone. An admin, too, looks at another's by another permission.
    pub(super) fn is_ones_own(self) -> bool {
        matches!(self, Self::KeyOwn | Self::UsageOwn)
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Permission {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|it| it.as_str() == text).ok_or("no such permission")
    }
}

impl TryFrom<String> for Permission {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Permission> for String {
    fn from(permission: Permission) -> Self {
        permission.as_str().to_owned()
    }
}

impl ValueEnum for Permission {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.as_str()).help(self.about()))
    }
}

/// What a command needs before it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing: strangers of one's own company may, too.
    Nothing,
    /// A linked account.
    Link,
    /// A permission toward something.
    Permission(Permission, Toward),
    /// A permission toward something in one workspace at least: in which one, is seen when it is known which one is meant.
    Somewhere(Permission, Toward),
}

/// Toward whom or what a permission is used. Some cells of the table depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Toward {
    /// Oneself, or what one owns.
    Oneself,
    /// Somebody else, or what is theirs.
    Other,
    /// A workspace that one belongs to, or the whole organization's total.
    OwnWorkspace,
    /// A workspace that one does not belong to.
    OtherWorkspace,
    /// The request to raise a limit.
    LimitRaise,
}

/// How far a permission goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// Refused.
    No,
    /// May ask; at least one approval.
    Ask,
    /// May, as far as policy asks no approval.
    Do,
}

/// A role of Steward's. Not the role in the Claude organization.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Runs the organization.
    Admin,
    /// Looks after the money.
    Billing,
    /// Everybody else who is linked.
    Member,
    /// One of the configuration's own; its permissions are listed there.
    Custom(String),
}

impl Role {
    /// The name in the configuration.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Admin => "admin",
            Self::Billing => "billing",
            Self::Member => "member",
            Self::Custom(name) => name,
        }
    }

    /// The role of that name; any other name is one of the configuration's own.
    #[must_use]
    pub fn named(name: &str) -> Self {
        match name {
            "admin" => Self::Admin,
            "billing" => Self::Billing,
            "member" => Self::Member,
            other => Self::Custom(other.to_owned()),
        }
    }

    /// The cell of the table: what a built-in role may. A custom role's permissions are not here, so it is refused here.
    #[must_use]
    pub fn right(&self, permission: Permission, toward: Toward) -> Right {
        use Permission as P;
        match self {
            Self::Admin => Right::Do,
            Self::Billing => match permission {
                P::MemberSee
                | P::KeyOwn
                | P::LimitManage
                | P::LimitRaise
                | P::UsageOwn
                | P::UsageTotals
                | P::ReportSubscribe => Right::Do,
                P::KeyGet => Right::Ask,
                P::Approve if toward == Toward::LimitRaise => Right::Do,
                _ => Right::No,
            },
            Self::Member => match permission {
                P::MemberSee | P::KeyOwn | P::UsageOwn => Right::Do,
                P::UsageTotals if toward == Toward::OwnWorkspace => Right::Do,
                P::Invite | P::KeyGet | P::LimitRaise => Right::Ask,
                P::WorkspaceJoin if toward == Toward::Oneself => Right::Ask,
                _ => Right::No,
            },
            Self::Custom(_) => Right::No,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
