//! `/v1/organizations/rate_limits` and a workspace's: to be read only, for now. Pages come by token.
//!
//! No workspace overrides anything yet, so its own list is empty, and with `include_inherited=true` the organization's.

use super::workspaces::missing;
use crate::sandbox::answer::{Answer, Refusal};
use crate::sandbox::organization::Organization;
use crate::sandbox::page::{Query, tokens};
use axum::Extension;
use axum::extract::{Path, RawQuery};
use serde_json::{Value, json};

type Limits = &'static [(&'static str, i64)];

/// Group id, its type, the models in it, the limits. Believable numbers of a middle tier.
const GROUPS: [(&str, &str, &[&str], Limits); 4] = [
    (
        "rlg_claude_opus_5",
        "model_group",
        &["claude-opus-5-5", "claude-opus-5"],
        &[
            ("requests_per_minute", 2_000),
            ("input_tokens_per_minute_cache_aware", 1_000_000),
            ("output_tokens_per_minute", 200_000),
        ],
    ),
    (
        "rlg_claude_sonnet_5",
        "model_group",
        &["claude-sonnet-5-5", "claude-sonnet-5"],
        &[
            ("requests_per_minute", 2_000),
            ("input_tokens_per_minute_cache_aware", 1_000_000),
            ("output_tokens_per_minute", 200_000),
        ],
    ),
    (
        "rlg_claude_haiku_5",
        "model_group",
        &["claude-haiku-5-5"],
        &[
            ("requests_per_minute", 4_000),
            ("input_tokens_per_minute_cache_aware", 2_000_000),
            ("output_tokens_per_minute", 400_000),
        ],
    ),
    ("rlg_batch", "batch", &[], &[("requests_per_minute", 2_000), ("enqueued_batch_requests", 300_000)]),
];

pub(super) async fn of_organization(Extension(org): Extension<Organization>, RawQuery(query): RawQuery) -> Answer {
    let query = Query::parse(query.as_deref());
    tokens(&query, &entries(&query, &org.id(), None)?)
}

pub(super) async fn of_workspace(
    Extension(org): Extension<Organization>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Answer {
    let query = Query::parse(query.as_deref());
    org.read(|state| state.workspace(&id).map(|_| ()).ok_or_else(|| missing(&id)))?;
    let inherited = entries(&query, &org.id(), Some(&id))?;
    tokens(&query, if query.flag("include_inherited")? { &inherited } else { &[] })
}

fn entries(query: &Query, organization: &str, workspace: Option<&str>) -> Result<Vec<Value>, Refusal> {
    let (kind, model) = (query.one("group_type"), query.one("model"));
    let wanted = |group: &&(&str, &str, &[&str], Limits)| {
        kind.is_none_or(|kind| group.1 == kind) && model.is_none_or(|model| group.2.contains(&model))
    };
    let found: Vec<_> = GROUPS.iter().filter(wanted).collect();
    if let Some(model) = model
        && found.is_empty()
    {
        return Err(Refusal::missing("Rate limit group of model", model));
    }
    // The id differs between organizations, the group's does not.
    let own = organization.get(..8).unwrap_or(organization);
    let shown = |(group, kind, models, limits): &(&str, &str, &[&str], Limits)| {
        let id = format!("rl_{own}_{}", group.trim_start_matches("rlg_"));
        let limit = |(name, value): &(&str, i64)| match workspace {
            None => json!({ "type": name, "value": value }),
            Some(_) => {
                json!({ "type": name, "value": value, "org_limit": value, "source": { "type": "organization" } })
            }
        };
        let mut entry = json!({
            "type": if workspace.is_none() { "rate_limit" } else { "workspace_rate_limit" },
            "group_type": kind,
            "group": { "type": kind, "id": group },
            "models": if models.is_empty() { Value::Null } else { json!(models) },
            "limits": limits.iter().map(limit).collect::<Vec<_>>(),
        });
        match workspace {
            None => entry["id"] = json!(id),
            Some(workspace) => {
                entry["rate_limit_id"] = json!(id);
                entry["workspace_id"] = json!(workspace);
            }
        }
        entry
    };
    Ok(found.into_iter().map(shown).collect())
}
