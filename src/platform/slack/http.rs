//! HTTP mode: signed deliveries only. Whatever is not signed, fresh and whole is refused before anybody looks into it.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::limits::BODY_BYTES;
use super::listen::{Intake, TooMuch};
use super::pages::Payload;
use super::payload::{Delivery, of_form, of_interaction};
use super::signature::{Claim, Verifier};
use crate::clock::Clock;
use crate::platform::fields::text;

struct Shared {
    intake: Intake,
    verifier: Verifier,
    clock: Clock,
}

/// Why a request was not taken.
enum Refused {
    /// Not signed by Slack, or not lately.
    Unsigned,
    /// Signed, but not what Slack sends there; or nothing that can be read at all.
    Unreadable,
    /// So much waits that nothing more is taken.
    TooMuch,
}

impl From<TooMuch> for Refused {
    fn from(TooMuch: TooMuch) -> Self {
        Self::TooMuch
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, word) = match self {
            Self::Unsigned => (StatusCode::UNAUTHORIZED, "unsigned"),
            Self::Unreadable => (StatusCode::BAD_REQUEST, "unreadable"),
            Self::TooMuch => (StatusCode::SERVICE_UNAVAILABLE, "too_much"),
        };
        metrics::counter!("steward_slack_refused_total", "why" => word).increment(1);
        status.into_response()
    }
}

/// `POST /slack/command`, `/slack/interaction`, `/slack/event`.
pub(super) fn router(intake: Intake, signing_secret: &SecretString, clock: Clock) -> Router {
    let shared = Arc::new(Shared { intake, verifier: Verifier::new(signing_secret), clock });
    Router::new()
        .route("/slack/command", post(command))
        .route("/slack/interaction", post(interaction))
        .route("/slack/event", post(event))
        .with_state(shared)
}

/// A request whose signature holds: its body, and the signature, which names this delivery.
struct Signed {
    body: Bytes,
    signature: String,
}

impl Shared {
    async fn signed(&self, request: Request) -> Result<Signed, Refused> {
        let (head, body) = request.into_parts();
        let timestamp = only(&head.headers, "x-slack-request-timestamp")?;
        let signature = only(&head.headers, "x-slack-signature")?;
        let body = axum::body::to_bytes(body, BODY_BYTES).await.map_err(|_| Refused::Unreadable)?;
        let claim = Claim { timestamp: &timestamp, signature: &signature, body: &body };
        let holds = self.verifier.verify(&claim, self.clock.now().as_second());
        if holds { Ok(Signed { body, signature }) } else { Err(Refused::Unsigned) }
    }
}

/// The one value of a header. Two would leave open which of them was signed.
fn only(headers: &HeaderMap, name: &str) -> Result<String, Refused> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().and_then(|it| it.to_str().ok()).ok_or(Refused::Unsigned)?;
    if values.next().is_some() { Err(Refused::Unsigned) } else { Ok(value.to_owned()) }
}

type Taken = Result<Response, Refused>;

async fn command(State(shared): State<Arc<Shared>>, request: Request) -> Taken {
    let signed = shared.signed(request).await?;
    let fields = of_form(&signed.body);
    if text(&fields, "/command").is_none() {
        // Slack looks now and then whether somebody is there.
        return if text(&fields, "/ssl_check").is_some() { Ok(acknowledged(None)) } else { Err(Refused::Unreadable) };
    }
    Ok(acknowledged(shared.intake.take(Delivery::Command(fields), &signed.signature).await?))
}

async fn interaction(State(shared): State<Arc<Shared>>, request: Request) -> Taken {
    let signed = shared.signed(request).await?;
    let payload = of_interaction(&signed.body).ok_or(Refused::Unreadable)?;
    Ok(acknowledged(shared.intake.take(Delivery::Interaction(payload), &signed.signature).await?))
}

async fn event(State(shared): State<Arc<Shared>>, request: Request) -> Taken {
    let signed = shared.signed(request).await?;
    let payload: Option<Value> = serde_json::from_slice(&signed.body).ok().filter(Value::is_object);
    let payload = payload.ok_or(Refused::Unreadable)?;
    if text(&payload, "/type") == Some("url_verification") {
        let challenge = text(&payload, "/challenge").unwrap_or_default();
        return Ok(acknowledged(Some(json!({ "challenge": challenge }).to_string().into())));
    }
    Ok(acknowledged(shared.intake.take(Delivery::Event(payload), &signed.signature).await?))
}

/// 200, with JSON if there is something to say.
fn acknowledged(payload: Option<Payload>) -> Response {
    match payload {
        Some(payload) => ([(header::CONTENT_TYPE, "application/json")], payload.to_string()).into_response(),
        None => StatusCode::OK.into_response(),
    }
}
