//! `/v1/organizations/cost_report`: what was billed, by day, workspace and description. It knows no keys and no people.

use jiff::Timestamp;
use serde::Deserialize;

use super::call::Call;
use super::page::{self, Pages};
use super::reader::Reader;
use super::row::Row;

/// As many days as the API puts into one page.
const DAYS_PER_PAGE: &str = "31";

/// What was billed for one day.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "Wire")]
pub struct CostBucket {
    id: String,
    /// Its beginning.
    pub starting_at: Timestamp,
    /// Its end, which belongs to the next one.
    pub ending_at: Timestamp,
    /// One for each workspace and description.
    pub rows: Vec<Cost>,
}

/// One amount.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Cost {
    /// Cents, as a decimal number.
    pub amount: String,
    /// `wrkspc_…`; none for the Default Workspace.
    #[serde(default)]
    pub workspace_id: Option<String>,
    /// The model, where it has one.
    #[serde(default)]
    pub model: Option<String>,
    /// `tokens`, `web_search`, `code_execution`, `session_usage` …
    #[serde(default)]
    pub cost_type: Option<String>,
}

#[derive(Deserialize)]
struct Wire {
    starting_at: Timestamp,
    ending_at: Timestamp,
    results: Vec<Cost>,
}

impl From<Wire> for CostBucket {
    fn from(wire: Wire) -> Self {
        let Wire { starting_at, ending_at, results } = wire;
        Self { id: starting_at.to_string(), starting_at, ending_at, rows: results }
    }
}

impl Row for CostBucket {
    const TYPE: &'static str = "cost_bucket";

    fn id(&self) -> &str {
        &self.id
    }
}

impl Reader {
    /// What was billed from one day to before another, oldest first, empty days as well.
    pub fn costs(&self, from: Timestamp, to: Timestamp) -> Pages<CostBucket> {
        let call = Call::get("costs", &["cost_report"])
            .with("bucket_width", "1d")
            .with("starting_at", from.to_string())
            .with("ending_at", to.to_string())
            .with("group_by[]", "workspace_id")
            .with("group_by[]", "description")
            .with("limit", DAYS_PER_PAGE);
        page::buckets(self.http.clone(), call)
    }
}
