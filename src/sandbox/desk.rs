//! What lies beside the API: the Console's page and calls, the mail, and the switch for misbehaviour.
//!
//! Errors are `{error: sentence}`. Whoever serves this checks `Host` and `Origin` first.

use super::console::{KeyOrder, kind_name};
use super::faults::{Fault, UnknownFault};
use super::mail::NotAccepted;
use super::organization::Organization;
use super::workload::Rhythm;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const PAGE: &str = include_str!("console.html");
/// The page brings its own style and script and asks nobody but us.
const ONLY_US: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; \
                       img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/// A refusal for the page: a status and a sentence.
struct Complaint(StatusCode, String);

impl IntoResponse for Complaint {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}

impl Organization {
    /// The Console, the mail and the misbehaviour switch, to be merged at the root.
    pub fn desk(&self) -> Router {
        Router::new()
            .route("/console", get(page))
            .route("/api/console", get(console))
            .route("/api/console/key", post(make_key))
            .route("/api/console/traffic", post(switch_traffic))
            .route("/api/console/compliance", post(switch_compliance))
            .route("/api/console/login", post(sign_in))
            .route("/api/mail", get(mail))
            .route("/api/mail/{id}/accept", post(accept))
            .route("/api/misbehave", post(misbehave))
            .with_state(self.clone())
    }
}

async fn page() -> impl IntoResponse {
    ([(header::CONTENT_SECURITY_POLICY, ONLY_US)], Html(PAGE))
}

async fn console(State(org): State<Organization>) -> Json<Value> {
    Json(org.console_shown())
}

async fn mail(State(org): State<Organization>) -> Json<Vec<Value>> {
    Json(org.mails_shown())
}

async fn accept(State(org): State<Organization>, Path(id): Path<String>) -> Result<Json<Value>, Complaint> {
    let member = org.accept(&id).map_err(|why| {
        let status = if why == NotAccepted::NoSuchMail { StatusCode::NOT_FOUND } else { StatusCode::CONFLICT };
        Complaint(status, why.told().to_owned())
    })?;
    Ok(Json(json!({
        "member": { "id": member.id, "name": member.name, "email": member.email, "role": member.role.as_str() },
    })))
}

#[derive(Deserialize)]
struct Wanted {
    r#as: String,
    workspace: Option<String>,
    name: String,
    kind: String,
    expires_in_days: Option<u32>,
}

async fn make_key(State(org): State<Organization>, body: Bytes) -> Result<impl IntoResponse, Complaint> {
    let wanted: Wanted = read(&body, "as, workspace, name and kind (workspace, personal or service_account)")?;
    let made = org
        .make_key(&KeyOrder {
            by: wanted.r#as,
            workspace: wanted.workspace.unwrap_or_default(),
            name: wanted.name,
            kind: wanted.kind,
            expires_in_days: wanted.expires_in_days,
        })
        .map_err(|why| Complaint(StatusCode::from_u16(why.status).unwrap_or(StatusCode::BAD_REQUEST), why.sentence))?;
    let answer = json!({
        "id": made.key.id,
        "name": made.key.name,
        "kind": kind_name(&made.key.kind),
        "workspace_id": made.key.workspace_id,
        "expires_at": made.key.expires_at,
        "partial_key_hint": made.key.hint,
        "secret": made.secret.expose_secret(),
    });
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(answer)))
}

#[derive(Deserialize)]
struct Traffic {
    key: String,
    rhythm: Option<String>,
}

/// Which program uses a key: what its team would decide. No rhythm: none.
async fn switch_traffic(State(org): State<Organization>, body: Bytes) -> Result<Json<Value>, Complaint> {
    let wanted: Traffic = read(&body, "key and rhythm (office, nightly, weekly, always or null)")?;
    if !org.keys().iter().any(|it| it.id == wanted.key) {
        return Err(Complaint(StatusCode::NOT_FOUND, "There is no such key.".into()));
    }
    match wanted.rhythm.as_deref() {
        None => org.end_workload(&wanted.key),
        Some(name) => {
            let rhythm = Rhythm::named(name);
            let unknown =
                || Complaint(StatusCode::BAD_REQUEST, "A rhythm is office, nightly, weekly or always.".into());
            org.run_workload(&wanted.key, rhythm.ok_or_else(unknown)?);
        }
    }
    Ok(Json(json!({ "key": wanted.key, "rhythm": wanted.rhythm })))
}

#[derive(Deserialize)]
struct SigningIn {
    r#as: String,
}

/// `ant auth login --scope org:admin`: an admin's token, which is said once.
async fn sign_in(State(org): State<Organization>, body: Bytes) -> Result<impl IntoResponse, Complaint> {
    let wanted: SigningIn = read(&body, "as")?;
    let token = org
        .sign_in(&wanted.r#as)
        .map_err(|why| Complaint(StatusCode::from_u16(why.status).unwrap_or(StatusCode::BAD_REQUEST), why.sentence))?;
    Ok((
        [(header::CACHE_CONTROL, "no-store")],
        Json(json!({ "access_token": token.expose_secret(), "scope": "org:admin" })),
    ))
}

#[derive(Deserialize)]
struct Switched {
    on: bool,
}

/// Settings, Security: the Compliance API, and with it the activity feed.
async fn switch_compliance(State(org): State<Organization>, body: Bytes) -> Result<Json<Value>, Complaint> {
    let wanted: Switched = read(&body, "on")?;
    org.switch_activity_feed(wanted.on);
    Ok(Json(json!({ "on": org.has_activity_feed() })))
}

#[derive(Deserialize)]
struct Misbehaviour {
    path: String,
    fault: String,
    times: Option<u32>,
}

async fn misbehave(State(org): State<Organization>, body: Bytes) -> Result<Json<Value>, Complaint> {
    let wanted: Misbehaviour = read(&body, "path, fault and times")?;
    let bad = |why: UnknownFault| Complaint(StatusCode::BAD_REQUEST, format!("{why}."));
    let fault: Fault = wanted.fault.parse().map_err(bad)?;
    let times = wanted.times.unwrap_or(1);
    org.misbehave(&wanted.path, fault, times);
    Ok(Json(json!({ "path": wanted.path, "fault": wanted.fault, "times": times })))
}

/// Reads a body; `fields` says in the complaint what it should have held.
fn read<T: DeserializeOwned>(body: &[u8], fields: &str) -> Result<T, Complaint> {
    serde_json::from_slice(body)
        .map_err(|_| Complaint(StatusCode::BAD_REQUEST, format!("The body must be a JSON object with {fields}.")))
}
