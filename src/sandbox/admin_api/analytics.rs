//! `GET /v1/organizations/analytics/usage` and `…/cost` (beta): tokens and money by any five dimensions, some hours late.
//!
//! Rows come only where there is something; all of them over the pages. A cursor of an older state of the data answers 410. How
//! old the data is with a Console organization is undocumented: four-hourly here, two hours behind.

use super::analytics_group::{DIMENSIONS, groups, passes, value};
use super::reporting::{TOKEN_TYPES, down, start, time};
use crate::clock::moment;
use crate::sandbox::answer::{Answer, Refusal};
use crate::sandbox::books::{DAY_MS, HOUR_MS, Line, Until, cents, ms};
use crate::sandbox::meter::Other;
use crate::sandbox::organization::Organization;
use crate::sandbox::page::Query;
use crate::sandbox::price::CLASSES;
use crate::sandbox::state::State;
use axum::extract::RawQuery;
use axum::http::HeaderMap;
use axum::{Extension, Json};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const BETA: &str = "analytics-usage-cost-2026-08-24";
const REFRESHED_EVERY_MS: i64 = 4 * HOUR_MS;
const BEHIND_MS: i64 = 2 * HOUR_MS;
const MOST_DAYS: i64 = 31;
const OLDEST_DAYS: i64 = 365;
/// 2026-01-01T00:00:00Z: there is nothing before.
const BEGINNING_MS: i64 = 1_767_225_600_000;
const USUAL_ROWS: usize = 20;
const MOST_ROWS: usize = 1_000;
const WIDTHS: [(&str, i64); 3] = [("1m", 60_000), ("1h", HOUR_MS), ("1d", DAY_MS)];
const USAGE_ORDERS: [&str; 5] = ["total_tokens", "uncached_input_tokens", "output_tokens", "requests", "time"];
const COST_ORDERS: [&str; 3] = ["amount", "list_amount", "time"];

