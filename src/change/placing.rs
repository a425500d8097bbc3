//! What changes of workspaces have in common: which ones can be changed at all.

use super::draft::no_such_workspace;
use super::failure::Failure;
use super::world::{Seen, World};
use crate::chat::Text;
use crate::store::WorkspaceRow;

/// The workspace that a change is about, if it can be changed: the API refuses archived ones, and the one that every
/// organization has. `never` says what cannot be done with that one.
pub(super) fn place<'w>(world: &'w World, workspace_id: &str, never: &str) -> Result<&'w Seen, Failure> {
    let Some(seen) = world.places.iter().find(|it| it.workspace.id == workspace_id) else {
        return Err(no_such_workspace());
    };
    if seen.workspace.archived_at.is_some() {
        return Err(Failure::mistake(
            format!("{} is archived, and nothing of an archived workspace can be changed.", seen.workspace.name),
            Text::plain("Nothing was changed. See ").command("workspace list").then("."),
        ));
    }
    if seen.is_default {
        return Err(Failure::mistake(format!("This is the Default Workspace: {never}."), "Nothing was changed."));
    }
    Ok(seen)
}

/// What means this workspace in a command: its name, or its id where that is several words.
pub(super) fn typed(workspace: &WorkspaceRow) -> &str {
    let name = workspace.name.as_str();
    let is_word =
        name.starts_with(char::is_alphanumeric) && name.chars().all(|it| it.is_alphanumeric() || "-_.".contains(it));
    if is_word { name } else { &workspace.id }
}

/// Refuses a name that another workspace has: two of one name could not be told apart, and the configuration goes by names.
pub(super) fn unused(world: &World, own: Option<&str>) -> Result<(), Failure> {
    let other = |it: &&WorkspaceRow| it.archived_at.is_none() && Some(it.id.as_str()) != own;
    let Some(taken) = world.namesakes.iter().find(other) else { return Ok(()) };
    Err(Failure::mistake(
        format!("There is a workspace called {} already.", taken.name),
        Text::plain("Nothing was changed: two of one name could not be told apart. See ")
            .command(format!("workspace show {}", typed(taken)))
            .then("."),
    ))
}
