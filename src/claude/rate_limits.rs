//! `/v1/organizations/rate_limits` and a workspace's: what Anthropic lets the organization use, and how much less a
//! workspace may. The organization's own cannot be changed from here.

use serde::Deserialize;
use serde_json::{Value, json};

use super::call::Call;
use super::error::Error;
use super::open::open_enum;
use super::page::{self, Pages};
use super::reader::Reader;
use super::row::{Row, or_empty};
use super::writer::Writer;

open_enum! {
    /// What is counted.
    LimitKind {
        /// Requests, each minute.
        RequestsPerMinute = "requests_per_minute",
        /// Input tokens each minute, those read from a cache included.
        InputTokensPerMinute = "input_tokens_per_minute",
        /// Input tokens each minute, those read from a cache left out: what the organization's own limit counts.
        InputTokensPerMinuteCacheAware = "input_tokens_per_minute_cache_aware",
        /// Output tokens, each minute.
        OutputTokensPerMinute = "output_tokens_per_minute",
        /// Tokens of any kind, each minute.
        TokensPerMinute = "tokens_per_minute",
        /// Tokens of any kind, each day.
        TokensPerDay = "tokens_per_day",
        /// Uses of tools, each second.
        ToolUsesPerSecond = "tool_uses_per_second",
        /// Input tokens each minute in fast mode, those read from a cache left out.
        FastInputTokensPerMinuteCacheAware = "fast_itpmca",
        /// Output tokens each minute in fast mode.
        FastOutputTokensPerMinute = "fast_otpm",
        /// Requests that wait in batches at the same time. The organization's alone.
        EnqueuedBatchRequests = "enqueued_batch_requests",
    }
}

impl LimitKind {
    /// Can a workspace have it for itself? Nothing is sent that this client does not know.
    #[must_use]
    pub fn assignable(&self) -> bool {
        !matches!(self, Self::EnqueuedBatchRequests | Self::Other(_))
    }
}

open_enum! {
    /// Where a value comes from.
    LimitSource {
        /// It was set for the workspace.
        Workspace = "workspace",
        /// It is the organization's.
        Organization = "organization",
    }
}

/// The organization's limits for one group of models or one feature.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "Wire")]
pub struct RateLimit {
    /// Differs from organization to organization; [`ModelGroup::id`] does not. It names the group when a workspace's
    /// limits are set.
    pub id: String,
    /// What they are the limits of, if the answer told.
    pub group: Option<ModelGroup>,
    /// The models of the group; empty for a feature.
    pub models: Vec<String>,
    /// One for each thing that is counted.
    pub limits: Vec<Limit>,
}

/// What limits are about.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ModelGroup {
    /// The kind, such as `model_group` or `batch`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `rlg_…`, the same in all organizations. Missing in older answers.
    pub id: Option<String>,
    /// Its name for people.
    pub display_name: Option<String>,
}

/// One limit of the organization.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Limit {
    /// What is counted.
    #[serde(rename = "type")]
    pub kind: LimitKind,
    /// How much of it is allowed; `None` if no number is set.
    pub value: Option<u64>,
}

/// A workspace's limits for one group of models or one feature: its own, and those that it has from the organization.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "WorkspaceWire")]
pub struct WorkspaceRateLimit {
    /// The id of the organization's entry, a [`RateLimit`].
    pub rate_limit_id: String,
    /// `wrkspc_…`
    pub workspace_id: String,
    /// What they are the limits of, if the answer told.
    pub group: Option<ModelGroup>,
    /// The models of the group; empty for a feature.
    pub models: Vec<String>,
    /// One for each thing that is counted.
    pub limits: Vec<WorkspaceLimit>,
}

/// One limit of a workspace. The lower one of both counts, whichever is set.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct WorkspaceLimit {
    /// What is counted.
    #[serde(rename = "type")]
    pub kind: LimitKind,
    /// The value.
    pub value: Option<u64>,
    /// What the organization's own limit is, if there is one.
    pub org_limit: Option<u64>,
    /// Where the value comes from. Answers that list only what was set for the workspace do not tell.
    #[serde(default = "of_workspace", deserialize_with = "source")]
    pub source: LimitSource,
}

/// What a workspace's limit is to be; `None` clears it, and the organization's counts again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitSetting {
    /// What is counted.
    pub kind: LimitKind,
    /// How much of it is allowed.
    pub value: Option<u64>,
}

/// An entry as it travels, in both versions of the API: the older one names only the kind of the group.
#[derive(Deserialize)]
struct Wire {
    id: String,
    group: Option<ModelGroup>,
    group_type: Option<String>,
    #[serde(default, deserialize_with = "or_empty")]
    models: Vec<String>,
    #[serde(default, deserialize_with = "or_empty")]
    limits: Vec<Limit>,
}

