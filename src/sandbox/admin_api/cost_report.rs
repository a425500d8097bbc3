//! `GET /v1/organizations/cost_report`: what was billed, by day, workspace and description. It knows no keys and no people.
//!
//! Amounts are decimal numbers of cents, as text. Null stands for what was not asked for; for the workspace also for the Default
//! one. Empty days come as well.

use super::reporting::{TOKEN_TYPES, down, fresh, geo, start, tier, time, workspace};
use crate::clock::moment;
use crate::sandbox::answer::{Answer, Refusal};
use crate::sandbox::books::{DAY_MS, Line, cents, ms};
use crate::sandbox::meter::Other;
use crate::sandbox::organization::Organization;
use crate::sandbox::page::Query;
use crate::sandbox::price::CLASSES;
use crate::sandbox::state::State;
use axum::extract::RawQuery;
use axum::{Extension, Json};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const DIMENSIONS: [&str; 2] = ["workspace_id", "description"];
const USUAL_DAYS: usize = 7;
const MOST_DAYS: usize = 31;

/// What an amount is about: workspace, and if it was asked for, model, cost type, token type, tier, place.
type About = (Option<String>, Option<Described>);
type Described = (Option<String>, &'static str, Option<&'static str>, Option<&'static str>, Option<&'static str>);

pub(super) async fn list(Extension(org): Extension<Organization>, RawQuery(query): RawQuery) -> Answer {
    let query = Query::parse(query.as_deref());
    if !matches!(query.one("bucket_width"), None | Some("1d")) {
        return Err(Refusal::bad("bucket_width: Input should be '1d'"));
    }
    let days = query.limit(MOST_DAYS)?.unwrap_or(USUAL_DAYS);
    let from = down(ms(start(&query)?), DAY_MS);
    let to = time(&query, "ending_at")?.unwrap_or_else(|| org.now());
    let end = down(ms(to) + DAY_MS - 1, DAY_MS);
    let groups = query.each("group_by", |name| DIMENSIONS.into_iter().find(|it| *it == name))?;
    let first = match query.one("page") {
        None => from,
        Some(page) => {
            let at = page.strip_prefix("page_").and_then(|it| it.parse::<i64>().ok());
            at.filter(|at| from < *at && *at < end).ok_or_else(|| Refusal::bad("page: no such page"))?
        }
    };
    let stop = end.min(first.saturating_add(i64::try_from(days).unwrap_or(i64::MAX).saturating_mul(DAY_MS)));
    let mut found = amounts(&org, (first, stop), &groups);
    let mut data = Vec::new();
    let mut at = first;
    while at < stop {
        let rows: Vec<Value> = found.remove(&at).unwrap_or_default().iter().map(row).collect();
        data.push(json!({ "starting_at": moment(at), "ending_at": moment(at + DAY_MS), "results": rows }));
        at += DAY_MS;
    }
    let next_page = (stop < end).then(|| format!("page_{stop}"));
    Ok(Json(json!({ "data": data, "has_more": next_page.is_some(), "next_page": next_page })))
}

fn amounts(org: &Organization, span: (i64, i64), groups: &[&str]) -> BTreeMap<i64, BTreeMap<About, i64>> {
    let (by_workspace, described) = (groups.contains(&"workspace_id"), groups.contains(&"description"));
    let now = ms(org.now());
    let mut days: BTreeMap<i64, BTreeMap<About, i64>> = BTreeMap::new();
    org.lines(span, DAY_MS, fresh(org.now()), |state: &State, line: &Line| {
        let day = days.entry(down(line.about.at, DAY_MS)).or_default();
        let home = workspace(state, line).filter(|_| by_workspace);
        for (at, amount) in line.billed(state.bill, now).into_iter().enumerate().filter(|(_, amount)| *amount != 0) {
            let about = described.then(|| describe(line, at));
            *day.entry((home.clone(), about)).or_default() += amount;
        }
    });
    days
}

fn describe(line: &Line, at: usize) -> Described {
    if at < CLASSES {
        let (tier, geo) = (tier(line), geo(line));
        return (Some(line.about.model.clone()), "tokens", Some(TOKEN_TYPES[at]), Some(tier), Some(geo));
    }
    let kind = match line.about.other {
        _ if at == CLASSES => "web_search",
        Some(Other::SessionUsage) => "session_usage",
        Some(Other::CodeExecution) | None => "code_execution",
    };
    (None, kind, None, None, None)
}

fn row((about, amount): (&About, &i64)) -> Value {
    let (workspace, described) = about;
    let (model, kind, token, tier, geo) = match described {
        Some((model, kind, token, tier, geo)) => (model.as_deref(), Some(*kind), *token, *tier, *geo),
        None => (None, None, None, None, None),
    };
    let name = |kind: &str| match (model, token) {
        (Some(model), Some(token)) => format!("{model} usage, {token}"),
        _ => kind.to_owned(),
    };
    json!({
        "amount": cents(*amount),
        "currency": "USD",
        "workspace_id": workspace,
        "description": kind.map(name),
        "cost_type": kind,
        "token_type": token,
        "model": model,
        "service_tier": tier,
        "inference_geo": geo,
        "context_window": token.map(|_| "0-200k"),
    })
}
