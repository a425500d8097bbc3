//! `GET /v1/organizations/usage_report/messages`: tokens, in buckets of a minute, an hour or a day, empty ones included.
//!
//! What was used can be read five minutes later. Null stands for what was not asked for; for the workspace also for the Default one.

use crate::clock::{Moment, moment};
use crate::sandbox::answer::{Answer, Refusal};
use crate::sandbox::meter::Metered;
use crate::sandbox::organization::Organization;
use crate::sandbox::page::Query;
use crate::sandbox::state::State;
use axum::extract::RawQuery;
use axum::{Extension, Json};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const FRESH_MS: i64 = 5 * 60_000;
const DIMENSIONS: [&str; 8] = [
    "account_id",
    "api_key_id",
    "context_window",
    "inference_geo",
    "model",
    "service_account_id",
    "service_tier",
    "workspace_id",
];
/// Widths: name, milliseconds, buckets on a page if nothing is said, and at most.
const WIDTHS: [(&str, i64, usize, usize); 3] =
    [("1m", 60_000, 60, 1_440), ("1h", 3_600_000, 24, 168), ("1d", 86_400_000, 7, 31)];

pub(super) async fn messages(Extension(org): Extension<Organization>, RawQuery(query): RawQuery) -> Answer {
    let query = Query::parse(query.as_deref());
    let named = query.one("bucket_width").unwrap_or("1d");
    let width = WIDTHS.iter().find(|it| it.0 == named);
    let (_, width_ms, usual, most) =
        width.ok_or_else(|| Refusal::bad("bucket_width: Input should be '1m', '1h' or '1d'"))?;
    let buckets = query.limit(*most)?.unwrap_or(*usual);
    let from = time(&query, "starting_at")?.ok_or_else(|| Refusal::bad("starting_at: Field required"))?;
    let to = time(&query, "ending_at")?.unwrap_or_else(|| org.now());
    let groups = query.each("group_by", |name| DIMENSIONS.into_iter().find(|it| *it == name))?;
    let down = |at: Moment| at.as_millisecond() - at.as_millisecond().rem_euclid(*width_ms);
    let end = down(moment(to.as_millisecond() + width_ms - 1));
    let first = match query.one("page") {
        None => down(from),
        Some(page) => {
            let at = page.strip_prefix("page_").and_then(|it| it.parse::<i64>().ok());
            at.filter(|at| down(from) < *at && *at < end).ok_or_else(|| Refusal::bad("page: no such page"))?
        }
    };
    let stop = end.min(first.saturating_add(i64::try_from(buckets).unwrap_or(i64::MAX).saturating_mul(*width_ms)));
    let seen_until = moment(org.now().as_millisecond() - FRESH_MS);
    org.read(|state| {
        let mut data = Vec::new();
        let mut at = first;
        while at < stop {
            let next = at + width_ms;
            let rows = results(state, (moment(at), moment(next).min(seen_until)), &query, &groups);
            data.push(json!({ "starting_at": moment(at), "ending_at": moment(next), "results": rows }));
            at = next;
        }
        let next_page = (stop < end).then(|| format!("page_{stop}"));
        Ok(Json(json!({ "data": data, "has_more": next_page.is_some(), "next_page": next_page })))
    })
}

fn time(query: &Query, name: &str) -> Result<Option<Moment>, Refusal> {
    let read = |text: &str| text.parse().map_err(|_| Refusal::bad(format!("{name}: Input should be a valid datetime")));
    query.one(name).map(read).transpose()
}

fn results(state: &State, (from, to): (Moment, Moment), query: &Query, groups: &[&str]) -> Vec<Value> {
    let mut keys = query.many("api_key_ids");
    keys.extend(query.many("service_account_ids"));
    let (workspaces, models) = (query.many("workspace_ids"), query.many("models"));
    let wanted = |all: &[&str], it: &str| all.is_empty() || all.contains(&it);
    let mut sums: BTreeMap<Vec<Option<String>>, (i64, i64)> = BTreeMap::new();
    for used in state.used(from, to) {
        if wanted(&keys, &used.key_id) && wanted(&workspaces, &used.workspace_id) && wanted(&models, &used.model) {
            let sum = sums.entry(groups.iter().map(|group| value(state, &used, group)).collect()).or_default();
            *sum = (sum.0 + used.input_tokens, sum.1 + used.output_tokens);
        }
    }
    sums.into_iter().map(|(values, (input, output))| row(groups, &values, input, output)).collect()
}

/// A token's use counts for its service account.
fn by_token(used: &Metered) -> bool {
    used.key_id.starts_with("svac_")
}

fn value(state: &State, used: &Metered, group: &str) -> Option<String> {
    match group {
        "api_key_id" => (!by_token(used)).then(|| used.key_id.clone()),
        "service_account_id" => by_token(used).then(|| used.key_id.clone()),
        "workspace_id" => state.workspace(&used.workspace_id).filter(|it| !it.is_default).map(|it| it.id.clone()),
        "model" => Some(used.model.clone()),
        "service_tier" => Some("standard".into()),
        "context_window" => Some("0-200k".into()),
        "inference_geo" => Some("global".into()),
        _ => None,
    }
}

fn row(groups: &[&str], values: &[Option<String>], input: i64, output: i64) -> Value {
    let mut row = json!({
        "uncached_input_tokens": input,
        "cache_creation": { "ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0 },
        "cache_read_input_tokens": 0,
        "output_tokens": output,
        "server_tool_use": { "web_search_requests": 0 },
    });
    for name in DIMENSIONS {
        row[name] = json!(groups.iter().position(|it| *it == name).and_then(|at| values[at].clone()));
    }
    row
}