pub(super) async fn usage(
    Extension(org): Extension<Organization>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Answer {
    report(&org, &headers, &Query::parse(query.as_deref()), false)
}

pub(super) async fn cost(
    Extension(org): Extension<Organization>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Answer {
    report(&org, &headers, &Query::parse(query.as_deref()), true)
}

/// What rows are summed up in.
#[derive(Default)]
struct Sum {
    tokens: [i64; CLASSES],
    searches: i64,
    requests: i64,
    amount: i64,
    list: i64,
}

/// The time asked about, and how it is cut.
struct Span {
    from: i64,
    to: i64,
    width: Option<i64>,
}

fn report(org: &Organization, headers: &HeaderMap, query: &Query, is_cost: bool) -> Answer {
    if org.read(|state| state.bill.no_analytics) {
        return Err(Refusal::forbidden("Usage and Cost Analytics is not enabled for this organization"));
    }
    let betas = headers.get_all("anthropic-beta").iter().filter_map(|it| it.to_str().ok());
    if !betas.flat_map(|it| it.split(',')).any(|it| it.trim() == BETA) {
        return Err(Refusal::bad(format!("anthropic-beta: this endpoint requires {BETA}")));
    }
    let refreshed = down(ms(org.now()) - BEHIND_MS, REFRESHED_EVERY_MS);
    let span = span(org, query)?;
    let groups = groups(query, is_cost)?;
    let limit = query.limit(MOST_ROWS)?.unwrap_or(USUAL_ROWS);
    let first = place(query, refreshed)?;
    let mut rows = rows(org, query, (&span, refreshed), &groups, is_cost);
    order(&mut rows, query, &span, is_cost)?;
    let end = rows.len().min(first + limit);
    let data: Vec<Value> = rows.get(first..end).unwrap_or_default().iter().map(|it| it.2.clone()).collect();
    let next_page = (end < rows.len()).then(|| format!("page_{end}_{refreshed}"));
    let known = (span.from < refreshed).then(|| moment(refreshed));
    Ok(Json(
        json!({ "data": data, "has_more": next_page.is_some(), "next_page": next_page, "data_refreshed_at": known }),
    ))
}

fn span(org: &Organization, query: &Query) -> Result<Span, Refusal> {
    let now = ms(org.now());
    let from = ms(start(query)?);
    if from < (now - OLDEST_DAYS * DAY_MS).max(BEGINNING_MS) {
        return Err(Refusal::bad("starting_at: must be within the last 365 days and not before 2026-01-01"));
    }
    let width = query.one("time_bucket_width").map(|named| {
        let found = WIDTHS.iter().find(|(name, _)| *name == named);
        found.map(|it| it.1).ok_or_else(|| Refusal::bad("time_bucket_width: Input should be '1m', '1h' or '1d'"))
    });
    let width = width.transpose()?;
    let to = match (time(query, "ending_at")?, width) {
        (Some(to), _) => ms(to),
        (None, Some(_)) => return Err(Refusal::bad("ending_at: required with time_bucket_width")),
        (None, None) => now.min(from + MOST_DAYS * DAY_MS),
    };
    let most = if width == Some(60_000) { DAY_MS } else { MOST_DAYS * DAY_MS };
    if to - from > most {
        return Err(Refusal::bad("ending_at: the range is too long"));
    }
    // Without a width both ends go down to the hour; with one, undocumented, to its beginning and its end.
    let (from, to) = match width {
        None => (down(from, HOUR_MS), down(to, HOUR_MS)),
        Some(width) => (down(from, width), down(to + width - 1, width)),
    };
    if from > to || query.one("ending_at").is_some() && from == to {
        return Err(Refusal::bad("ending_at: must be after starting_at"));
    }
    Ok(Span { from, to, width })
}

/// Where a page begins. One of an older state of the data is gone.
fn place(query: &Query, refreshed: i64) -> Result<usize, Refusal> {
    let Some(page) = query.one("page") else { return Ok(0) };
    let parts = page.strip_prefix("page_").and_then(|it| it.split_once('_'));
    let read = parts.and_then(|(at, state)| Some((at.parse::<usize>().ok()?, state.parse::<i64>().ok()?)));
    match read {
        None => Err(Refusal::bad("page: no such page")),
        Some((_, state)) if state != refreshed => Err(Refusal::gone("The data was refreshed: start again")),
        Some((at, _)) => Ok(at),
    }
}

/// All rows, each with its beginning and what it is ordered by.
fn rows(
    org: &Organization,
    query: &Query,
    (span, refreshed): (&Span, i64),
    groups: &[&'static str],
    is_cost: bool,
) -> Vec<(i64, Sum, Value)> {
    let until = Until { plain: refreshed, batch: refreshed };
    let now = refreshed;
    let mut sums: BTreeMap<(i64, String), (Vec<Value>, Sum)> = BTreeMap::new();
    let piece = span.width.unwrap_or(HOUR_MS);
    org.lines((span.from, span.to), piece, until, |state, line| {
        if !passes(state, line, query) {
            return;
        }
        let begins = span.width.map_or(span.from, |width| down(line.about.at, width));
        let (billed, list) = (line.billed(state.bill, now), line.list());
        for at in 0..CLASSES + 2 {
            let has = if at < CLASSES { line.tokens[at] != 0 } else { list[at] != 0 };
            if !has {
                continue;
            }
            let values: Vec<Value> = groups.iter().map(|group| part(state, line, group, at)).collect();
            let name = serde_json::to_string(&values).unwrap_or_default();
            let (_, sum) = sums.entry((begins, name)).or_insert_with(|| (values, Sum::default()));
            if at < CLASSES {
                sum.tokens[at] += line.tokens[at];
            }
            if at == CLASSES {
                sum.searches += line.searches;
            }
            // Requests are counted once, with what each of them has.
            if at == CLASSES - 1 || (at == CLASSES + 1 && line.tokens[CLASSES - 1] == 0) {
                sum.requests += line.requests;
            }
            sum.amount += billed[at];
            sum.list += list[at];
        }
    });
    let shown = |((begins, _), (values, sum)): ((i64, String), (Vec<Value>, Sum))| {
        let ends = span.width.map_or(span.to, |width| begins + width);
        let row = show((begins, ends), groups, &values, (&sum, is_cost));
        (begins, sum, row)
    };
    let counts = |it: &(i64, Sum, Value)| is_cost || it.1.tokens.iter().sum::<i64>() + it.1.searches > 0;
    sums.into_iter().map(shown).filter(counts).collect()
}

/// A dimension of one part of a line: a class of tokens, the searches, or the rest, which has no model and no tier.
fn part(state: &State, line: &Line, group: &str, at: usize) -> Value {
    let kind = match line.about.other {
        _ if at < CLASSES => "tokens",
        _ if at == CLASSES => "web_search",
        Some(Other::SessionUsage) => "session_usage",
        Some(Other::CodeExecution) | None => "code_execution",
    };
    match group {
        "cost_type" => json!(kind),
        "token_type" => json!(TOKEN_TYPES.get(at)),
        "model" | "service_tier" | "context_window" | "inference_geo" | "speed" | "product" if at > CLASSES => {
            Value::Null
        }
        _ => value(state, line, group),
    }
}

fn show((begins, ends): (i64, i64), groups: &[&str], values: &[Value], (sum, is_cost): (&Sum, bool)) -> Value {
    let mut group = serde_json::Map::new();
    for name in DIMENSIONS.iter().filter(|it| is_cost || !matches!(**it, "cost_type" | "token_type")) {
        let value = groups.iter().position(|it| it == name).map_or(Value::Null, |at| values[at].clone());
        group.insert((*name).to_owned(), value);
    }
    let [input, read, five, hour, output] = sum.tokens;
    let split = groups.iter().any(|it| matches!(*it, "cost_type" | "token_type"));
    let mut row = json!({
        "starting_at": moment(begins),
        "ending_at": moment(ends),
        "group": group,
        "requests": if split { Value::Null } else { json!(sum.requests) },
    });
    if is_cost {
        row["cost"] = json!({ "amount": cents(sum.amount), "list_amount": cents(sum.list), "currency": "USD" });
    } else {
        row["usage"] = json!({
            "uncached_input_tokens": input,
            "cache_read_input_tokens": read,
            "cache_creation": { "ephemeral_5m_input_tokens": five, "ephemeral_1h_input_tokens": hour },
            "output_tokens": output,
            "total_tokens": input + read + five + hour + output,
            "server_tool_use": { "web_search_requests": sum.searches },
        });
    }
    row
}

fn order(rows: &mut [(i64, Sum, Value)], query: &Query, span: &Span, is_cost: bool) -> Result<(), Refusal> {
    let known: &[&str] = if is_cost { &COST_ORDERS } else { &USAGE_ORDERS };
    let by = query.one("order_by").unwrap_or(known[0]);
    if !known.contains(&by) || (by == "time" && span.width.is_none()) {
        return Err(Refusal::bad("order_by: Input is not a known value"));
    }
    let rising = match query.one("order") {
        None | Some("desc") => false,
        Some("asc") => true,
        Some(_) => return Err(Refusal::bad("order: Input should be 'asc' or 'desc'")),
    };
    let metric = |sum: &Sum| match by {
        "list_amount" => sum.list,
        "uncached_input_tokens" => sum.tokens[0],
        "output_tokens" => sum.tokens[CLASSES - 1],
        "requests" => sum.requests,
        _ if is_cost => sum.amount,
        _ => sum.tokens.iter().sum(),
    };
    rows.sort_by(|one, other| {
        let (first, second) = if rising { (one, other) } else { (other, one) };
        if by == "time" {
            // Within a bucket the default metric, highest first.
            first.0.cmp(&second.0).then(metric(&other.1).cmp(&metric(&one.1)))
        } else {
            metric(&first.1).cmp(&metric(&second.1))
        }
    });
    Ok(())
}
