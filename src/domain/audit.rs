//! An entry of the audit trail.

use serde::Serialize;

use crate::clock::Moment;

/// Something that was asked, decided, sent, done or refused. Append-only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditEntry {
    /// Counts up from 1, without a gap.
    pub seq: i64,
    /// When.
    pub at: Moment,
    /// Who: an account, or `steward`.
    pub actor: String,
    /// What: `invite.approved`.
    pub action: String,
    /// About what: a change's id, a person, an address.
    pub about: String,
    /// More, as JSON text; never a secret, never free text of a user's.
    pub detail: String,
}

/// What a check of the whole trail found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// How many entries were read.
    pub entries: i64,
    /// The last entry's hash, in hex; what an outside witness keeps.
    pub head: String,
    /// The first thing that is wrong.
    pub broken: Option<Broken>,
}

/// Where the trail was tampered with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Broken {
    /// The entry, or where one should be.
    pub seq: i64,
    /// What is wrong with it.
    pub what: String,
}
