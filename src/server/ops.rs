//! The operator's listener: alive, ready, metrics. It shows no secret and changes nothing.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};

use super::metrics;
use super::probe::Probe;
use super::readiness::Watch;

struct Shared {
    probe: Probe,
    watch: Watch,
}

/// `GET /healthz`, `GET /readyz`, `GET /metrics`.
pub fn ops(probe: Probe) -> Router {
    metrics::record_metrics();
    let shared = Shared { watch: Watch::new(probe.clone()), probe };
    Router::new()
        .route("/healthz", get(async || "ok"))
        .route("/readyz", get(ready))
        .route("/metrics", get(scrape))
        .with_state(Arc::new(shared))
}

async fn ready(State(shared): State<Arc<Shared>>) -> impl IntoResponse {
    let readiness = shared.watch.look().await;
    let status = if readiness.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, [(header::CACHE_CONTROL, "no-store")], Json(readiness))
}

async fn scrape(State(shared): State<Arc<Shared>>) -> impl IntoResponse {
    let text = metrics::scrape(&shared.probe).await;
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text)
}
