//! What the commands about workspaces say in the same words: environments, keys and their owners.

use crate::chat::Text;
use crate::domain::Rules;
use crate::store::WorkspaceKeyRow;

/// What a workspace is for. A workspace that the configuration does not name is guarded like production, and that is said.
pub(super) fn environment(rules: &Rules, name: &str) -> String {
    let is_named = rules.workspaces.iter().any(|it| it.name.eq_ignore_ascii_case(name));
    let environment = rules.place(name).environment.as_str();
    if is_named { environment.to_owned() } else { format!("{environment} (not configured)") }
}

/// Whose a key is, as far as the directory knows.
pub(super) fn owner(row: &WorkspaceKeyRow) -> Text {
    let id = |id: &Option<String>| id.clone().unwrap_or_default();
    match (row.key.kind.as_str(), &row.owner) {
        ("workspace", _) => maker(row),
        (_, Some(name)) => Text::plain(name.clone()),
        (_, None) if row.key.owner_id.is_some() => Text::new().code(id(&row.key.owner_id)),
        (_, None) => Text::plain("not known"),
    }
}

/// A workspace's key is nobody's. Who made it is whom to ask about it.
fn maker(row: &WorkspaceKeyRow) -> Text {
    match (&row.key.created_by, &row.maker) {
        (_, Some(name)) if row.maker_left => Text::plain(format!("the workspace, made by {name}, who has left")),
        (_, Some(name)) => Text::plain(format!("the workspace, made by {name}")),
        (Some(id), None) if id.starts_with("user_") => Text::plain("the workspace, made by somebody who has left"),
        (Some(id), None) => Text::plain("the workspace, made by ").code(id.clone()),
        (None, None) => Text::plain("the workspace, made by somebody unknown"),
    }
}

/// Whether a key works, and until when.
pub(super) fn state(row: &WorkspaceKeyRow) -> Text {
    let state = Text::plain(row.key.status.clone());
    match row.key.expires_at {
        Some(at) if row.key.status == "active" || row.key.status == "inactive" => state.then(", until ").time(at),
        _ => state,
    }
}
