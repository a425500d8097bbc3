//! `/v1/organizations/federation_rules`: which assertion becomes a token, of whom, where, for how long.
//!
//! Conditions in CEL are not simulated, and refused. Archiving stops the exchange at once and empties the rule's workspaces;
//! tokens that are out live on.

use super::service_accounts::SMALL;
use crate::sandbox::answer::{Answer, Refusal};
use crate::sandbox::federation::FederationRule;
use crate::sandbox::fields::Fields;
use crate::sandbox::ids;
use crate::sandbox::organization::Organization;
use crate::sandbox::page::{Query, tokens_of};
use crate::sandbox::state::State;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery};
use axum::http::HeaderMap;
use axum::{Extension, Json};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const KNOWN: [&str; 9] = [
    "name",
    "description",
    "issuer_id",
    "match",
    "target",
    "oauth_scope",
    "workspace_id",
    "applies_to_all_workspaces",
    "token_lifetime_seconds",
];
/// What somebody who signed in may give; more only in the Console.
const SCOPES: [&str; 2] = ["workspace:developer", "workspace:inference"];
const USUAL_LIFE_S: i64 = 3_600;

/// Newest first; the order is undocumented.
pub(super) async fn list(Extension(org): Extension<Organization>, RawQuery(query): RawQuery) -> Answer {
    let query = Query::parse(query.as_deref());
    let archived = query.flag("include_archived")?;
    let issuer = query.one("issuer_id");
    org.read(|state| {
        let kept =
            state.federated.rules.iter().rev().filter(|it| {
                (archived || it.archived_at.is_none()) && issuer.is_none_or(|issuer| it.issuer_id == issuer)
            });
        tokens_of(SMALL, &query, &kept.map(shown).collect::<Vec<_>>())
    })
}

pub(super) async fn get(Extension(org): Extension<Organization>, Path(id): Path<String>) -> Answer {
    org.read(|state| {
        let found = state.federated.rules.iter().find(|it| it.id == id);
        found.map(|it| Json(shown(it))).ok_or_else(|| missing(&id))
    })
}

pub(super) async fn create(Extension(org): Extension<Organization>, headers: HeaderMap, body: Bytes) -> Answer {
    let fields = Fields::read(&headers, &body, &KNOWN)?;
    let name = fields.slug("name")?;
    let matches = Matches::read(fields.object("match")?)?;
    let target = fields.object("target")?;
    let account = target.get("service_account_id").and_then(Value::as_str).unwrap_or_default().to_owned();
    if target.get("type").and_then(Value::as_str) != Some("service_account") {
        return Err(Refusal::bad("target.type: Input should be 'service_account'"));
    }
    let scope = fields.required("oauth_scope")?.to_owned();
    if !SCOPES.contains(&scope.as_str()) {
        return Err(Refusal::forbidden("Rules with this scope can be made in the Console only"));
    }
    let lifetime = fields.whole("token_lifetime_seconds", 60, 86_400)?.unwrap_or(USUAL_LIFE_S);
    let everywhere = fields.flag("applies_to_all_workspaces")?.unwrap_or(false);
    let workspace = fields.text("workspace_id")?.map(str::to_owned);
    let issuer = fields.required("issuer_id")?.to_owned();
    let description = fields.text("description")?.map(str::to_owned);
    org.change(|state, tools| {
        refers_well(state, &issuer, &account, workspace.as_deref())?;
        if state.federated.rules.iter().any(|it| it.name == name && it.archived_at.is_none()) {
            return Err(Refusal::conflict("A federation rule with this name exists already"));
        }
        let made = FederationRule {
            id: ids::id(tools.random, "fdrl"),
            name,
            description,
            issuer_id: issuer,
            subject_prefix: matches.subject_prefix,
            audience: matches.audience,
            claims: matches.claims,
            service_account_id: account,
            oauth_scope: scope,
            workspace_ids: workspace.into_iter().collect(),
            applies_to_all_workspaces: everywhere,
            token_lifetime_seconds: lifetime,
            created_at: tools.now,
            archived_at: None,
        };
        let answer = shown(&made);
        state.federated.rules.push(made);
        Ok(Json(answer))
    })
}

