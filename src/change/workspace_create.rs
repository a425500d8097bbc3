//! Making a workspace: one `POST` on `/v1/organizations/workspaces`.

use serde::{Deserialize, Serialize};

use super::draft::Draft;
use super::effect::Effect;
use super::failure::Failure;
use super::make_workspace::MakeWorkspace;
use super::placing::unused;
use super::world::World;
use crate::domain::{Fact, Plan, Step};

/// The workspace to make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateWorkspace {
    /// Its name, of 1 to 40 characters.
    pub name: String,
}

impl CreateWorkspace {
    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        unused(world, None)?;
        let mut known: Vec<String> = world.namesakes.iter().map(|it| it.id.clone()).collect();
        known.sort();
        let effect = MakeWorkspace { name: self.name.clone(), known };
        let plan = Plan {
            summary: format!("make a workspace called {}", self.name),
            steps: vec![Step {
                call: "POST /v1/organizations/workspaces".into(),
                does: format!(
                    "{} is made; admins and billing members of the organization are in it at once",
                    self.name
                ),
                exact: String::new(),
            }],
            before: vec![Fact::new("Workspace", "none of this name")],
            after: vec![Fact::new("Workspace", self.name.clone())],
            cost: None,
            undo: Some("ask a second admin to archive it, as long as nobody was added and no API key was made".into()),
        };
        Ok(Draft { plan, effects: vec![Effect::MakeWorkspace(effect)] })
    }
}
