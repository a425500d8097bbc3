//! `GET /v1/organizations/rate_limits`: what Anthropic lets the organization use. Not to be changed from here.

use serde::Deserialize;

use super::call::Call;
use super::page::{self, Pages};
use super::reader::Reader;
use super::row::{Row, or_empty};

/// The limits of one group of models or of one feature.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct RateLimit {
    /// Differs from organization to organization; [`ModelGroup::id`] does not.
    pub id: String,
    /// What they are the limits of. Missing in older answers.
    #[serde(default)]
    pub group: Option<ModelGroup>,
    /// The same in older answers: the kind alone, such as `model_group`.
    #[serde(default)]
    pub group_type: Option<String>,
    /// The models of the group; empty for a feature.
    #[serde(default, deserialize_with = "or_empty")]
    pub models: Vec<String>,
    /// One for each thing that is counted.
    #[serde(default, deserialize_with = "or_empty")]
    pub limits: Vec<Limit>,
}

/// What limits are about.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ModelGroup {
    /// The kind, such as `model_group`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `rlg_…`, the same in all organizations.
    #[serde(default)]
    pub id: Option<String>,
    /// Its name for people.
    #[serde(default)]
    pub display_name: Option<String>,
}

/// One limit.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Limit {
    /// What is counted, such as `input_tokens_per_minute`.
    #[serde(rename = "type")]
    pub kind: String,
    /// How much of it is allowed; `None` if no number is set.
    #[serde(default)]
    pub value: Option<u64>,
}

impl Row for RateLimit {
    const TYPE: &'static str = "rate_limit";

    fn id(&self) -> &str {
        &self.id
    }
}

impl Reader {
    /// Lists the organization's rate limits.
    pub fn rate_limits(&self) -> Pages<RateLimit> {
        page::by_token(self.http.clone(), Call::get("rate limits", &["rate_limits"]))
    }
}
