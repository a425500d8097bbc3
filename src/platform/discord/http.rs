//! HTTP mode: signed interactions only. Whatever is not signed, fresh and whole is refused before anybody looks into it.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::Value;

use super::limits::BODY_BYTES;
use super::listen::Intake;
use super::signature::{Claim, Verifier};
use crate::clock::Clock;

struct Shared {
    intake: Intake,
    verifier: Verifier,
    clock: Clock,
}

/// Why a request was not taken.
enum Refused {
    /// Not signed by Discord, or not lately.
    Unsigned,
    /// Signed, but not what Discord sends there; or nothing that can be read at all.
    Unreadable,
    /// It was taken before.
    Repeated,
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, word) = match self {
            Self::Unsigned => (StatusCode::UNAUTHORIZED, "unsigned"),
            Self::Unreadable => (StatusCode::BAD_REQUEST, "unreadable"),
            Self::Repeated => (StatusCode::CONFLICT, "repeated"),
        };
        metrics::counter!("steward_discord_refused_total", "why" => word).increment(1);
        status.into_response()
    }
}

/// `POST /discord/interaction`.
pub(super) fn router(intake: Intake, verifier: Verifier, clock: Clock) -> Router {
    let shared = Arc::new(Shared { intake, verifier, clock });
    Router::new().route("/discord/interaction", post(interaction)).with_state(shared)
}

async fn interaction(State(shared): State<Arc<Shared>>, request: Request) -> Result<Response, Refused> {
    let (head, body) = request.into_parts();
    let timestamp = only(&head.headers, "x-signature-timestamp")?;
    let signature = only(&head.headers, "x-signature-ed25519")?;
    let body = axum::body::to_bytes(body, BODY_BYTES).await.map_err(|_| Refused::Unreadable)?;
    let claim = Claim { timestamp: &timestamp, signature: &signature, body: &body };
    if !shared.verifier.verify(&claim, shared.clock.now().as_second()) {
        return Err(Refused::Unsigned);
    }
    let payload: Option<Value> = serde_json::from_slice(&body).ok().filter(Value::is_object);
    let payload = payload.ok_or(Refused::Unreadable)?;
    let taken = shared.intake.take(&payload).await.ok_or(Refused::Repeated)?;
    if let Some(then) = taken.then {
        // What it says comes after this answer, or waits until Discord has heard of it.
        shared.intake.go_on(then);
    }
    Ok(([(header::CONTENT_TYPE, "application/json")], taken.answer.to_string()).into_response())
}

/// The one value of a header. Two would leave open which of them was signed.
fn only(headers: &HeaderMap, name: &str) -> Result<String, Refused> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().and_then(|it| it.to_str().ok()).ok_or(Refused::Unsigned)?;
    if values.next().is_some() { Err(Refused::Unsigned) } else { Ok(value.to_owned()) }
}
