//! The organization's own roles, as its API names them. Not to be confused with Steward's [`super::Role`].

use std::fmt;
use std::str::FromStr;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// What somebody may do in the organization. The API can give these four; `admin` is given in the Console alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ValueEnum, Serialize, Deserialize)]
#[value(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum InviteRole {
    /// Playground.
    User,
    /// Playground and Claude Code.
    #[value(aliases = ["claude-code-user", "claude-code", "claude_code", "claude code user"])]
    ClaudeCodeUser,
    /// Playground, Claude Code and API keys.
    Developer,
    /// All of these and billing.
    Billing,
}

/// Why there is no such role to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRole {
    /// The API refuses it.
    #[error("the role admin cannot be given through the API; only an admin can give it, in the Claude Console")]
    Admin,
    /// The word of other products.
    #[error("there is no role member; the nearest ones are user and developer")]
    Member,
    /// Anything else.
    #[error("a role is one of user, claude_code_user, developer and billing")]
    Unknown,
}

impl InviteRole {
    /// All of them, the least first.
    pub const ALL: [Self; 4] = [Self::User, Self::ClaudeCodeUser, Self::Developer, Self::Billing];

    /// The API's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::ClaudeCodeUser => "claude_code_user",
            Self::Developer => "developer",
            Self::Billing => "billing",
        }
    }
}

impl fmt::Display for InviteRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for InviteRole {
    type Err = BadRole;

    fn from_str(text: &str) -> Result<Self, BadRole> {
        let text = text.trim();
        <Self as ValueEnum>::from_str(text, true).map_err(|_| match text.to_ascii_lowercase().as_str() {
            "admin" | "owner" | "administrator" => BadRole::Admin,
            "member" => BadRole::Member,
            _ => BadRole::Unknown,
        })
    }
}

/// What somebody may do in one workspace. `workspace_billing` is inherited from the organization and cannot be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ValueEnum, Serialize, Deserialize)]
#[value(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum WorkspaceRole {
    /// Playground.
    #[value(alias = "user")]
    WorkspaceUser,
    /// Playground and API keys of one's own.
    #[value(alias = "restricted_developer")]
    WorkspaceRestrictedDeveloper,
    /// Playground and all API keys.
    #[value(alias = "developer")]
    WorkspaceDeveloper,
    /// All of these and its members.
    #[value(alias = "admin")]
    WorkspaceAdmin,
}

/// A text that names no role of a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a role in a workspace is one of workspace_user, workspace_restricted_developer, workspace_developer and \
     workspace_admin"
)]
pub struct BadWorkspaceRole;

impl WorkspaceRole {
    /// The API's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WorkspaceUser => "workspace_user",
            Self::WorkspaceRestrictedDeveloper => "workspace_restricted_developer",
            Self::WorkspaceDeveloper => "workspace_developer",
            Self::WorkspaceAdmin => "workspace_admin",
        }
    }
}

impl fmt::Display for WorkspaceRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for WorkspaceRole {
    type Err = BadWorkspaceRole;

    fn from_str(text: &str) -> Result<Self, BadWorkspaceRole> {
        <Self as ValueEnum>::from_str(text.trim(), true).map_err(|_| BadWorkspaceRole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_written_as_the_api_names_them() {
        for role in InviteRole::ALL {
            assert_eq!(role.as_str().parse(), Ok(role));
            assert_eq!(role.to_possible_value().unwrap().get_name(), role.as_str());
        }
        for role in WorkspaceRole::value_variants() {
            assert_eq!(role.as_str().parse(), Ok(*role));
            assert_eq!(role.to_possible_value().unwrap().get_name(), role.as_str());
        }
        assert_eq!("Claude-Code-User".parse(), Ok(InviteRole::ClaudeCodeUser));
    }

    #[test]
    fn what_cannot_be_given_is_explained() {
        assert_eq!("Admin".parse::<InviteRole>(), Err(BadRole::Admin));
        assert_eq!("member".parse::<InviteRole>(), Err(BadRole::Member));
        assert_eq!("root".parse::<InviteRole>(), Err(BadRole::Unknown));
        assert_eq!("workspace_billing".parse::<WorkspaceRole>(), Err(BadWorkspaceRole));
    }
}
