//! `GET /v1/organizations/usage_report/messages`: tokens, in buckets of a minute, an hour or a day, empty ones included.
//!
//! What was used can be read five minutes later. Null stands for what was not asked for; for the workspace also for the Default one.

use super::reporting::{down, fresh, geo, key, service_account, start, tier, time, workspace};
use crate::clock::moment;
use crate::sandbox::answer::{Answer, Refusal};
use crate::sandbox::books::{Line, ms};
use crate::sandbox::meter::Surface;
use crate::sandbox::organization::Organization;
use crate::sandbox::page::Query;
use crate::sandbox::price::CLASSES;
use crate::sandbox::state::State;
use axum::extract::RawQuery;
use axum::{Extension, Json};
use serde_json::{Value, json};
use std::collections::BTreeMap;

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
    let from = ms(start(&query)?);
    let to = time(&query, "ending_at")?.unwrap_or_else(|| org.now());
    let groups = query.each("group_by", |name| DIMENSIONS.into_iter().find(|it| *it == name))?;
    let end = down(ms(to) + width_ms - 1, *width_ms);
    let from = down(from, *width_ms);
    let first = match query.one("page") {
        None => from,
        Some(page) => {
            let at = page.strip_prefix("page_").and_then(|it| it.parse::<i64>().ok());
            at.filter(|at| from < *at && *at < end).ok_or_else(|| Refusal::bad("page: no such page"))?
        }
    };
    let stop = end.min(first.saturating_add(i64::try_from(buckets).unwrap_or(i64::MAX).saturating_mul(*width_ms)));
    let mut found = results(&org, (first, stop, *width_ms), &query, &groups);
    let mut data = Vec::new();
    let mut at = first;
    while at < stop {
        let sums = found.remove(&at).unwrap_or_default();
        let rows: Vec<Value> = sums.iter().map(|(values, sum)| row(&groups, values, sum.0, sum.1)).collect();
        data.push(json!({ "starting_at": moment(at), "ending_at": moment(at + width_ms), "results": rows }));
        at += width_ms;
    }
    let next_page = (stop < end).then(|| format!("page_{stop}"));
    Ok(Json(json!({ "data": data, "has_more": next_page.is_some(), "next_page": next_page })))
}

/// The sums of one bucket: by the values of what was asked for.
type Sums = BTreeMap<Vec<Option<String>>, ([i64; CLASSES], i64)>;

fn results(
    org: &Organization,
    (from, to, width): (i64, i64, i64),
    query: &Query,
    groups: &[&str],
) -> BTreeMap<i64, Sums> {
    let mut keys = query.many("api_key_ids");
    keys.extend(query.many("service_account_ids"));
    let (workspaces, models) = (query.many("workspace_ids"), query.many("models"));
    let wanted = |all: &[&str], it: &str| all.is_empty() || all.contains(&it);
    let mut buckets: BTreeMap<i64, Sums> = BTreeMap::new();
    org.lines((from, to), width, fresh(org.now()), |state, line| {
        let about = &line.about;
        let counts = line.tokens.iter().any(|it| *it > 0) || line.searches > 0;
        if counts
            && wanted(&keys, &about.key)
            && wanted(&workspaces, &about.workspace_id)
            && wanted(&models, &about.model)
        {
            let values = groups.iter().map(|group| value(state, line, group)).collect();
            let sum = buckets.entry(down(about.at, width)).or_default().entry(values).or_default();
            sum.0.iter_mut().zip(line.tokens).for_each(|(sum, tokens)| *sum += tokens);
            sum.1 += line.searches;
        }
    });
    buckets
}

fn value(state: &State, line: &Line, group: &str) -> Option<String> {
    match group {
        "account_id" => line.about.account.clone().filter(|_| line.about.surface == Surface::ClaudeCode),
        "api_key_id" => key(line),
        "service_account_id" => service_account(line),
        "workspace_id" => workspace(state, line),
        "model" => Some(line.about.model.clone()),
        "service_tier" => Some(tier(line).into()),
        "context_window" => Some("0-200k".into()),
        "inference_geo" => Some(geo(line).into()),
        _ => None,
    }
}

fn row(groups: &[&str], values: &[Option<String>], tokens: [i64; CLASSES], searches: i64) -> Value {
    let [input, read, five, hour, output] = tokens;
    let mut row = json!({
        "uncached_input_tokens": input,
        "cache_creation": { "ephemeral_5m_input_tokens": five, "ephemeral_1h_input_tokens": hour },
        "cache_read_input_tokens": read,
        "output_tokens": output,
        "server_tool_use": { "web_search_requests": searches },
    });
    for name in DIMENSIONS {
        row[name] = json!(groups.iter().position(|it| *it == name).and_then(|at| values[at].clone()));
    }
    row
}
