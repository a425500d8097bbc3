//! Where a message goes that nobody waits for, and where it went.

use serde::{Deserialize, Serialize};

use super::Account;

/// Where a message goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// A channel, written as in the configuration: `slack:C0APPROVE`, `browser:approvals`.
    Channel(String),
    /// A conversation with one person alone. The messenger opens it for exactly this account, each time.
    Direct(Account),
}

/// Where a message is, so that it can be changed: the platform's own coordinates, opaque to everybody else.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Receipt {
    /// The platform's name.
    pub platform: String,
    /// The channel, in the platform's own terms.
    pub channel: String,
    /// The message in it.
    pub message: String,
}
