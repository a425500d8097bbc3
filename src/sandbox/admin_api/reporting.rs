//! What all reports have in common: times, and what a line of the books is called in them.

use crate::clock::Moment;
use crate::sandbox::answer::Refusal;
use crate::sandbox::books::{Line, Until, ms};
use crate::sandbox::page::Query;
use crate::sandbox::state::State;

/// Usage can be read so long after it.
const FRESH_MS: i64 = 5 * 60_000;
/// That of batches comes later; the vendor says only that some may.
const BATCH_FRESH_MS: i64 = 2 * 3_600_000;

/// The classes of tokens, by their names in the reports, in the order of the books.
pub(super) const TOKEN_TYPES: [&str; 5] = [
    "uncached_input_tokens",
    "cache_read_input_tokens",
    "cache_creation.ephemeral_5m_input_tokens",
    "cache_creation.ephemeral_1h_input_tokens",
    "output_tokens",
];

/// What the legacy reports know at `now`.
pub(super) fn fresh(now: Moment) -> Until {
    Until { plain: ms(now) - FRESH_MS, batch: ms(now) - BATCH_FRESH_MS }
}

/// A time among the parameters.
pub(super) fn time(query: &Query, name: &str) -> Result<Option<Moment>, Refusal> {
    let read = |text: &str| text.parse().map_err(|_| Refusal::bad(format!("{name}: Input should be a valid datetime")));
    query.one(name).map(read).transpose()
}

/// The beginning of a report, which must be given.
pub(super) fn start(query: &Query) -> Result<Moment, Refusal> {
    time(query, "starting_at")?.ok_or_else(|| Refusal::bad("starting_at: Field required"))
}

/// The beginning of the piece that a moment lies in.
pub(super) fn down(at: i64, width: i64) -> i64 {
    at - at.rem_euclid(width)
}

/// The key that authenticated. A token's use counts for its service account.
pub(super) fn key(line: &Line) -> Option<String> {
    let key = &line.about.key;
    (!key.is_empty() && !key.starts_with("svac_")).then(|| key.clone())
}

/// The service account whose token authenticated.
pub(super) fn service_account(line: &Line) -> Option<String> {
    line.about.key.starts_with("svac_").then(|| line.about.key.clone())
}

/// The workspace as legacy reports name it: none for the Default one.
pub(super) fn workspace(state: &State, line: &Line) -> Option<String> {
    state.workspace(&line.about.workspace_id).filter(|it| !it.is_default).map(|it| it.id.clone())
}

/// The service tier of tokens.
pub(super) fn tier(line: &Line) -> &'static str {
    if line.about.batch { "batch" } else { "standard" }
}

/// Where it was worked on.
pub(super) fn geo(line: &Line) -> &'static str {
    if line.about.us { "us" } else { "global" }
}
