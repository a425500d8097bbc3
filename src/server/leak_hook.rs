//! `POST /hooks/leak`: a scanner reports what it has found. Signed, fresh, and once; what it sent is neither stored nor logged.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use tower_http::limit::RequestBodyLimitLayer;

use crate::change::{Asker, Failure, Pipeline};
use crate::chat::{Account, Memory, Standing};
use crate::clock::Clock;
use crate::command::key::leaked_keys;
use crate::domain::LiveRules;
use crate::seal::{HookKey, STAMP_HEADER};
use crate::store::{Store, StoreMemory};

/// The largest body that is read, in bytes.
const MOST: usize = 256 * 1024;

/// What the hook works with.
pub struct LeakHook {
    /// The secret that the scanner signs with.
    pub key: HookKey,
    /// The directory.
    pub store: Store,
    /// Where keys are switched off.
    pub pipeline: Arc<Pipeline>,
    /// What the configuration decides.
    pub rules: Arc<LiveRules>,
    /// The time.
    pub clock: Clock,
}

/// What a scanner sends: a text that may be anything, or the hint of one key.
#[derive(Deserialize)]
struct Report {
    text: Option<String>,
    hint: Option<String>,
}

/// The path, for the listener of webhooks.
pub fn leak_hook(hook: LeakHook) -> Router {
    Router::new().route("/hooks/leak", post(taken)).layer(RequestBodyLimitLayer::new(MOST)).with_state(Arc::new(hook))
}

/// 200 with how many keys are meant; 401 unless it is signed and fresh; 409 for what came before; 400 for what is no report; 503 if
/// something here is in the way, so that it is sent again.
async fn taken(State(hook): State<Arc<LeakHook>>, headers: HeaderMap, body: Bytes) -> (StatusCode, Json<Value>) {
    let no = |status, why: &str| (status, Json(json!({ "error": why })));
    let mut stamps = headers.get_all(STAMP_HEADER).iter();
    let (Some(stamp), None) = (stamps.next().and_then(|it| it.to_str().ok()), stamps.next()) else {
        return no(StatusCode::UNAUTHORIZED, "not_signed");
    };
    if !hook.key.verifies(stamp, &body, hook.clock.now().as_second()) {
        return no(StatusCode::UNAUTHORIZED, "not_signed");
    }
    let Ok(report) = serde_json::from_slice::<Report>(&body) else { return no(StatusCode::BAD_REQUEST, "no_report") };
    let Some(text) = report.text.or(report.hint) else { return no(StatusCode::BAD_REQUEST, "no_report") };
    let memory = StoreMemory::new(hook.store.clone(), hook.clock.clone());
    if !memory.first_seen(&format!("leak hook {stamp}")).await {
        return no(StatusCode::CONFLICT, "sent_before");
    }
    match hook.report(&text).await {
        Ok(matched) => (StatusCode::OK, Json(json!({ "matched": matched }))),
        Err(failure) => {
            tracing::error!(trouble = %failure.logged(), "a leak that a scanner reported was not dealt with");
            no(StatusCode::SERVICE_UNAVAILABLE, "send_again_with_a_new_signature")
        }
    }
}

impl LeakHook {
    async fn report(&self, text: &str) -> Result<usize, Failure> {
        let keys = leaked_keys(&self.store, text).await?;
        let account = Account::leak_hook();
        let rules = self.rules.now();
        let asker = Asker::meet(&self.store, &rules, &account, Standing::default(), self.clock.now()).await?;
        let matched = keys.len();
        self.pipeline.leak(keys, &asker).await?;
        Ok(matched)
    }
}
