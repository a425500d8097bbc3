//! Workload identity federation: whose signatures are trusted, what they become, and the tokens that are out.

use super::nouns::WorkspaceRole;
use crate::clock::Moment;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Everything that federation consists of, oldest first in each list.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Federated {
    pub(super) issuers: Vec<FederationIssuer>,
    pub(super) rules: Vec<FederationRule>,
    pub(super) seats: Vec<Seat>,
    pub(super) minted: Vec<Minted>,
    /// Assertions that were taken, by issuer and `jti`, each until it would have been over anyway.
    pub(super) taken: BTreeMap<String, i64>,
    pub(super) logins: Vec<Login>,
}

/// Whose signatures the organization trusts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FederationIssuer {
    /// `fdis_…`
    pub id: String,
    /// A slug.
    pub name: String,
    /// What the claim `iss` must be.
    pub issuer_url: String,
    /// Its keys, as they were handed in: `{"type": "inline", "keys": […]}`.
    pub jwks: Value,
    /// Whether each assertion is taken once only.
    pub check_jti: bool,
    /// How far apart `iat` and `exp` may be.
    pub max_jwt_lifetime_seconds: i64,
    /// When it was registered.
    pub created_at: Moment,
    /// When it was archived, if it was.
    pub archived_at: Option<Moment>,
}

/// Which assertions become tokens, and of whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FederationRule {
    /// `fdrl_…`
    pub id: String,
    /// A slug.
    pub name: String,
    /// What people may read about it.
    pub description: Option<String>,
    /// `fdis_…`
    pub issuer_id: String,
    /// The claim `sub`: exactly, or, with a `*` at its end, its beginning.
    pub subject_prefix: Option<String>,
    /// The claim `aud`; the API's own address if it does not say.
    pub audience: Option<String>,
    /// Claims that must be exactly so.
    pub claims: BTreeMap<String, String>,
    /// `svac_…`
    pub service_account_id: String,
    /// What its tokens may do.
    pub oauth_scope: String,
    /// Where they work. Empty once it is archived.
    pub workspace_ids: Vec<String>,
    /// Whether they work in any workspace.
    pub applies_to_all_workspaces: bool,
    /// How long they live at most.
    pub token_lifetime_seconds: i64,
    /// When it was made.
    pub created_at: Moment,
    /// When it was archived, if it was.
    pub archived_at: Option<Moment>,
}

/// That a service account was added to a workspace.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Seat {
    pub(super) service_account_id: String,
    pub(super) workspace_id: String,
    pub(super) role: WorkspaceRole,
}

/// A token that is out. Of the token itself only a hash is kept.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Minted {
    pub(super) hash: String,
    pub(super) service_account_id: String,
    pub(super) workspace_id: String,
    pub(super) expires_at: Moment,
}

/// Somebody who has signed in with the scope `org:admin`.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Login {
    pub(super) hash: String,
    pub(super) user_id: String,
    pub(super) expires_at: Moment,
}

impl Federated {
    /// The issuer with this id that is not archived.
    pub(super) fn issuer(&self, id: &str) -> Option<&FederationIssuer> {
        self.issuers.iter().find(|it| it.id == id && it.archived_at.is_none())
    }

    /// Whether a rule that is not archived goes by something.
    pub(super) fn is_used(&self, by: impl Fn(&FederationRule) -> bool) -> bool {
        self.rules.iter().any(|it| it.archived_at.is_none() && by(it))
    }

    /// The token with this hash, as long as it lives.
    pub(super) fn token(&self, hash: &str, now: Moment) -> Option<&Minted> {
        self.minted.iter().find(|it| it.hash == hash && it.expires_at > now)
    }
}
