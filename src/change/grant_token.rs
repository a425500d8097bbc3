//! What somebody is given who gets access by tokens.

use serde::{Deserialize, Serialize};

use crate::domain::{Called, Environment};

/// Access by tokens that somebody gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantToken {
    /// `wrkspc_…`.
    pub workspace_id: String,
    /// What people call it.
    pub workspace: String,
    /// Whose it will be.
    pub owner: Called,
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub purpose: String,
    /// Where it is used.
    pub environment: Environment,
    /// The request's mark.
    pub mark: String,
    /// How long a token lives, in seconds.
    pub lifetime_s: i64,
}
