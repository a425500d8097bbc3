//! `GET /v1/organizations/usage_report/claude_code`: what each person did with Claude Code on one day, with an estimated cost.
//!
//! The cost is a number of cents here, not a text. Only what is older than an hour can be read.

use crate::clock::moment;
use crate::sandbox::answer::{Answer, Refusal};
use crate::sandbox::books::{DAY_MS, HOUR_MS, Until, ms};
use crate::sandbox::meter::Surface;
use crate::sandbox::organization::Organization;
use crate::sandbox::page::{self, Query, Size};
use crate::sandbox::price::CLASSES;
use axum::Extension;
use axum::extract::RawQuery;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const SIZE: Size = Size { usual: 20, most: 1_000 };

/// What somebody used of one model: tokens by class, and microcents.
type Models = BTreeMap<String, ([i64; CLASSES], i64)>;

pub(super) async fn list(Extension(org): Extension<Organization>, RawQuery(query): RawQuery) -> Answer {
    let query = Query::parse(query.as_deref());
    let day = query.one("starting_at").ok_or_else(|| Refusal::bad("starting_at: Field required"))?;
    let day: Date = day.parse().map_err(|_| Refusal::bad("starting_at: Input should be a date, YYYY-MM-DD"))?;
    let begins =
        TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).map_err(|_| Refusal::bad("starting_at: no such day"))?;
    let from = ms(begins);
    let seen = ms(org.now()) - HOUR_MS;
    let mut people: BTreeMap<String, Models> = BTreeMap::new();
    org.lines((from, from + DAY_MS), DAY_MS, Until { plain: seen, batch: seen }, |state, line| {
        let who = line.about.account.as_deref().filter(|_| line.about.surface == Surface::ClaudeCode);
        let Some(member) = who.and_then(|id| state.member(id)) else { return };
        let sum = people.entry(member.email.clone()).or_default().entry(line.about.model.clone()).or_default();
        sum.0.iter_mut().zip(line.tokens).for_each(|(sum, tokens)| *sum += tokens);
        sum.1 += line.list().iter().sum::<i64>();
    });
    let organization = org.id();
    let mut seated: BTreeMap<String, Models> = BTreeMap::new();
    org.read(|state| {
        for seat in state.seats.iter().filter(|it| ms(it.day) == from && from + DAY_MS <= seen) {
            let sum = seated.entry(seat.email.clone()).or_default().entry(seat.model.clone()).or_default();
            sum.0[0] += seat.input_tokens;
            sum.0[CLASSES - 1] += seat.output_tokens;
            sum.1 += seat.cents * 1_000_000;
        }
    });
    let named = |paid: &'static str| move |(email, models): (&String, &Models)| (paid, email.clone(), models.clone());
    let all = people.iter().map(named("api")).chain(seated.iter().map(named("subscription")));
    let rows: Vec<Value> = all.map(|(paid, email, models)| row((&organization, from), paid, &email, &models)).collect();
    if rows.is_empty() {
        return Ok(axum::Json(json!({ "data": [], "has_more": false, "next_page": null })));
    }
    let mut answer = page::tokens_of(SIZE, &query, &rows)?;
    answer.0["has_more"] = json!(!answer.0["next_page"].is_null());
    Ok(answer)
}

fn row((organization, day): (&str, i64), paid: &str, email: &str, models: &Models) -> Value {
    let breakdown: Vec<Value> = models
        .iter()
        .map(|(model, ([input, read, five, hour, output], cost))| {
            json!({
                "model": model,
                "tokens": { "input": input, "output": output, "cache_read": read, "cache_creation": five + hour },
                "estimated_cost": { "currency": "USD", "amount": cost / 1_000_000 },
            })
        })
        .collect();
    json!({
        "date": moment(day),
        "actor": { "type": "user_actor", "email_address": email },
        "organization_id": organization,
        "customer_type": paid,
        "subscription_type": if paid == "api" { None } else { Some("team") },
        "terminal_type": "vscode",
        "is_remote": false,
        "core_metrics": {
            "num_sessions": 3,
            "lines_of_code": { "added": 120, "removed": 40 },
            "commits_by_claude_code": 2,
            "pull_requests_by_claude_code": 1,
        },
        "tool_actions": { "edit_tool": { "accepted": 12, "rejected": 1 } },
        "model_breakdown": breakdown,
    })
}
