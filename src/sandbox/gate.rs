//! What every request passes: the planned faults, the key, the version, the pace; and on the way out its id and a line in
//! the ledger.

use super::answer::Refusal;
use super::credentials::{presented, token, versioned};
use super::faults::Fault;
use super::feed::Actor;
use super::feed_record::Calling;
use super::ids;
use super::nouns::{KeyKind, KeyStatus, Role};
use super::organization::Organization;
use super::pace::Allowance;
use super::seen::Seen;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use std::io;
use std::time::Duration;

/// What a `429` fault says under `retry-after`, in seconds.
const RETRY_AFTER_S: i64 = 2;
/// No answer of ours is larger.
const LARGEST_ANSWER: usize = 64 * 1024 * 1024;

/// One request on its way through.
struct Visit {
    org: Organization,
    id: String,
    method: Method,
    path: String,
    query: String,
}

pub(super) async fn pass(State(org): State<Organization>, request: Request, next: Next) -> Response {
    let whole = request.uri().path();
    let path = whole.find("/v1/").map_or(whole, |at| &whole[at..]).to_owned();
    let query = request.uri().query().unwrap_or_default().to_owned();
    let visit = Visit { id: org.request_id(), method: request.method().clone(), path, query, org };
    let fault = visit.org.take_fault(visit.method.as_str(), &visit.path);
    if let Some(instead) = fault.as_ref().and_then(|fault| instead(fault, &visit.id)) {
        let status = if fault == Some(Fault::CutBefore) { 0 } else { instead.status().as_u16() };
        return visit.leave(instead, status, false);
    }
    match fault {
        Some(Fault::Late(ms)) => {
            // A task of its own: the caller may be gone by then, and it happens all the same.
            let work = tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(ms)).await;
                serve(visit, request, next, None).await
            });
            work.await.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
        }
        Some(Fault::Delay(ms)) => {
            let answer = serve(visit, request, next, None).await;
            tokio::time::sleep(Duration::from_millis(ms)).await;
            answer
        }
        fault => serve(visit, request, next, fault).await,
    }
}

impl Visit {
    /// Writes the request down and gives the answer its id.
    fn leave(self, mut answer: Response, status: u16, applied: bool) -> Response {
        if let Ok(id) = HeaderValue::from_str(&self.id) {
            answer.headers_mut().insert("request-id", id);
        }
        let at = self.org.now();
        let method = self.method.to_string();
        self.org.saw(Seen { at, method, path: self.path, query: self.query, status, applied });
        answer
    }
}

async fn serve(visit: Visit, mut request: Request, next: Next, fault: Option<Fault>) -> Response {
    let elsewhere = fault == Some(Fault::WrongOrganization);
    let served = if elsewhere { visit.org.other() } else { visit.org.clone() };
    let answer = match admit(&visit, request.headers()) {
        Err(refusal) => refusal.into_response(),
        Ok(actor) => {
            let calling = Calling::of(&served, &visit.method, &visit.path);
            request.extensions_mut().insert(served.clone());
            let answer = next.run(request).await;
            recorded(&served, actor.zip(calling), answer).await
        }
    };
    let applied = answer.status().is_success() && visit.method != Method::GET && !elsewhere;
    let answer = enveloped(answer, &visit.id);
    let answer = match fault {
        Some(Fault::FailAfter) => Refusal::broken().envelope(&visit.id),
        Some(Fault::CutAfter) => return visit.leave(cut(), 0, applied),
        Some(Fault::Empty) => StatusCode::OK.into_response(),
        Some(Fault::Malformed) => half(answer).await,
        _ => answer,
    };
    let status = answer.status().as_u16();
    visit.leave(answer, status, applied)
}

/// The answer that a fault gives in the organization's place.
fn instead(fault: &Fault, request_id: &str) -> Option<Response> {
    match fault {
        Fault::TooMany => Some(Refusal::too_many(Some(RETRY_AFTER_S)).envelope(request_id)),
        Fault::TooManyBare => Some(Refusal::too_many(None).envelope(request_id)),
        Fault::FailBefore => Some(Refusal::broken().envelope(request_id)),
        Fault::Overloaded => Some(Refusal::overloaded().envelope(request_id)),
        Fault::CutBefore => Some(cut()),
        Fault::Redirect { status, to } => {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::FOUND);
            Some((status, [(header::LOCATION, to.clone())]).into_response())
        }
        Fault::Html => Some(Html("<!doctype html><title>Gateway</title><h1>Please sign in</h1>").into_response()),
        _ => None,
    }
}

