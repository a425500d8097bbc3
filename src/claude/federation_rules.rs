//! `/v1/organizations/federation_rules`: which assertion of an issuer becomes a token, of which service account, where, for how long.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::Call;
use super::error::Error;
use super::federation::Federation;
use super::page::{self, Pages};
use super::row::{Row, or_empty};
use super::service_accounts::ROWS_PER_PAGE;

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct FederationRule {
    /// `fdrl_…`
    pub id: String,
    /// A slug that no other has.
    pub name: String,
    /// `fdis_…`, whose assertions it takes.
    pub issuer_id: String,
    /// Which of them.
    #[serde(rename = "match")]
    pub matches: RuleMatch,
    /// Whom its tokens act as.
    pub target: Target,
    /// What they may do, such as `workspace:developer`.
    pub oauth_scope: String,
    /// How long they live, in seconds.
    pub token_lifetime_seconds: i64,
    /// The one workspace that they work in, in the older way to say it.
    pub workspace_id: Option<String>,
    /// The workspaces that they work in. Empty once it is archived.
    #[serde(default, deserialize_with = "or_empty")]
    pub workspace_ids: Vec<String>,
    /// Whether they work in every workspace, whatever is named.
    #[serde(default)]
    pub applies_to_all_workspaces: Option<bool>,
    /// Since when it is archived, if it is.
    pub archived_at: Option<Timestamp>,
}

impl Row for FederationRule {
    const TYPE: &'static str = "federation_rule";

    fn id(&self) -> &str {
        &self.id
    }
}

/// What an assertion must say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct RuleMatch {
    /// The claim `sub`, exactly; its beginning, if this ends with `*`.
    pub subject_prefix: Option<String>,
    /// The claim `aud`, exactly.
    pub audience: Option<String>,
}

/// Whom tokens act as.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Target {
    /// `svac_…`
    pub service_account_id: String,
}

/// A rule to be made, for one subject, one service account, one workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRule {
    /// A slug.
    pub name: String,
    /// What people may read about it.
    pub description: String,
    /// `fdis_…`
    pub issuer_id: String,
    /// The claim `sub`, exactly.
    pub subject: String,
    /// The claim `aud`, exactly.
    pub audience: String,
    /// `svac_…`
    pub service_account_id: String,
    /// `wrkspc_…`
    pub workspace_id: String,
    /// How long its tokens live, in seconds: 60 to 86,400.
    pub token_lifetime_seconds: i64,
}

impl NewRule {
    /// The request's body, as it is sent.
    #[must_use]
    pub fn body(&self) -> Value {
        json!({
            "name": self.name,
            "description": self.description,
            "issuer_id": self.issuer_id,
            "match": { "subject_prefix": self.subject, "audience": self.audience },
            "target": { "type": "service_account", "service_account_id": self.service_account_id },
            "oauth_scope": "workspace:developer",
            "workspace_id": self.workspace_id,
            "token_lifetime_seconds": self.token_lifetime_seconds,
        })
    }

    /// Whether a rule is what was asked for, and nothing beyond.
    #[must_use]
    pub fn is(&self, made: &FederationRule) -> bool {
        let is_of = |it: &Option<String>| it.as_ref().is_none_or(|it| *it == self.workspace_id);
        let wanted = RuleMatch { subject_prefix: Some(self.subject.clone()), audience: Some(self.audience.clone()) };
        made.name == self.name
            && made.issuer_id == self.issuer_id
            && made.matches == wanted
            && made.target.service_account_id == self.service_account_id
            && made.oauth_scope == "workspace:developer"
            && is_of(&made.workspace_id)
            && made.workspace_ids.iter().all(|it| *it == self.workspace_id)
            && made.applies_to_all_workspaces != Some(true)
            && made.token_lifetime_seconds == self.token_lifetime_seconds
            && made.archived_at.is_none()
    }
}

impl Federation {
    /// Lists those that are not archived, a hundred a page.
    pub fn federation_rules(&self, issuer_id: Option<&str>) -> Pages<FederationRule> {
        let call = Call::get("federation rules", &["federation_rules"]).with("limit", ROWS_PER_PAGE);
        page::by_token(self.http.clone(), call.with_some("issuer_id", issuer_id))
    }

    /// Makes one. Sent once, whatever happens: a second try is refused with 409.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of a change.
    pub async fn create_federation_rule(&self, new: &NewRule) -> Result<FederationRule, Error> {
        let call = Call::post("a new federation rule", &["federation_rules"], new.body());
        self.http.object(&call).await?.agreeing(|it: &FederationRule| new.is(it))
    }

    /// Archives one, for good: from that moment no assertion becomes a token by it. Tokens that are out live on until their
    /// time is over. Repeated when it fails in passing.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of a change.
    pub async fn archive_federation_rule(&self, id: &str) -> Result<FederationRule, Error> {
        let call = Call::post("a federation rule's end", &["federation_rules", id, "archive"], json!({}));
        let done = self.http.object(&call.repeatable().revoking()).await?;
        done.agreeing(|it: &FederationRule| it.id == id && it.archived_at.is_some())
    }
}
