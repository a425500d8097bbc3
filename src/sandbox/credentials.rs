//! What a request shows to be let in: a key, in either of two headers, and the version it speaks.

use super::answer::Refusal;
use axum::http::{HeaderMap, header};

/// The versions that exist. Both are answered alike.
const VERSIONS: [&str; 2] = ["2023-06-01", "2026-10-21"];

/// The key, from `x-api-key` or, as the official SDKs send it, from `Authorization: Bearer`.
pub(super) fn presented(headers: &HeaderMap) -> Result<&str, Refusal> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = || text(header::AUTHORIZATION.as_str()).and_then(|value| value.strip_prefix("Bearer "));
    let key = text("x-api-key").or_else(bearer).map(str::trim).filter(|key| !key.is_empty());
    key.ok_or_else(|| Refusal::unauthenticated("x-api-key header is required"))
}

/// A token, which is taken from `Authorization: Bearer` alone.
pub(super) fn token(headers: &HeaderMap) -> Option<&str> {
    let bearer = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")?.trim();
    bearer.starts_with("sk-ant-oat01-").then_some(bearer)
}

/// Refuses a request that names no version, or one that never was.
pub(super) fn versioned(headers: &HeaderMap) -> Result<(), Refusal> {
    match headers.get("anthropic-version").map(|value| value.to_str().unwrap_or_default()) {
        None => Err(Refusal::bad("anthropic-version: header is required")),
        Some(version) if VERSIONS.contains(&version) => Ok(()),
        Some(_) => Err(Refusal::bad("anthropic-version: is not a valid version")),
    }
}
