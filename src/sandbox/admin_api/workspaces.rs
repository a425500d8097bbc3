//! `/v1/organizations/workspaces`: at most 100 that are not archived; archiving is for good and takes the keys along.
//!
//! The Default Workspace can be read by its id, is listed only with `include_default=true`, and can be neither renamed
//! nor archived.

use crate::sandbox::answer::{Answer, Refusal};
use crate::sandbox::fields::{Fields, bounded};
use crate::sandbox::nouns::{KeyStatus, Workspace};
use crate::sandbox::organization::{self, Organization};
use crate::sandbox::page::{Query, Row, cursors};
use axum::body::Bytes;
use axum::extract::{Path, RawQuery};
use axum::http::HeaderMap;
use axum::{Extension, Json};
use serde_json::{Value, json};

const LONGEST_NAME: usize = 40;
const MOST_IDS: usize = 100;
const ON_CREATE: [&str; 5] = ["name", "display_color", "tags", "data_residency", "external_key_id"];

/// Oldest first; the order is undocumented.
pub(super) async fn list(Extension(org): Extension<Organization>, RawQuery(query): RawQuery) -> Answer {
    let query = Query::parse(query.as_deref());
    let archived = query.flag("include_archived")?;
    let default = query.flag("include_default")?;
    let ids = query.many("ids");
    if ids.len() > MOST_IDS {
        return Err(Refusal::bad(format!("ids: List should have at most {MOST_IDS} items")));
    }
    let kept = |workspace: &Workspace| {
        (archived || workspace.archived_at.is_none())
            && (default || !workspace.is_default)
            && (ids.is_empty() || ids.contains(&workspace.id.as_str()))
    };
    org.read(|state| cursors(&query, &state.workspaces, |it| Row { id: &it.id, kept: kept(it) }, shown))
}

pub(super) async fn get(Extension(org): Extension<Organization>, Path(id): Path<String>) -> Answer {
    org.read(|state| state.workspace(&id).map(|found| Json(shown(found))).ok_or_else(|| missing(&id)))
}

pub(super) async fn create(Extension(org): Extension<Organization>, headers: HeaderMap, body: Bytes) -> Answer {
    let fields = Fields::read(&headers, &body, &ON_CREATE)?;
    let name = bounded("name", fields.required("name")?, LONGEST_NAME)?;
    org.change(|state, tools| {
        let open = state.workspaces.iter().filter(|it| !it.is_default && it.archived_at.is_none()).count();
        if open >= state.bounds.workspaces {
            let most = state.bounds.workspaces;
            return Err(Refusal::bad(format!("This organization already has {most} workspaces, the most it may have")));
        }
        let mut made = organization::workspace(tools.random, &name, tools.now);
        set(&mut made, &fields, true)?;
        let answer = shown(&made);
        state.workspaces.push(made);
        Ok(Json(answer))
    })
}

pub(super) async fn update(
    Extension(org): Extension<Organization>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let fields = Fields::read(&headers, &body, &ON_CREATE)?.nonempty()?;
    let name = fields.text("name")?.map(|name| bounded("name", name, LONGEST_NAME)).transpose()?;
    org.change(|state, _| {
        let found = state.workspaces.iter_mut().find(|it| it.id == id).ok_or_else(|| missing(&id))?;
        if found.archived_at.is_some() {
            return Err(Refusal::bad("An archived workspace cannot be changed"));
        }
        if found.is_default && name.is_some() {
            return Err(Refusal::bad("The default workspace cannot be renamed"));
        }
        let mut changed = found.clone();
        set(&mut changed, &fields, false)?;
        changed.name = name.unwrap_or(changed.name);
        *found = changed;
        Ok(Json(shown(found)))
    })
}

pub(super) async fn archive(Extension(org): Extension<Organization>, Path(id): Path<String>) -> Answer {
    org.change(|state, tools| {
        let found = state.workspaces.iter_mut().find(|it| it.id == id).ok_or_else(|| missing(&id))?;
        if found.is_default {
            return Err(Refusal::bad("The default workspace cannot be archived"));
        }
        if found.archived_at.is_some() {
            return Err(Refusal::bad("This workspace is archived already"));
        }
        found.archived_at = Some(tools.now);
        let answer = shown(found);
        for key in state.keys.iter_mut().filter(|key| key.workspace_id.as_deref() == Some(&id)) {
            key.switched = KeyStatus::Archived;
        }
        Ok(Json(answer))
    })
}

pub(super) fn missing(id: &str) -> Refusal {
    Refusal::missing("Workspace", id)
}

/// Sets what may be set besides the name. Where it computes by default can be chosen again, where it lies cannot.
fn set(workspace: &mut Workspace, fields: &Fields, new: bool) -> Result<(), Refusal> {
    if let Some(color) = fields.text("display_color")? {
        let digits = color.strip_prefix('#').filter(|digits| digits.len() == 6);
        if !digits.is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit())) {
            return Err(Refusal::bad("display_color: Input should look like #RRGGBB"));
        }
        color.clone_into(&mut workspace.display_color);
    }
    match fields.value("tags") {
        None => {}
        Some(Value::Object(tags)) if tags.values().all(Value::is_string) => {
            if tags.keys().any(|key| key.starts_with("anthropic")) {
                return Err(Refusal::bad("tags: keys must not start with anthropic"));
            }
            workspace.tags.clone_from(tags);
        }
        Some(_) => return Err(Refusal::bad("tags: Input should be an object of strings")),
    }
    match fields.value("data_residency") {
        None => {}
        Some(Value::Object(wanted)) => {
            for (name, value) in wanted {
                match name.as_str() {
                    "allowed_inference_geos" | "default_inference_geo" => {}
                    "workspace_geo" if new && value == "us" => {}
                    _ => return Err(Refusal::bad("data_residency: Input is not permitted")),
                }
                workspace.data_residency[name] = value.clone();
            }
        }
        Some(_) => return Err(Refusal::bad("data_residency: Input should be an object")),
    }
    if fields.value("external_key_id").is_some() {
        return Err(Refusal::bad("external_key_id: no such external key"));
    }
    Ok(())
}

fn shown(workspace: &Workspace) -> Value {
    json!({
        "id": workspace.id,
        "type": "workspace",
        "name": workspace.name,
        "display_color": workspace.display_color,
        "tags": workspace.tags,
        "created_at": workspace.created_at,
        "archived_at": workspace.archived_at,
        "compartment_id": workspace.compartment_id,
        "data_residency": workspace.data_residency,
        "external_key_id": null,
    })
}
