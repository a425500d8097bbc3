//! `/v1/organizations/federation_issuers`: whose signatures are trusted. Keys that were handed in are simulated (`inline`, P-256);
//! none is fetched from anywhere.

use super::service_accounts::SMALL;
use crate::sandbox::answer::{Answer, Refusal};
use crate::sandbox::assertion;
use crate::sandbox::federation::FederationIssuer;
use crate::sandbox::fields::Fields;
use crate::sandbox::ids;
use crate::sandbox::organization::Organization;
use crate::sandbox::page::{Query, tokens_of};
use axum::body::Bytes;
use axum::extract::{Path, RawQuery};
use axum::http::HeaderMap;
use axum::{Extension, Json};
use serde_json::{Map, Value, json};

const KNOWN: [&str; 5] = ["name", "issuer_url", "jwks", "max_jwt_lifetime_seconds", "check_jti"];
/// The longest life of an assertion, in seconds, and the usual one.
const LONGEST_S: i64 = 176_400;
const USUAL_S: i64 = 3_600;

/// Newest first; the order is undocumented.
pub(super) async fn list(Extension(org): Extension<Organization>, RawQuery(query): RawQuery) -> Answer {
    let query = Query::parse(query.as_deref());
    let archived = query.flag("include_archived")?;
    org.read(|state| {
        let kept = state.federated.issuers.iter().rev().filter(|it| archived || it.archived_at.is_none());
        tokens_of(SMALL, &query, &kept.map(shown).collect::<Vec<_>>())
    })
}

pub(super) async fn get(Extension(org): Extension<Organization>, Path(id): Path<String>) -> Answer {
    org.read(|state| {
        let found = state.federated.issuers.iter().find(|it| it.id == id);
        found.map(|it| Json(shown(it))).ok_or_else(|| missing(&id))
    })
}

pub(super) async fn create(Extension(org): Extension<Organization>, headers: HeaderMap, body: Bytes) -> Answer {
    let fields = Fields::read(&headers, &body, &KNOWN)?;
    let name = fields.slug("name")?;
    let issuer_url = fields.required("issuer_url")?.to_owned();
    if issuer_url.is_empty() {
        return Err(Refusal::bad("issuer_url: String should have at least 1 character"));
    }
    let jwks = handed_in(fields.object("jwks")?)?;
    let max_jwt_lifetime_seconds = fields.whole("max_jwt_lifetime_seconds", 1, LONGEST_S)?.unwrap_or(USUAL_S);
    let check_jti = fields.flag("check_jti")?.unwrap_or(true);
    org.change(|state, tools| {
        if state.federated.issuers.iter().any(|it| it.name == name && it.archived_at.is_none()) {
            return Err(Refusal::conflict("A federation issuer with this name exists already"));
        }
        let made = FederationIssuer {
            id: ids::id(tools.random, "fdis"),
            name,
            issuer_url,
            jwks,
            check_jti,
            max_jwt_lifetime_seconds,
            created_at: tools.now,
            archived_at: None,
        };
        let answer = shown(&made);
        state.federated.issuers.push(made);
        Ok(Json(answer))
    })
}

/// Refused while a live rule goes by it; no error the second time.
pub(super) async fn archive(Extension(org): Extension<Organization>, Path(id): Path<String>) -> Answer {
    org.change(|state, tools| {
        if state.federated.is_used(|rule| rule.issuer_id == id) {
            return Err(Refusal::bad("A federation rule still references this issuer"));
        }
        let found = state.federated.issuers.iter_mut().find(|it| it.id == id).ok_or_else(|| missing(&id))?;
        found.archived_at = found.archived_at.or(Some(tools.now));
        Ok(Json(shown(found)))
    })
}

/// The keys of a request: each has a name and is one that this simulation can check with.
fn handed_in(jwks: &Map<String, Value>) -> Result<Value, Refusal> {
    if jwks.get("type").and_then(Value::as_str) != Some("inline") {
        return Err(Refusal::bad("jwks: only inline keys are simulated here"));
    }
    let keys = jwks.get("keys").and_then(Value::as_array).filter(|keys| !keys.is_empty());
    let keys = keys.ok_or_else(|| Refusal::bad("jwks.keys: List should have at least 1 item"))?;
    let is_good = |key: &Value| {
        let is_private = key.get("d").is_some();
        key["kid"].as_str().is_some_and(|kid| !kid.is_empty()) && !is_private && assertion::point(key).is_some()
    };
    if !keys.iter().all(is_good) {
        return Err(Refusal::bad("jwks.keys: each must be a public P-256 key with a kid"));
    }
    Ok(Value::Object(jwks.clone()))
}

fn missing(id: &str) -> Refusal {
    Refusal::missing("Federation issuer", id)
}

fn shown(it: &FederationIssuer) -> Value {
    json!({
        "id": it.id, "type": "federation_issuer", "name": it.name, "issuer_url": it.issuer_url, "jwks": it.jwks,
        "check_jti": it.check_jti, "max_jwt_lifetime_seconds": it.max_jwt_lifetime_seconds,
        "created_at": it.created_at, "updated_at": it.created_at, "archived_at": it.archived_at,
        "created_by_actor_id": null, "archived_by_actor_id": null, "updated_by_actor_id": null,
        "jwks_polling_disabled_at": null, "poll_status": null,
    })
}
