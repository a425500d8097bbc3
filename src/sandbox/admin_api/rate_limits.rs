//! `/v1/organizations/rate_limits` and a workspace's: the organization's are read only, a workspace's can be set.
//!
//! Pages come by token. A workspace's list has its own limits alone, with `include_inherited=true` the organization's as
//! well. Older answers named the kind of a group beside the group; both are here.

use super::workspaces::missing;
use crate::sandbox::answer::{Answer, Refusal};
use crate::sandbox::fields::Fields;
use crate::sandbox::limits::{GROUPS, Group, SETTABLE};
use crate::sandbox::organization::Organization;
use crate::sandbox::page::{Query, tokens};
use crate::sandbox::state::State;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery};
use axum::http::HeaderMap;
use axum::{Extension, Json};
use serde_json::{Map, Value, json};

/// The most limits that one request may set.
const MOST: usize = 16;

pub(super) async fn of_organization(Extension(org): Extension<Organization>, RawQuery(query): RawQuery) -> Answer {
    let query = Query::parse(query.as_deref());
    let id = org.id();
    let shown: Vec<Value> = wanted(&query)?.into_iter().map(|group| of_all(&id, group)).collect();
    tokens(&query, &shown)
}

pub(super) async fn of_workspace(
    Extension(org): Extension<Organization>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Answer {
    let query = Query::parse(query.as_deref());
    let inherited = query.flag("include_inherited")?;
    let groups = wanted(&query)?;
    org.read(|state| {
        state.workspace(&id).ok_or_else(|| missing(&id))?;
        let shown = groups.into_iter().map(|group| of_one(state, &id, group, inherited));
        let shown: Vec<Value> = shown.filter(|it| inherited || it["limits"] != json!([])).collect();
        tokens(&query, &shown)
    })
}

/// Sets and clears. What is not named stays as it is; a value above the organization's is kept, and the lower one counts.
pub(super) async fn set(
    Extension(org): Extension<Organization>,
    Path((id, entry)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let fields = Fields::read(&headers, &body, &["limits"])?;
    let settings = settings(fields.value("limits"))?;
    org.change(|state, tools| {
        let workspace = state.workspace(&id).ok_or_else(|| missing(&id))?;
        State::takes_limits(workspace).map_err(Refusal::bad)?;
        let group = GROUPS.iter().find(|group| entry_id(&state.id, group) == entry);
        let group = group.ok_or_else(|| Refusal::missing("Rate limit", &entry))?;
        if let Some((kind, _)) = settings.iter().find(|(kind, _)| !group.counts(kind)) {
            return Err(Refusal::bad(format!("limits: {kind} is not counted for this rate limit")));
        }
        for (kind, value) in &settings {
            state.set_limit(&id, group, (kind, *value), tools.now);
        }
        Ok(Json(of_one(state, &id, group, false)))
    })
}

/// What is to be set: kind and value, each kind once.
fn settings(limits: Option<&Value>) -> Result<Vec<(&'static str, Option<i64>)>, Refusal> {
    let limits = match limits {
        None => return Err(Refusal::bad("limits: Field required")),
        Some(Value::Array(limits)) => limits,
        Some(_) => return Err(Refusal::bad("limits: Input should be a valid list")),
    };
    if limits.is_empty() || limits.len() > MOST {
        return Err(Refusal::bad(format!("limits: List should have 1 to {MOST} items")));
    }
    let mut settings: Vec<(&'static str, Option<i64>)> = Vec::new();
    for (at, limit) in limits.iter().enumerate() {
        let Value::Object(limit) = limit else {
            return Err(Refusal::bad(format!("limits.{at}: Input should be an object")));
        };
        let (kind, value) = setting(at, limit)?;
        if settings.iter().any(|(named, _)| *named == kind) {
            return Err(Refusal::bad(format!("limits.{at}.type: {kind} is named twice")));
        }
        settings.push((kind, value));
    }
    Ok(settings)
}

fn setting(at: usize, limit: &Map<String, Value>) -> Result<(&'static str, Option<i64>), Refusal> {
    if limit.keys().any(|name| name != "type" && name != "value") {
        return Err(Refusal::bad(format!("limits.{at}: Extra inputs are not permitted")));
    }
    let kind = limit.get("type").and_then(Value::as_str);
    let kind = SETTABLE.into_iter().find(|known| Some(*known) == kind);
    let kind = kind.ok_or_else(|| Refusal::bad(format!("limits.{at}.type: Input is not a known rate limit")))?;
    let value = match limit.get("value") {
        None => return Err(Refusal::bad(format!("limits.{at}.value: Field required"))),
        Some(Value::Null) => None,
        Some(value) => {
            let whole = value.as_i64().filter(|value| *value >= 0);
            let bad =
                || Refusal::bad(format!("limits.{at}.value: Input should be a whole number of 0 or more, or null"));
            Some(whole.ok_or_else(bad)?)
        }
    };
    Ok((kind, value))
}

/// The groups that a list is asked for.
fn wanted(query: &Query) -> Result<Vec<&'static Group>, Refusal> {
    let (kind, model) = (query.one("group_type"), query.one("model"));
    let wanted = |group: &&'static Group| {
        kind.is_none_or(|kind| group.kind == kind) && model.is_none_or(|model| group.models.contains(&model))
    };
    let found: Vec<_> = GROUPS.iter().filter(wanted).collect();
    match model {
        Some(model) if found.is_empty() => Err(Refusal::missing("Rate limit group of model", model)),
        _ => Ok(found),
    }
}

/// The id of an entry. It differs between organizations, the group's does not.
fn entry_id(organization: &str, group: &Group) -> String {
    let own = organization.get(..8).unwrap_or(organization);
    format!("rl_{own}_{}", group.id.trim_start_matches("rlg_"))
}

fn of_all(organization: &str, group: &Group) -> Value {
    let limits = group.limits.iter().map(|(name, value)| json!({ "type": name, "value": value }));
    let mut entry = about(group);
    entry["type"] = json!("rate_limit");
    entry["id"] = json!(entry_id(organization, group));
    entry["limits"] = limits.collect();
    entry
}

/// A workspace's entry: its own limits, and the organization's behind them if those are asked for.
fn of_one(state: &State, workspace: &str, group: &Group, inherited: bool) -> Value {
    let limit = |kind: &str| {
        let (own, org) = (state.own_limit(workspace, group, kind), group.limit(kind));
        let source = if own.is_some() { "workspace" } else { "organization" };
        json!({ "type": kind, "value": own.or(org), "org_limit": org, "source": { "type": source } })
    };
    let mut kinds = state.own_kinds(workspace, group);
    if inherited {
        let others: Vec<&str> = kinds.iter().copied().filter(|kind| group.limit(kind).is_none()).collect();
        kinds = group.limits.iter().map(|(kind, _)| *kind).chain(others).collect();
    }
    let mut entry = about(group);
    entry["type"] = json!("workspace_rate_limit");
    entry["rate_limit_id"] = json!(entry_id(&state.id, group));
    entry["workspace_id"] = json!(workspace);
    entry["limits"] = kinds.into_iter().map(limit).collect();
    entry
}

fn about(group: &Group) -> Value {
    let mut named = json!({ "type": group.kind, "id": group.id });
    if let Some(name) = group.name {
        named["display_name"] = json!(name);
    }
    json!({
        "type": null,
        "group_type": group.kind,
        "group": named,
        "models": if group.models.is_empty() { Value::Null } else { json!(group.models) },
    })
}
