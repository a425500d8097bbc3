//! Giving a workspace another name: one `POST` on `/v1/organizations/workspaces/{id}`.

use serde::{Deserialize, Serialize};

use super::draft::Draft;
use super::effect::Effect;
use super::failure::Failure;
use super::name_workspace::NameWorkspace;
use super::placing::{place, unused};
use super::world::World;
use crate::domain::{Fact, Plan, Step};

/// The workspace and its next name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenameWorkspace {
    /// `wrkspc_…`.
    pub workspace_id: String,
    /// The name, of 1 to 40 characters.
    pub name: String,
}

impl RenameWorkspace {
    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        let workspace = &place(world, &self.workspace_id, "it cannot be renamed")?.workspace;
        if workspace.name == self.name {
            return Err(Failure::mistake(format!("It is called {} already.", self.name), "Nothing was changed."));
        }
        unused(world, Some(&self.workspace_id))?;
        let effect =
            NameWorkspace { workspace_id: workspace.id.clone(), from: workspace.name.clone(), to: self.name.clone() };
        let plan = Plan {
            summary: format!("call the workspace {} {}", workspace.name, self.name),
            steps: vec![Step {
                call: format!("POST /v1/organizations/workspaces/{}", workspace.id),
                does: format!(
                    "{} is called {}; rules of the configuration go by the new name from then on",
                    workspace.name, self.name
                ),
                exact: String::new(),
            }],
            before: vec![Fact::new("Name", workspace.name.clone())],
            after: vec![Fact::new("Name", self.name.clone())],
            cost: None,
            undo: Some(format!("call it {} again", workspace.name)),
        };
        Ok(Draft { plan, effects: vec![Effect::NameWorkspace(effect)] })
    }
}
