//! Who may give an approval.

use serde::{Deserialize, Serialize};

/// Who may give an approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Approver {
    /// Whoever holds this role, everywhere or in the workspace that it is about.
    Role(String),
    /// Whoever is in this chat group, or is this account, written as in the configuration.
    Named(String),
    /// Whoever is linked to a member with this role in the Claude organization.
    ClaudeRole(String),
    /// Any of these.
    Any(Vec<Approver>),
    /// Those whom the change's workspace names. Only in rules: `decide` puts [`Approver::Any`] of them in.
    OfWorkspace,
}

impl Approver {
    /// True if it is, or may be, a chat group whose name begins with `prefix`.
    #[must_use]
    pub fn names_group(&self, prefix: &str) -> bool {
        match self {
            Self::Named(name) => name.starts_with(prefix),
            Self::Any(several) => several.iter().any(|it| it.names_group(prefix)),
            Self::Role(_) | Self::ClaudeRole(_) | Self::OfWorkspace => false,
        }
    }
}
