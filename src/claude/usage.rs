//! `/v1/organizations/usage_report/messages`: how many tokens were used, in buckets of an hour or a day.
//!
//! Of the reports, this is the one that is fresh: usually within five minutes. It counts tokens and knows no money.

use jiff::Timestamp;
use serde::Deserialize;

use super::call::Call;
use super::page::{self, Pages};
use super::reader::Reader;
use super::row::{Row, or_empty};

/// Everything that the report can be grouped by without a beta.
const GROUPS: [&str; 8] = [
    "account_id",
    "api_key_id",
    "context_window",
    "inference_geo",
    "model",
    "service_account_id",
    "service_tier",
    "workspace_id",
];

/// How long a bucket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsageWidth {
    /// An hour.
    Hour,
    /// A day, UTC.
    Day,
}

impl UsageWidth {
    /// In milliseconds.
    #[must_use]
    pub fn ms(self) -> i64 {
        match self {
            Self::Hour => 3_600_000,
            Self::Day => 86_400_000,
        }
    }

    /// As many buckets as the API puts into one page.
    #[must_use]
    pub fn most(self) -> u16 {
        match self {
            Self::Hour => 168,
            Self::Day => 31,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "1h",
            Self::Day => "1d",
        }
    }
}

/// What was used in one bucket.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "Wire")]
pub struct UsageBucket {
    id: String,
    /// Its beginning.
    pub starting_at: Timestamp,
    /// Its end, which belongs to the next one.
    pub ending_at: Timestamp,
    /// One for each combination; the same one may come more than once.
    pub rows: Vec<UsageRow>,
}

/// What was used by one combination of key, model and the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "WireRow")]
pub struct UsageRow {
    /// `apikey_…`; none for what no key was used for, such as the Console's playground.
    pub api_key_id: Option<String>,
    /// `user_…`, for whoever was signed in.
    pub account_id: Option<String>,
    /// `svac_…`, for tokens of service accounts.
    pub service_account_id: Option<String>,
    /// `wrkspc_…`; none for the Default Workspace.
    pub workspace_id: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// `standard`, `batch` …
    pub service_tier: Option<String>,
    /// `global`, `us` …
    pub inference_geo: Option<String>,
    /// `0-200k` …
    pub context_window: Option<String>,
    /// What was used.
    pub tokens: TokenClasses,
}

/// Tokens by class, and searches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenClasses {
    /// Read, and from no cache.
    pub input: u64,
    /// Read from a cache.
    pub cache_read: u64,
    /// Written to a cache for five minutes.
    pub cache_5m: u64,
    /// Written to a cache for an hour.
    pub cache_1h: u64,
    /// Written as an answer.
    pub output: u64,
    /// Searches on the web.
    pub searches: u64,
}

#[derive(Deserialize)]
struct Wire {
    starting_at: Timestamp,
    ending_at: Timestamp,
    results: Vec<UsageRow>,
}

impl<'de> Deserialize<'de> for TokenClasses {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let wire = WireTokens::deserialize(from)?;
        Ok(Self {
            input: wire.uncached_input_tokens,
            cache_read: wire.cache_read_input_tokens,
            cache_5m: wire.cache_creation.ephemeral_5m_input_tokens,
            cache_1h: wire.cache_creation.ephemeral_1h_input_tokens,
            output: wire.output_tokens,
            searches: wire.server_tool_use.web_search_requests,
        })
    }
}

#[derive(Deserialize)]
struct WireRow {
    api_key_id: Option<String>,
    account_id: Option<String>,
    service_account_id: Option<String>,
    workspace_id: Option<String>,
    model: Option<String>,
    service_tier: Option<String>,
    inference_geo: Option<String>,
    context_window: Option<String>,
    #[serde(default, deserialize_with = "or_empty")]
    uncached_input_tokens: u64,
    #[serde(default, deserialize_with = "or_empty")]
    cache_read_input_tokens: u64,
    #[serde(default, deserialize_with = "or_empty")]
    cache_creation: WireCreation,
    #[serde(default, deserialize_with = "or_empty")]
    output_tokens: u64,
    #[serde(default, deserialize_with = "or_empty")]
    server_tool_use: WireTools,
}

impl From<WireRow> for UsageRow {
    fn from(wire: WireRow) -> Self {
        Self {
            tokens: TokenClasses {
                input: wire.uncached_input_tokens,
                cache_read: wire.cache_read_input_tokens,
                cache_5m: wire.cache_creation.ephemeral_5m_input_tokens,
                cache_1h: wire.cache_creation.ephemeral_1h_input_tokens,
                output: wire.output_tokens,
                searches: wire.server_tool_use.web_search_requests,
            },
            api_key_id: wire.api_key_id,
            account_id: wire.account_id,
            service_account_id: wire.service_account_id,
            workspace_id: wire.workspace_id,
            model: wire.model,
            service_tier: wire.service_tier,
            inference_geo: wire.inference_geo,
            context_window: wire.context_window,
        }
    }
}

#[derive(Deserialize)]
struct WireTokens {
    #[serde(default, deserialize_with = "or_empty")]
    uncached_input_tokens: u64,
    #[serde(default, deserialize_with = "or_empty")]
    cache_read_input_tokens: u64,
    #[serde(default, deserialize_with = "or_empty")]
    cache_creation: WireCreation,
    #[serde(default, deserialize_with = "or_empty")]
    output_tokens: u64,
    #[serde(default, deserialize_with = "or_empty")]
    server_tool_use: WireTools,
}

#[derive(Default, Deserialize)]
struct WireCreation {
    #[serde(default, deserialize_with = "or_empty")]
    ephemeral_5m_input_tokens: u64,
    #[serde(default, deserialize_with = "or_empty")]
    ephemeral_1h_input_tokens: u64,
}

#[derive(Default, Deserialize)]
struct WireTools {
    #[serde(default, deserialize_with = "or_empty")]
    web_search_requests: u64,
}

impl From<Wire> for UsageBucket {
    fn from(wire: Wire) -> Self {
        Self {
            id: wire.starting_at.to_string(),
            starting_at: wire.starting_at,
            ending_at: wire.ending_at,
            rows: wire.results,
        }
    }
}

impl Row for UsageBucket {
    const TYPE: &'static str = "usage_bucket";

    fn id(&self) -> &str {
        &self.id
    }
}

impl Reader {
    /// What was used from one moment to before another, oldest bucket first. Empty buckets come as well, so that what is
    /// missing is told from what is nothing. `buckets` is how many come in one page.
    pub fn token_usage(
        &self,
        (width, buckets): (UsageWidth, u16),
        from: Timestamp,
        to: Timestamp,
    ) -> Pages<UsageBucket> {
        let call = Call::get("usage", &["usage_report", "messages"])
            .with("bucket_width", width.as_str())
            .with("starting_at", from.to_string())
            .with("ending_at", to.to_string())
            .with("limit", buckets.min(width.most()).to_string());
        page::buckets(self.http.clone(), GROUPS.iter().fold(call, |call, group| call.with("group_by[]", *group)))
    }
}
