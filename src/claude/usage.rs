//! `/v1/organizations/usage_report/messages`: how many tokens each key used, in buckets of an hour or a day.
//!
//! Of the two reports, this is the one that is fresh: usually within five minutes. It counts tokens and knows no money.

use jiff::Timestamp;
use serde::Deserialize;

use super::call::Call;
use super::page::{self, Pages};
use super::reader::Reader;
use super::row::{Row, or_empty};

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
    /// By key; the same key may come more than once.
    pub keys: Vec<KeyTokens>,
}

/// What one key used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyTokens {
    /// `apikey_…`; none for what no key was used for, such as the Console's playground.
    pub key_id: Option<String>,
    /// Tokens of every class, read and written, from a cache or not.
    pub tokens: u64,
}

#[derive(Deserialize)]
struct Wire {
    starting_at: Timestamp,
    ending_at: Timestamp,
    results: Vec<WireResult>,
}

#[derive(Deserialize)]
struct WireResult {
    api_key_id: Option<String>,
    #[serde(default, deserialize_with = "or_empty")]
    uncached_input_tokens: u64,
    #[serde(default, deserialize_with = "or_empty")]
    cache_read_input_tokens: u64,
    #[serde(default, deserialize_with = "or_empty")]
    cache_creation: WireCreation,
    #[serde(default, deserialize_with = "or_empty")]
    output_tokens: u64,
}

#[derive(Default, Deserialize)]
struct WireCreation {
    #[serde(default, deserialize_with = "or_empty")]
    ephemeral_5m_input_tokens: u64,
    #[serde(default, deserialize_with = "or_empty")]
    ephemeral_1h_input_tokens: u64,
}

impl From<Wire> for UsageBucket {
    fn from(wire: Wire) -> Self {
        let tokens = |it: &WireResult| {
            let created = &it.cache_creation;
            it.uncached_input_tokens
                .saturating_add(it.cache_read_input_tokens)
                .saturating_add(created.ephemeral_5m_input_tokens)
                .saturating_add(created.ephemeral_1h_input_tokens)
                .saturating_add(it.output_tokens)
        };
        let keys = wire.results.iter().map(|it| KeyTokens { key_id: it.api_key_id.clone(), tokens: tokens(it) });
        Self {
            id: wire.starting_at.to_string(),
            starting_at: wire.starting_at,
            ending_at: wire.ending_at,
            keys: keys.collect(),
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
    /// What each key used from one moment to before another, oldest bucket first. Empty buckets come as well, so that what is
    /// missing is told from what is nothing. `buckets` is how many come in one page.
    pub fn key_usage(&self, (width, buckets): (UsageWidth, u16), from: Timestamp, to: Timestamp) -> Pages<UsageBucket> {
        let call = Call::get("usage", &["usage_report", "messages"])
            .with("bucket_width", width.as_str())
            .with("starting_at", from.to_string())
            .with("ending_at", to.to_string())
            .with("group_by[]", "api_key_id")
            .with("limit", buckets.min(width.most()).to_string());
        page::by_token(self.http.clone(), call)
    }
}
