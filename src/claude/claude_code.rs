//! `/v1/organizations/usage_report/claude_code`: what each person did with Claude Code on one day, by their address.

use serde::Deserialize;
use serde_json::Number;

use super::call::Call;
use super::page::{self, Pages};
use super::reader::Reader;
use super::row::{Row, or_empty};

/// The most rows that this listing puts into one page.
const ROWS_PER_PAGE: &str = "1000";

/// What one person, or one key, did on one day.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "Wire")]
pub struct ClaudeCodeDay {
    id: String,
    /// Their address; none where a key did it.
    pub email: Option<String>,
    /// The key's name, where it was one.
    pub key_name: Option<String>,
    /// `api` is on the organization's bill; `subscription` is not.
    pub customer_type: Option<String>,
    /// By model.
    pub models: Vec<ClaudeCodeModel>,
}

/// What was used of one model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaudeCodeModel {
    /// The model.
    pub model: String,
    /// Tokens of every class.
    pub tokens: u64,
    /// An estimate, in cents as a decimal number.
    pub cents: String,
}

#[derive(Deserialize)]
struct Wire {
    actor: WireActor,
    #[serde(default)]
    customer_type: Option<String>,
    #[serde(default)]
    terminal_type: Option<String>,
    #[serde(default)]
    is_remote: Option<bool>,
    #[serde(default, deserialize_with = "or_empty")]
    model_breakdown: Vec<WireModel>,
}

#[derive(Deserialize)]
struct WireActor {
    #[serde(default)]
    email_address: Option<String>,
    #[serde(default)]
    api_key_name: Option<String>,
}

#[derive(Deserialize)]
struct WireModel {
    model: String,
    #[serde(default, deserialize_with = "or_empty")]
    tokens: WireTokens,
    estimated_cost: WireCost,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireTokens {
    input: u64,
    output: u64,
    cache_read: u64,
    cache_creation: u64,
}

#[derive(Deserialize)]
struct WireCost {
    amount: Number,
}

impl From<WireModel> for ClaudeCodeModel {
    fn from(wire: WireModel) -> Self {
        let WireTokens { input, output, cache_read, cache_creation } = wire.tokens;
        let tokens = [output, cache_read, cache_creation].into_iter().fold(input, u64::saturating_add);
        Self { model: wire.model, tokens, cents: wire.estimated_cost.amount.to_string() }
    }
}

impl From<Wire> for ClaudeCodeDay {
    fn from(wire: Wire) -> Self {
        let who = (&wire.actor.email_address, &wire.actor.api_key_name);
        let id = format!("{who:?} {:?} {:?} {:?}", wire.customer_type, wire.terminal_type, wire.is_remote);
        let models = wire.model_breakdown.into_iter().map(Into::into).collect();
        let WireActor { email_address: email, api_key_name: key_name } = wire.actor;
        Self { id, email, key_name, customer_type: wire.customer_type, models }
    }
}

impl Row for ClaudeCodeDay {
    const TYPE: &'static str = "claude_code_day";

    fn id(&self) -> &str {
        &self.id
    }
}

impl Reader {
    /// What was done with Claude Code on one UTC day, `2026-12-01`.
    pub fn claude_code(&self, day: &str) -> Pages<ClaudeCodeDay> {
        let call = Call::get("claude_code", &["usage_report", "claude_code"])
            .with("starting_at", day)
            .with("limit", ROWS_PER_PAGE);
        page::by_token(self.http.clone(), call)
    }
}
