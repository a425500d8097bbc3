//! `POST /v1/messages`: a small answer for every key and token that works, and a line in the meter.
//!
//! Of the rate limits, requests per minute are kept to; tokens are too few here to matter.

use super::answer::{Answer, Refusal};
use super::credentials::{presented, token, versioned};
use super::federation::Minted;
use super::fields::Fields;
use super::ids;
use super::limits::group_of;
use super::meter::{Metered, More};
use super::nouns::{Key, KeyKind};
use super::organization::{Organization, Tools};
use super::state::State;
use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::{Extension, Json};
use serde_json::json;

const SAID: &str = "This is the simulated organization speaking.";
/// About as many tokens as [`SAID`] has.
const OUTPUT_TOKENS: i64 = 9;

pub(super) async fn create(Extension(org): Extension<Organization>, headers: HeaderMap, body: Bytes) -> Answer {
    let caller = Caller::of(&org, &headers)?;
    versioned(&headers)?;
    let fields = Fields::any(&body)?;
    let model = fields.required("model")?.to_owned();
    for name in ["max_tokens", "messages"] {
        fields.value(name).ok_or_else(|| Refusal::bad(format!("{name}: Field required")))?;
    }
    let named = headers.get("anthropic-workspace-id").and_then(|value| value.to_str().ok());
    let input_tokens = i64::try_from(body.len() / 4).unwrap_or(i64::MAX).max(1);
    org.change(|state, tools| {
        let (key_id, workspace_id) = match caller {
            Caller::Key(key) => (key.id.clone(), workspace(state, &key, named)?),
            Caller::Account { id, workspace_id } => (id, open(state, workspace_id)?),
        };
        within_limits(state, &workspace_id, &model, tools)?;
        let (minute, output_tokens) = (tools.now, OUTPUT_TOKENS);
        let used = Metered {
            key_id,
            workspace_id,
            model,
            minute,
            requests: 1,
            input_tokens,
            output_tokens,
            more: More::default(),
        };
        let answer = answer(&used, tools);
        state.meter.add(used);
        Ok(Json(answer))
    })
}

/// Who asks: a key, or a service account by a token that works in one workspace.
enum Caller {
    Key(Box<Key>),
    Account { id: String, workspace_id: String },
}

impl Caller {
    fn of(org: &Organization, headers: &HeaderMap) -> Result<Self, Refusal> {
        let now = org.now();
        if let Some(token) = token(headers) {
            let hash = ids::hash(token);
            let found = org.read(|state| state.federated.token(&hash, now).filter(|it| stands(state, it)).cloned());
            let found = found.ok_or_else(|| Refusal::unauthenticated("Invalid bearer token"))?;
            return Ok(Self::Account { id: found.service_account_id, workspace_id: found.workspace_id });
        }
        let hash = ids::hash(presented(headers)?);
        let key = org.read(|state| {
            let key = state.keys.iter().find(|key| key.hash == hash).filter(|key| state.works(key, now));
            key.cloned().ok_or_else(|| Refusal::unauthenticated("invalid x-api-key"))
        })?;
        Ok(Self::Key(Box::new(key)))
    }
}

/// That a token dies with its service account, as the account's keys do, is undocumented. Its rule it outlives.
fn stands(state: &State, token: &Minted) -> bool {
    state.service_account(&token.service_account_id).is_some_and(|it| it.archived_at.is_none())
}

/// The workspace that a token works in, unless it is archived.
fn open(state: &State, id: String) -> Result<String, Refusal> {
    let is_open = state.workspace(&id).is_some_and(|it| it.archived_at.is_none());
    if is_open { Ok(id) } else { Err(Refusal::missing("Workspace", &id)) }
}

/// Where a request is done: the key's own workspace, or, for a key of the whole organization, the one it names.
fn workspace(state: &State, key: &Key, named: Option<&str>) -> Result<String, Refusal> {
    let id = key.workspace_id.as_deref().or(named).ok_or_else(|| {
        Refusal::bad("anthropic-workspace-id: header is required for API keys that are not bound to a workspace")
    })?;
    let welcome = match &key.kind {
        KeyKind::Personal(user) => state.is_in(id, user),
        _ => true,
    };
    let open = state.workspace(id).filter(|workspace| workspace.archived_at.is_none() && welcome);
    open.map(|workspace| workspace.id.clone()).ok_or_else(|| Refusal::missing("Workspace", id))
}

/// Whether the workspace may be asked once more in this minute.
fn within_limits(state: &State, workspace_id: &str, model: &str, tools: &Tools<'_>) -> Result<(), Refusal> {
    let Some(group) = group_of(model) else { return Ok(()) };
    let most = state.limit_in_force(workspace_id, group, "requests_per_minute", tools.now);
    let so_far = state.meter.requests_this_minute(workspace_id, group.models, tools.now);
    if most.is_none_or(|most| so_far < most) {
        return Ok(());
    }
    let into_minute_s = tools.now.as_second().rem_euclid(60);
    Err(Refusal::limited(
        "This request would exceed the workspace's rate limit of requests per minute",
        60 - into_minute_s,
    ))
}

fn answer(used: &Metered, tools: &Tools<'_>) -> serde_json::Value {
    json!({
        "id": ids::id(tools.random, "msg"),
        "type": "message",
        "role": "assistant",
        "model": used.model,
        "content": [{ "type": "text", "text": SAID }],
        "stop_reason": "end_turn",
        "stop_sequence": null,
        "usage": {
            "input_tokens": used.input_tokens,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "output_tokens": used.output_tokens,
            "service_tier": "standard",
        },
    })
}