/// The same for a workspace's.
#[derive(Deserialize)]
struct WorkspaceWire {
    rate_limit_id: String,
    workspace_id: String,
    group: Option<ModelGroup>,
    group_type: Option<String>,
    #[serde(default, deserialize_with = "or_empty")]
    models: Vec<String>,
    #[serde(default, deserialize_with = "or_empty")]
    limits: Vec<WorkspaceLimit>,
}

/// Where a value comes from as it travels.
#[derive(Deserialize)]
struct SourceWire {
    #[serde(rename = "type")]
    kind: LimitSource,
}

impl From<Wire> for RateLimit {
    fn from(wire: Wire) -> Self {
        Self { id: wire.id, group: group(wire.group, wire.group_type), models: wire.models, limits: wire.limits }
    }
}

impl From<WorkspaceWire> for WorkspaceRateLimit {
    fn from(wire: WorkspaceWire) -> Self {
        Self {
            rate_limit_id: wire.rate_limit_id,
            workspace_id: wire.workspace_id,
            group: group(wire.group, wire.group_type),
            models: wire.models,
            limits: wire.limits,
        }
    }
}

fn group(group: Option<ModelGroup>, kind: Option<String>) -> Option<ModelGroup> {
    group.or_else(|| kind.map(|kind| ModelGroup { kind, id: None, display_name: None }))
}

fn of_workspace() -> LimitSource {
    LimitSource::Workspace
}

fn source<'de, D: serde::Deserializer<'de>>(from: D) -> Result<LimitSource, D::Error> {
    Option::<SourceWire>::deserialize(from).map(|wire| wire.map_or(LimitSource::Workspace, |it| it.kind))
}

impl Row for RateLimit {
    const TYPE: &'static str = "rate_limit";

    fn id(&self) -> &str {
        &self.id
    }
}

impl Row for WorkspaceRateLimit {
    const TYPE: &'static str = "workspace_rate_limit";

    fn id(&self) -> &str {
        &self.rate_limit_id
    }
}

impl WorkspaceRateLimit {
    /// The limit of this kind, the workspace's own or the organization's.
    #[must_use]
    pub fn limit(&self, kind: &LimitKind) -> Option<&WorkspaceLimit> {
        self.limits.iter().find(|it| it.kind == *kind)
    }

    /// Does it show what was set? A value above the organization's may be shown as the lower one.
    fn shows(&self, setting: &LimitSetting) -> bool {
        match (setting.value, self.limit(&setting.kind)) {
            (Some(value), Some(it)) => it.value == Some(value) || it.org_limit.is_some_and(|most| most < value),
            (Some(_), None) => false,
            (None, shown) => shown.is_none_or(|it| it.value.is_none() || it.source != LimitSource::Workspace),
        }
    }
}

impl Reader {
    /// Lists the organization's rate limits.
    pub fn rate_limits(&self) -> Pages<RateLimit> {
        page::by_token(self.http.clone(), Call::get("rate limits", &["rate_limits"]))
    }

    /// Lists a workspace's rate limits, those from the organization included.
    pub fn workspace_rate_limits(&self, workspace_id: &str) -> Pages<WorkspaceRateLimit> {
        let call = Call::get("a workspace's rate limits", &["workspaces", workspace_id, "rate_limits"]);
        page::by_token(self.http.clone(), call.with("include_inherited", "true"))
    }
}

impl Writer {
    /// Sets or clears limits of a workspace, 1 to 16 of one group; what is not named stays as it is. The lower one of
    /// the workspace's and the organization's counts, within about an hour. Repeated when it fails in passing.
    ///
    /// `rate_limit_id` is the id of the organization's entry, a [`RateLimit`].
    ///
    /// # Errors
    ///
    /// [`Error::NotAssignable`] before anything is sent; else any [`Error`] of a change.
    pub async fn set_rate_limits(
        &self,
        workspace_id: &str,
        rate_limit_id: &str,
        settings: &[LimitSetting],
    ) -> Result<WorkspaceRateLimit, Error> {
        if let Some(never) = settings.iter().find(|it| !it.kind.assignable()) {
            return Err(Error::NotAssignable(never.kind.to_string()));
        }
        let limits = settings.iter().map(|it| json!({ "type": it.kind.as_str(), "value": it.value }));
        let body = json!({ "limits": limits.collect::<Vec<Value>>() });
        let path = ["workspaces", workspace_id, "rate_limits", rate_limit_id];
        let set = self.http.object(&Call::post("a workspace's rate limits", &path, body).repeatable()).await?;
        set.agreeing(|it: &WorkspaceRateLimit| {
            it.workspace_id == workspace_id
                && it.rate_limit_id == rate_limit_id
                && settings.iter().all(|setting| it.shows(setting))
        })
    }
}
