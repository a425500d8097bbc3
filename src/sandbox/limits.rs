//! Rate limits: what the organization may use of each group of models, and what was set for a workspace.
//!
//! The organization's are Anthropic's and never change. A workspace's own work an hour after they were set ("within about
//! an hour", says the vendor; the hour is decided here).

use crate::clock::{Moment, moment};
use serde::{Deserialize, Serialize};

/// How long a change takes to work.
const DELAY_MS: i64 = 3_600_000;

/// One group of models, or one feature, and the organization's limits for it.
pub(super) struct Group {
    /// `rlg_…`, the same in all organizations.
    pub(super) id: &'static str,
    /// `model_group`, `batch`.
    pub(super) kind: &'static str,
    /// Its name for people, if it has one.
    pub(super) name: Option<&'static str>,
    /// The models in it.
    pub(super) models: &'static [&'static str],
    /// What is counted, and how much of it is allowed.
    pub(super) limits: &'static [(&'static str, i64)],
}

/// Believable numbers of a middle tier.
pub(super) const GROUPS: [Group; 4] = [
    Group {
        id: "rlg_claude_opus_5",
        kind: "model_group",
        name: Some("Claude Opus 5"),
        models: &["claude-opus-5-5", "claude-opus-5"],
        limits: &[
            ("requests_per_minute", 2_000),
            ("input_tokens_per_minute_cache_aware", 1_000_000),
            ("output_tokens_per_minute", 200_000),
        ],
    },
    Group {
        id: "rlg_claude_sonnet_5",
        kind: "model_group",
        name: Some("Claude Sonnet 5"),
        models: &["claude-sonnet-5-5", "claude-sonnet-5"],
        limits: &[
            ("requests_per_minute", 2_000),
            ("input_tokens_per_minute_cache_aware", 1_000_000),
            ("output_tokens_per_minute", 200_000),
        ],
    },
    Group {
        id: "rlg_claude_haiku_5",
        kind: "model_group",
        name: Some("Claude Haiku 5"),
        models: &["claude-haiku-5-5"],
        limits: &[
            ("requests_per_minute", 4_000),
            ("input_tokens_per_minute_cache_aware", 2_000_000),
            ("output_tokens_per_minute", 400_000),
        ],
    },
    Group {
        id: "rlg_batch",
        kind: "batch",
        name: None,
        models: &[],
        limits: &[("requests_per_minute", 2_000), ("enqueued_batch_requests", 300_000)],
    },
];

/// What can be set for a workspace, as the API spells it.
pub(super) const SETTABLE: [&str; 9] = [
    "requests_per_minute",
    "input_tokens_per_minute",
    "input_tokens_per_minute_cache_aware",
    "output_tokens_per_minute",
    "tokens_per_minute",
    "tokens_per_day",
    "tool_uses_per_second",
    "fast_itpmca",
    "fast_otpm",
];

impl Group {
    /// The organization's limit of this kind.
    pub(super) fn limit(&self, kind: &str) -> Option<i64> {
        self.limits.iter().find(|(name, _)| *name == kind).map(|(_, value)| *value)
    }

    /// Whether a workspace can have a limit of this kind here. Models count everything; of a feature, only what the
    /// organization has a limit for is counted (undocumented).
    pub(super) fn counts(&self, kind: &str) -> bool {
        self.kind == "model_group" || self.limit(kind).is_some()
    }
}

/// A limit that was set for a workspace, or cleared a while ago.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnLimit {
    /// `wrkspc_…`
    pub workspace_id: String,
    /// `rlg_…`
    pub group: String,
    /// What is counted, such as `requests_per_minute`.
    pub kind: String,
    /// How much of it; none once it is cleared.
    pub value: Option<i64>,
    /// When that was said.
    pub set_at: Moment,
    /// What was in force when that was said, and stays so for an hour.
    pub before: Option<i64>,
}

impl OwnLimit {
    /// What is in force at `now`.
    #[must_use]
    pub fn in_force(&self, now: Moment) -> Option<i64> {
        let since = moment(self.set_at.as_millisecond().saturating_add(DELAY_MS));
        if since <= now { self.value } else { self.before }
    }

    /// Whether it is this workspace's limit of this kind.
    pub(super) fn is(&self, workspace_id: &str, group: &Group, kind: &str) -> bool {
        self.workspace_id == workspace_id && self.group == group.id && self.kind == kind
    }
}

/// The group that a model is in.
pub(super) fn group_of(model: &str) -> Option<&'static Group> {
    GROUPS.iter().find(|group| group.models.contains(&model))
}
