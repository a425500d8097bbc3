//! The kinds of change there are, by the names that policies, the store and the audit trail know them by.

use std::fmt;
use std::str::FromStr;

use clap::ValueEnum;
use clap::builder::PossibleValue;
use serde::{Deserialize, Serialize};

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

            /// True for what ends with a key that its owner reveals.
            #[must_use]
            pub fn issues(self) -> bool {
                matches!(self, Self::KeyIssue | Self::KeyRotate)
            }

            /// True for what is about an amount of money, so that a policy may name one.
            #[must_use]
            pub fn has_amount(self) -> bool {
                matches!(self, Self::LimitSet | Self::LimitRaise)
            }

            /// True for what says whose a chat account is.
            #[must_use]
            pub fn is_about_links(self) -> bool {
                matches!(self, Self::Link | Self::LinkAttest | Self::LinkRemove)
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
    /// Make a workspace.
    WorkspaceCreate = "workspace.create",
    /// Give a workspace another name.
    WorkspaceRename = "workspace.rename",
    /// Archive a workspace, with every key in it.
    WorkspaceArchive = "workspace.archive",
    /// Add somebody to a workspace, remove them, or change their role there.
    WorkspaceMember = "workspace.member",
    /// Set or clear a workspace's rate limits.
    WorkspaceLimits = "workspace.limits",
    /// Bring memberships to what the workspace map says.
    Sync = "sync",
    /// Hold back everything that is a member's: personal keys and chat accounts.
    MemberFreeze = "member.freeze",
    /// Give it back.
    MemberThaw = "member.thaw",
    /// Grant somebody a permission.
    GrantGive = "grant.give",
    /// Revoke a grant.
    GrantRevoke = "grant.revoke",
    /// Have somebody stand in for an approver.
    Delegate = "policy.delegate",
    /// End that before its time.
    Undelegate = "policy.undelegate",
    /// Give a chat account to a member, where that makes it more than a plain member's.
    Link = "link",
    /// An admin says whose chat account one is.
    LinkAttest = "link.attest",
    /// Take a chat account away from its person.
    LinkRemove = "link.remove",
    /// Switch an API key off, on again, or off for good.
    KeyStatus = "key.status",
    /// Give an API key another name.
    KeyRename = "key.rename",
    /// Put API keys into the stock.
    KeyStock = "key.stock",
    /// Issue an API key.
    KeyIssue = "key.issue",
    /// Issue an API key in place of another one.
    KeyRotate = "key.rotate",
    /// Have somebody look after an API key.
    KeyOwner = "key.owner",
    /// Go on with an API key for a while.
    KeyKeep = "key.keep",
    /// Set a limit of what is spent.
    LimitSet = "limit.set",
    /// Remove a limit.
    LimitRemove = "limit.remove",
    /// More than a limit for a while.
    LimitRaise = "limit.raise",
    /// Say nothing of a limit for a while.
    LimitSnooze = "limit.snooze",
    /// Keep brakes off an API key.
    LimitKeep = "limit.keep",
    /// Lower a workspace's rate limits, because of a limit.
    LimitSlow = "limit.slow",
    /// Switch API keys off, because of a limit.
    LimitStop = "limit.stop",
    /// Take the brake of a limit off.
    LimitRelease = "limit.release",
}

impl Kind {
    /// What is asked for, in a few words behind "asks to".
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Self::Invite => "invite somebody",
            Self::WithdrawInvite => "withdraw an invitation",
            Self::ResendInvite => "send an invitation anew",
            Self::MemberRole => "change a member's role",
            Self::MemberRemove => "remove a member",
            Self::WorkspaceCreate => "make a workspace",
            Self::WorkspaceRename => "rename a workspace",
            Self::WorkspaceArchive => "archive a workspace",
            Self::WorkspaceMember => "change who is in a workspace",
            Self::WorkspaceLimits => "change a workspace's rate limits",
            Self::Sync => "bring workspaces to the map",
            Self::MemberFreeze => "freeze a member",
            Self::MemberThaw => "give back what was frozen",
            Self::GrantGive => "grant a permission",
            Self::GrantRevoke => "revoke a grant",
            Self::Delegate => "have somebody stand in as approver",
            Self::Undelegate => "end a delegation",
            Self::Link => "link a chat account",
            Self::LinkAttest => "say whose a chat account is",
            Self::LinkRemove => "take a chat account away",
            Self::KeyStatus => "switch an API key off or on",
            Self::KeyRename => "rename an API key",
            Self::KeyStock => "put API keys into the stock",
            Self::KeyIssue => "get an API key",
            Self::KeyRotate => "have an API key replaced",
            Self::KeyOwner => "have somebody look after an API key",
            Self::KeyKeep => "go on with an API key",
            Self::LimitSet => "set a limit",
            Self::LimitRemove => "remove a limit",
            Self::LimitRaise => "raise a limit for a while",
            Self::LimitSnooze => "say nothing of a limit for a while",
            Self::LimitKeep => "keep brakes off an API key",
            Self::LimitSlow => "lower rate limits because of a limit",
            Self::LimitStop => "switch API keys off because of a limit",
            Self::LimitRelease => "take a brake off",
        }
    }
}

impl ValueEnum for Kind {
    fn value_variants<'a>() -> &'a [Self] {
        Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let mut about = self.about().to_owned();
        about.get_mut(..1).into_iter().for_each(str::make_ascii_uppercase);
        Some(PossibleValue::new(self.as_str()).help(about))
    }
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