/// No error the second time.
pub(super) async fn archive(Extension(org): Extension<Organization>, Path(id): Path<String>) -> Answer {
    org.change(|state, tools| {
        let found = state.federated.rules.iter_mut().find(|it| it.id == id).ok_or_else(|| missing(&id))?;
        if found.archived_at.is_none() {
            found.archived_at = Some(tools.now);
            found.workspace_ids.clear();
        }
        Ok(Json(shown(found)))
    })
}

/// What a rule refers to must be there, and not archived.
fn refers_well(state: &State, issuer: &str, account: &str, workspace: Option<&str>) -> Result<(), Refusal> {
    if state.federated.issuer(issuer).is_none() {
        return Err(Refusal::bad("issuer_id: no such federation issuer"));
    }
    if state.service_account(account).is_none_or(|it| it.archived_at.is_some()) {
        return Err(Refusal::bad("target: no such service account"));
    }
    let is_open = |id: &str| state.workspace(id).is_some_and(|it| it.archived_at.is_none());
    if workspace.is_some_and(|id| !is_open(id)) {
        return Err(Refusal::bad("workspace_id: no such workspace"));
    }
    Ok(())
}

/// What an assertion must say.
struct Matches {
    subject_prefix: Option<String>,
    audience: Option<String>,
    claims: BTreeMap<String, String>,
}

impl Matches {
    fn read(said: &Map<String, Value>) -> Result<Self, Refusal> {
        if let Some(name) = said.keys().find(|it| !["subject_prefix", "audience", "claims"].contains(&it.as_str())) {
            return Err(Refusal::bad(if name == "condition" {
                "match.condition: conditions are not simulated here"
            } else {
                "match: Extra inputs are not permitted"
            }));
        }
        let text = |name: &str| said.get(name).and_then(Value::as_str).map(str::to_owned);
        let claims = match said.get("claims") {
            None | Some(Value::Null) => BTreeMap::new(),
            Some(Value::Object(claims)) => {
                let pair = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
                let pairs: Option<BTreeMap<_, _>> = claims.iter().map(pair).collect();
                pairs.ok_or_else(|| Refusal::bad("match.claims: only texts can be matched"))?
            }
            Some(_) => return Err(Refusal::bad("match.claims: Input should be a valid object")),
        };
        let subject_prefix = text("subject_prefix");
        let says_who = subject_prefix.as_deref().is_some_and(|it| !it.trim_matches('*').is_empty());
        if !says_who && claims.is_empty() {
            return Err(Refusal::bad("match: at least one of subject_prefix, claims and condition is required"));
        }
        Ok(Self { subject_prefix, audience: text("audience"), claims })
    }
}

fn missing(id: &str) -> Refusal {
    Refusal::missing("Federation rule", id)
}

fn shown(it: &FederationRule) -> Value {
    let claims = if it.claims.is_empty() { Value::Null } else { json!(it.claims) };
    json!({
        "id": it.id, "type": "federation_rule", "name": it.name, "description": it.description,
        "issuer_id": it.issuer_id, "issuer_name": null,
        "match": { "subject_prefix": it.subject_prefix, "audience": it.audience, "claims": claims, "condition": null },
        "target": { "type": "service_account", "service_account_id": it.service_account_id, "service_account_name": null },
        "oauth_scope": it.oauth_scope, "token_lifetime_seconds": it.token_lifetime_seconds,
        "workspace_id": it.workspace_ids.first(), "workspace_ids": it.workspace_ids,
        "applies_to_all_workspaces": it.applies_to_all_workspaces, "attributes": null,
        "created_at": it.created_at, "updated_at": it.created_at, "archived_at": it.archived_at,
        "created_by_actor_id": null, "archived_by_actor_id": null, "updated_by_actor_id": null,
    })
}
