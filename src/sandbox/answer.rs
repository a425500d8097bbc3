//! What the API says when it says no: one envelope for every error, with the request's id in it and in a header.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// What a call of the Admin API answers. Success is always 200.
pub(super) type Answer = Result<Json<Value>, Refusal>;

/// A refusal, before it is put into the envelope: the gate knows the request's id, a handler does not.
#[derive(Clone)]
pub(super) struct Refusal {
    status: StatusCode,
    kind: &'static str,
    message: String,
    code: Option<&'static str>,
    retry_after_s: Option<i64>,
}

impl Refusal {
    fn new(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Self {
        Self { status, kind, message: message.into(), code: None, retry_after_s: None }
    }

    /// 400
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", message)
    }

    /// 400 with a documented `error.details.error_code`.
    pub(super) fn coded(code: &'static str, message: impl Into<String>) -> Self {
        Self { code: Some(code), ..Self::bad(message) }
    }

    /// 401
    pub(super) fn unauthenticated(message: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "authentication_error", message)
    }

    /// 403
    pub(super) fn forbidden(message: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "permission_error", message)
    }

    /// 404
    pub(super) fn missing(what: &str, id: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found_error", format!("{what} {id} not found"))
    }

    /// 409
    pub(super) fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict_error", message)
    }

    /// 410
    pub(super) fn gone(message: &str) -> Self {
        Self::new(StatusCode::GONE, "invalid_request_error", message)
    }

    /// 429
    pub(super) fn too_many(retry_after_s: Option<i64>) -> Self {
        let message = "This request would exceed your organization's rate limit for the Admin API";
        Self { retry_after_s, ..Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limit_error", message) }
    }

    /// 429, of a limit that is not the Admin API's own.
    pub(super) fn limited(message: &str, retry_after_s: i64) -> Self {
        let kind = "rate_limit_error";
        Self { retry_after_s: Some(retry_after_s), ..Self::new(StatusCode::TOO_MANY_REQUESTS, kind, message) }
    }

    /// 500
    pub(super) fn broken() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "api_error", "Internal server error")
    }

    /// 529
    pub(super) fn overloaded() -> Self {
        let status = StatusCode::from_u16(529).expect("529 lies between 100 and 999");
        Self::new(status, "overloaded_error", "Overloaded")
    }

    /// What a status means that was given by the router and not by a handler.
    pub(super) fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::new(status, "not_found_error", "Not found"),
            StatusCode::PAYLOAD_TOO_LARGE => Self::new(status, "request_too_large", "Request exceeds the maximum size"),
            StatusCode::METHOD_NOT_ALLOWED => Self::new(status, "invalid_request_error", "Method Not Allowed"),
            status if status.is_server_error() => Self { status, ..Self::broken() },
            status => Self::new(status, "invalid_request_error", "Invalid request"),
        }
    }

    /// The documented envelope around it.
    pub(super) fn envelope(&self, request_id: &str) -> Response {
        let mut error = json!({ "type": self.kind, "message": self.message });
        if let Some(code) = self.code {
            error["details"] = json!({ "error_code": code });
        }
        let body = json!({ "type": "error", "error": error, "request_id": request_id });
        let mut response = (self.status, Json(body)).into_response();
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Router's own refusals, so that they too come in the envelope.
pub(super) async fn nothing_here() -> Refusal {
    Refusal::of_status(StatusCode::NOT_FOUND)
}

/// As [`nothing_here`], for a path that exists with another method.
pub(super) async fn not_like_this() -> Refusal {
    Refusal::of_status(StatusCode::METHOD_NOT_ALLOWED)
}
