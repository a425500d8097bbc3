//! What a line of the books is called by the Usage and Cost Analytics API: every dimension that it groups and filters by.

use super::reporting::{geo, key, service_account, tier};
use crate::sandbox::answer::Refusal;
use crate::sandbox::books::Line;
use crate::sandbox::meter::Surface;
use crate::sandbox::nouns::KeyKind;
use crate::sandbox::page::Query;
use crate::sandbox::state::State;
use serde_json::{Value, json};

/// All that can be grouped by. `cost_type` and `token_type` are cost's alone.
pub(super) const DIMENSIONS: [&str; 22] = [
    "actor",
    "actor_type",
    "agent_id",
    "api_key_id",
    "claude_tag_category",
    "claude_tag_user_id",
    "context_window",
    "cost_type",
    "deployment_id",
    "environment_id",
    "inference_geo",
    "model",
    "organization_id",
    "product",
    "rbac_group_id",
    "service_tier",
    "session_id",
    "slack_channel_id",
    "speed",
    "token_type",
    "user_profile_id",
    "workspace_id",
];

/// Filters: parameter, dimension, most values. Who the actor is, is compared by id.
const FILTERS: [(&str, &str); 9] = [
    ("api_key_ids", "api_key_id"),
    ("workspace_ids", "workspace_id"),
    ("actor_ids", "actor_id"),
    ("actor_types", "actor_type"),
    ("models", "model"),
    ("service_tiers", "service_tier"),
    ("context_windows", "context_window"),
    ("inference_geos", "inference_geo"),
    ("products", "product"),
];

/// What a line has of one dimension. Where it has no tokens of its own, such as code execution, most are null.
pub(super) fn value(state: &State, line: &Line, dimension: &str) -> Value {
    let text = |it: Option<&str>| json!(it);
    match dimension {
        "api_key_id" => json!(key(line)),
        "workspace_id" => json!(state.workspace(&line.about.workspace_id).map(|it| &it.id)),
        "actor" => actor(state, line),
        "actor_type" => actor(state, line)["type"].clone(),
        "actor_id" => {
            let actor = actor(state, line);
            let id = ["user_id", "service_account_id", "api_key_id"].into_iter().find_map(|it| actor[it].as_str());
            json!(id)
        }
        "model" => json!(line.about.model),
        "service_tier" => text(Some(tier(line))),
        "context_window" => text(Some("0-200k")),
        "inference_geo" => text(Some(geo(line))),
        "speed" => text(Some("standard")),
        "product" => text(Some(match line.about.surface {
            Surface::Api if line.about.batch => "message_batches_api",
            Surface::Api => "messages_api",
            Surface::Console => "claude_console",
            Surface::ClaudeCode => "claude_code",
            Surface::Agents => "managed_agents_api",
        })),
        "organization_id" => json!(state.id),
        _ => Value::Null,
    }
}

/// The user, else the service account, else the key. That a personal key resolves to its person follows from the documented
/// order; whether it does is undocumented.
fn actor(state: &State, line: &Line) -> Value {
    let owner = key(line).and_then(|id| state.keys.iter().find(|it| it.id == id));
    let (mut user, mut account) = (line.about.account.clone(), service_account(line));
    match owner.map(|it| &it.kind) {
        Some(KeyKind::Personal(id)) => user = Some(id.clone()),
        Some(KeyKind::ServiceAccount(id)) => account = Some(id.clone()),
        _ => {}
    }
    match (user, account, key(line)) {
        (Some(user), _, _) => {
            let member = state.member(&user);
            json!({
                "type": "user_actor",
                "user_id": user,
                "email_address": member.map(|it| &it.email),
                "name": member.map(|it| &it.name),
                "deleted": member.is_none(),
            })
        }
        (None, Some(account), _) => json!({ "type": "service_account_actor", "service_account_id": account }),
        (None, None, Some(key)) => json!({ "type": "api_actor", "api_key_id": key }),
        (None, None, None) => Value::Null,
    }
}

/// Whether a line passes all filters. An empty entry of `api_key_ids` stands for traffic without a key.
pub(super) fn passes(state: &State, line: &Line, query: &Query) -> bool {
    FILTERS.iter().all(|(parameter, dimension)| {
        let wanted = query.many(parameter);
        let is = value(state, line, dimension);
        wanted.is_empty() || wanted.iter().any(|it| Some(*it).filter(|it| !it.is_empty()) == is.as_str())
    })
}

/// What is asked to be grouped by: at most five, not counting those of cost.
pub(super) fn groups(query: &Query, is_cost: bool) -> Result<Vec<&'static str>, Refusal> {
    let of_cost = |name: &str| matches!(name, "cost_type" | "token_type");
    let known = |name: &str| DIMENSIONS.into_iter().find(|it| *it == name && (is_cost || !of_cost(it)));
    let groups = query.each("group_by", known)?;
    if groups.iter().filter(|it| !of_cost(it)).count() > 5 {
        return Err(Refusal::bad("group_by: List should have at most 5 items"));
    }
    Ok(groups)
}