/// Leaves in the activity feed what a call has done.
async fn recorded(org: &Organization, done: Option<(Actor, Calling)>, answer: Response) -> Response {
    let Some((actor, calling)) = done.filter(|_| answer.status().is_success() && org.has_activity_feed()) else {
        return answer;
    };
    let (head, body) = answer.into_parts();
    let body = to_bytes(body, LARGEST_ANSWER).await.unwrap_or_default();
    calling.record(org, &actor, &serde_json::from_slice(&body).unwrap_or_default());
    Response::from_parts(head, Body::from(body))
}

/// Who may reach the Admin API with this request. Messages let themselves in: they know other keys; and the exchange, which knows
/// none. The activity feed has an allowance of its own, which nobody here comes near.
fn admit(visit: &Visit, headers: &HeaderMap) -> Result<Option<Actor>, Refusal> {
    if visit.path.starts_with("/v1/messages") || visit.path == "/v1/oauth/token" {
        return Ok(None);
    }
    let actor = match token(headers) {
        Some(token) => signed_in(&visit.org, token)?,
        None => authorized(&visit.org, presented(headers)?)?,
    };
    if is_federation(&visit.path) && !matches!(actor, Actor::User { .. }) {
        return Err(Refusal::forbidden("This endpoint requires an OAuth access token with the org:admin scope"));
    }
    versioned(headers)?;
    if visit.path.starts_with("/v1/compliance/") {
        return Ok(Some(actor));
    }
    let inviting = visit.method == Method::POST && visit.path == "/v1/organizations/invites";
    let allowance = if inviting { Allowance::Invites } else { Allowance::General };
    visit.org.take_allowance(allowance).map_err(|seconds| Refusal::too_many(Some(seconds)))?;
    Ok(Some(actor))
}

/// What is refused to every key; which status it meets is undocumented.
fn is_federation(path: &str) -> bool {
    let below = path.strip_prefix("/v1/organizations/").unwrap_or_default();
    let parts: Vec<&str> = below.split('/').collect();
    matches!(
        parts.as_slice(),
        ["service_accounts" | "federation_issuers" | "federation_rules", ..]
            | ["workspaces", _, "service_accounts", ..]
    )
}

/// Somebody who signed in with the scope `org:admin` is as good as an Admin key, and better. A service account's token is known,
/// and may not.
fn signed_in(org: &Organization, token: &str) -> Result<Actor, Refusal> {
    let (hash, now) = (ids::hash(token), org.now());
    org.read(|state| match state.signed_in(&hash, now) {
        Some(member) => Ok(Actor::user(member)),
        None if state.federated.token(&hash, now).is_some() => {
            Err(Refusal::forbidden("This token does not have the scope org:admin"))
        }
        None => Err(Refusal::unauthenticated("Invalid bearer token")),
    })
}

/// An Admin key opens everything but federation. So does an admin's personal key that is not bound to a workspace; other keys
/// of that kind may not, and a workspace's key is not even known here (which status it meets is undocumented).
fn authorized(org: &Organization, key: &str) -> Result<Actor, Refusal> {
    let now = org.now();
    org.read(|state| {
        if let Some(id) = state.feed.admin_key_id(key, &state.admin_key) {
            return Ok(Actor::AdminKey(id));
        }
        let hash = ids::hash(key);
        let known = state.keys.iter().find(|it| it.hash == hash && it.workspace_id.is_none());
        let Some(known) = known.filter(|it| it.status(now) == KeyStatus::Active && state.works(it, now)) else {
            return Err(Refusal::unauthenticated("invalid x-api-key"));
        };
        match &known.kind {
            KeyKind::Personal(user) if state.member(user).is_some_and(|member| member.role == Role::Admin) => {
                Ok(Actor::ApiKey(known.id.clone()))
            }
            _ => Err(Refusal::forbidden("This API key may not use the Admin API")),
        }
    })
}

/// Every refusal in its envelope, the router's own included.
fn enveloped(answer: Response, request_id: &str) -> Response {
    if let Some(refusal) = answer.extensions().get::<Refusal>() {
        return refusal.envelope(request_id);
    }
    if answer.status().is_client_error() || answer.status().is_server_error() {
        return Refusal::of_status(answer.status()).envelope(request_id);
    }
    answer
}

/// An answer whose body fails before its first byte: the server closes the connection and sends not even the head.
fn cut() -> Response {
    let broken =
        futures_util::stream::once(async { Err::<Vec<u8>, _>(io::Error::from(io::ErrorKind::ConnectionReset)) });
    Body::from_stream(broken).into_response()
}

/// The first half of an answer, as if it were the whole.
async fn half(answer: Response) -> Response {
    let (mut head, body) = answer.into_parts();
    let body = to_bytes(body, LARGEST_ANSWER).await.unwrap_or_default();
    head.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(head, Body::from(body.slice(..body.len() / 2)))
}
