//! Keeps other web sites out: the page listens on loopback, and any site that a browser shows could try to reach it.
//!
//! `Host` defeats DNS rebinding, `Origin` and `Sec-Fetch-Site` defeat forged requests, the content type keeps plain
//! HTML forms from posting, and the policy headers keep the page itself from running or sending anything foreign.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde_json::json;
use tower_http::limit::RequestBodyLimitLayer;

/// The most bytes that a request may carry.
const MOST_BYTES: usize = 256 * 1024;

/// What a page may load and where it may send: its own address, nothing inline, inside nobody's frame.
const POLICY: &str = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; \
                      frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// The names under which a listener on loopback is rightly reached.
#[must_use]
pub fn loopback_hosts(listening: SocketAddr) -> Vec<String> {
    let port = listening.port();
    let names = ["127.0.0.1", "localhost", "[::1]"];
    let with_port = names.iter().map(|name| format!("{name}:{port}"));
    // Browsers leave the port out where it is HTTP's own.
    let bare = names.iter().filter(|_| port == 80).map(ToString::to_string);
    with_port.chain(bare).collect()
}

/// Puts the guard before everything that `router` serves. `allowed_hosts` as from [`loopback_hosts`].
pub fn guard(router: Router, allowed_hosts: Vec<String>) -> Router {
    router
        .layer(RequestBodyLimitLayer::new(MOST_BYTES))
        .layer(middleware::from_fn_with_state(Arc::<[String]>::from(allowed_hosts), check))
}

async fn check(State(hosts): State<Arc<[String]>>, request: Request, next: Next) -> Response {
    let mut response = match objection(&hosts, request.method(), request.headers()) {
        Some((status, why)) => (status, Json(json!({ "error": why }))).into_response(),
        None => next.run(request).await,
    };
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Why a request is not let in, if it is not.
fn objection(hosts: &[String], method: &Method, headers: &HeaderMap) -> Option<(StatusCode, &'static str)> {
    let reading = method == Method::GET || method == Method::HEAD;
    if !only(headers, header::HOST).is_some_and(|host| hosts.iter().any(|it| it.eq_ignore_ascii_case(host))) {
        return Some((StatusCode::FORBIDDEN, "This address is served under its loopback names only."));
    }
    if headers.contains_key(header::ORIGIN) && !only(headers, header::ORIGIN).is_some_and(|it| is_own(hosts, it)) {
        return Some((StatusCode::FORBIDDEN, "Requests from other web sites are refused."));
    }
    let site = headers.get("sec-fetch-site").and_then(|it| it.to_str().ok());
    let navigates = reading && headers.get("sec-fetch-mode").is_some_and(|it| it == "navigate");
    if site.is_some_and(|site| !["same-origin", "none"].contains(&site)) && !navigates {
        return Some((StatusCode::FORBIDDEN, "Requests from other web sites are refused."));
    }
    if !reading && carries_body(headers) && !is_json(headers) {
        return Some((StatusCode::UNSUPPORTED_MEDIA_TYPE, "The body must be application/json."));
    }
    None
}

/// The header's one value; none if it is missing, repeated or not text.
fn only(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    values.next().is_none().then(|| first.to_str().ok()).flatten()
}

fn is_own(hosts: &[String], origin: &str) -> bool {
    origin.strip_prefix("http://").is_some_and(|host| hosts.iter().any(|it| it.eq_ignore_ascii_case(host)))
}

fn carries_body(headers: &HeaderMap) -> bool {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|it| it.to_str().ok());
    headers.contains_key(header::TRANSFER_ENCODING) || length.is_some_and(|length| length != "0")
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = only(headers, header::CONTENT_TYPE).unwrap_or_default();
    kind.split(';').next().is_some_and(|it| it.trim().eq_ignore_ascii_case("application/json"))
}
