//! What an organization consists of: members, invites, workspaces, keys, mails. Plain rows, no rules.
//!
//! Whatever depends on the time (a lapsed invite, an expired key) is worked out when it is asked for, never stored, so
//! that a pushed clock cannot leave a stale row behind.

use crate::clock::Moment;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What somebody may do in the organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The playground.
    User,
    /// The playground and Claude Code.
    ClaudeCodeUser,
    /// API keys as well.
    Developer,
    /// Billing as well.
    Billing,
    /// Everything, and people.
    Admin,
}

impl Role {
    /// All of them, weakest first.
    pub const ALL: [Self; 5] = [Self::User, Self::ClaudeCodeUser, Self::Developer, Self::Billing, Self::Admin];

    /// As the API spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::ClaudeCodeUser => "claude_code_user",
            Self::Developer => "developer",
            Self::Billing => "billing",
            Self::Admin => "admin",
        }
    }

    /// The role that the API spells like this.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }

    /// Whether the API lets anybody be invited as this, or be made this.
    #[must_use]
    pub fn assignable(self) -> bool {
        self != Self::Admin
    }
}

/// What somebody may do in one workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum WorkspaceRole {
    /// The playground.
    #[serde(rename = "workspace_user")]
    User,
    /// Keys, but only their own.
    #[serde(rename = "workspace_restricted_developer")]
    RestrictedDeveloper,
    /// Keys.
    #[serde(rename = "workspace_developer")]
    Developer,
    /// Everything; organization admins inherit it everywhere.
    #[serde(rename = "workspace_admin")]
    Admin,
    /// Inherited by organization billing members everywhere.
    #[serde(rename = "workspace_billing")]
    Billing,
}

impl WorkspaceRole {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::User, Self::RestrictedDeveloper, Self::Developer, Self::Admin, Self::Billing];

    /// As the API spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "workspace_user",
            Self::RestrictedDeveloper => "workspace_restricted_developer",
            Self::Developer => "workspace_developer",
            Self::Admin => "workspace_admin",
            Self::Billing => "workspace_billing",
        }
    }

    /// The role that the API spells like this.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

/// Somebody in the organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// `user_…`
    pub id: String,
    /// The address they signed up with, in the spelling of the invite.
    pub email: String,
    /// What they call themselves.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// When they joined.
    pub added_at: Moment,
}

/// An invitation into the organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invite {
    /// `invite_…`
    pub id: String,
    /// Whom it was sent to.
    pub email: String,
    /// What they will be.
    pub role: Role,
    /// When it was sent.
    pub invited_at: Moment,
    /// When it lapses: 21 days later.
    pub expires_at: Moment,
    /// When it was accepted, if it was.
    pub accepted_at: Option<Moment>,
    /// When it was withdrawn, if it was.
    pub deleted_at: Option<Moment>,
}

/// How an invite stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InviteStatus {
    /// Waiting for an answer.
    Pending,
    /// Somebody joined with it.
    Accepted,
    /// Nobody answered in time.
    Expired,
    /// Withdrawn while it was pending.
    Deleted,
}

impl InviteStatus {
    /// As the API spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Expired => "expired",
            Self::Deleted => "deleted",
        }
    }
}

impl Invite {
    /// How it stands at `now`.
    #[must_use]
    pub fn status(&self, now: Moment) -> InviteStatus {
        if self.deleted_at.is_some() {
            InviteStatus::Deleted
        } else if self.accepted_at.is_some() {
            InviteStatus::Accepted
        } else if self.expires_at <= now {
            InviteStatus::Expired
        } else {
            InviteStatus::Pending
        }
    }
}

/// A workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workspace {
    /// `wrkspc_…`, the Default Workspace's as well.
    pub id: String,
    /// 1 to 40 characters.
    pub name: String,
    /// `#RRGGBB`
    pub display_color: String,
    /// Free labels.
    pub tags: Map<String, Value>,
    /// Where it computes and keeps.
    pub data_residency: Value,
    /// `cmprt_…`
    pub compartment_id: String,
    /// When it was made.
    pub created_at: Moment,
    /// When it was archived, if it was. For good.
    pub archived_at: Option<Moment>,
    /// Whether it is the one that every organization has.
    pub is_default: bool,
}

/// That somebody was added to a workspace. What is inherited has no row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkspaceMember {
    /// Which workspace.
    pub workspace_id: String,
    /// Who.
    pub user_id: String,
    /// As what.
    pub role: WorkspaceRole,
}

/// Something that is not a person and may hold keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceAccount {
    /// `svac_…`
    pub id: String,
    /// A slug.
    pub name: String,
    /// What it is for, if somebody said.
    #[serde(default)]
    pub description: Option<String>,
    /// When it was made; files of earlier versions do not say.
    #[serde(default)]
    pub created_at: Moment,
    /// When it was archived, if it was.
    pub archived_at: Option<Moment>,
}

/// Whose key it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// Nobody's: it belongs to the workspace and outlives its maker.
    Workspace,
    /// This person's (`user_…`), and dies with their membership.
    Personal(String),
    /// This service account's (`svac_…`).
    ServiceAccount(String),
}

/// How a key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyStatus {
    /// Works.
    Active,
    /// Switched off; can be switched on again.
    Inactive,
    /// Gone for good.
    Archived,
    /// Its time is over. Never stored: the clock says so.
    Expired,
}

impl KeyStatus {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Active, Self::Inactive, Self::Archived, Self::Expired];

    /// As the API spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Archived => "archived",
            Self::Expired => "expired",
        }
    }

    /// The status that the API spells like this.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

/// An API key. Its secret was said once and is not here; a hash is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// `apikey_…`
    pub id: String,
    /// 1 to 500 characters.
    pub name: String,
    /// What it was last switched to. Ask [`Key::status`] how it stands.
    pub switched: KeyStatus,
    /// When it was made.
    pub created_at: Moment,
    /// Who made it: `user_…`, `svac_…`, or nobody known.
    pub created_by: Option<String>,
    /// When it stops by itself.
    pub expires_at: Option<Moment>,
    /// Beginning and end of the secret, for people to recognize.
    pub hint: String,
    /// Whose it is.
    pub kind: KeyKind,
    /// The workspace it works in; none: the whole organization.
    pub workspace_id: Option<String>,
    /// SHA-256 of the secret, hexadecimal.
    pub(super) hash: String,
}

impl Key {
    /// How it stands at `now`. An archived key stays archived, whatever the clock says.
    #[must_use]
    pub fn status(&self, now: Moment) -> KeyStatus {
        match self.switched {
            KeyStatus::Archived => KeyStatus::Archived,
            _ if self.expires_at.is_some_and(|at| at <= now) => KeyStatus::Expired,
            other => other,
        }
    }
}

/// A mail that the organization sent: always an invitation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// `mail_…`
    pub id: String,
    /// Who gets it.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// The invite it carries.
    pub invite: String,
    /// When it was sent.
    pub sent_at: Moment,
}
