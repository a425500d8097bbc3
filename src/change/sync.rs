//! Bringing workspaces to what the workspace map says: one call for each line of the plan that somebody saw.

use serde::{Deserialize, Serialize};

use super::draft::Draft;
use super::effect::Effect;
use super::failure::Failure;
use super::join_workspace::JoinWorkspace;
use super::leave_workspace::LeaveWorkspace;
use super::set_workspace_role::SetWorkspaceRole;
use super::world::{Looks, World};
use crate::chat::Text;
use crate::domain::{Fact, Move, Plan, Step, SyncLine};

/// One person in one workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncMove {
    /// `wrkspc_…`.
    pub workspace_id: String,
    /// Its name.
    pub workspace: String,
    /// `user_…`.
    pub user_id: String,
    /// Their address.
    pub email: String,
    /// What becomes of them.
    pub act: Move,
}

/// What is to be brought about, line by line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncWorkspaces {
    /// The lines; never one without a call.
    pub moves: Vec<SyncMove>,
}

impl SyncWorkspaces {
    /// Of the lines of a comparison, those that need a call.
    pub fn of<'a>(lines: impl Iterator<Item = &'a SyncLine>) -> Self {
        let moves = lines.filter(|it| it.act.is_call()).map(|it| SyncMove {
            workspace_id: it.workspace_id.clone(),
            workspace: it.workspace.clone(),
            user_id: it.user_id.clone(),
            email: it.email.clone(),
            act: it.act.clone(),
        });
        Self { moves: moves.collect() }
    }

    pub(super) fn looks(&self) -> Looks {
        let mut ids: Vec<&String> = self.moves.iter().map(|it| &it.workspace_id).collect();
        ids.sort();
        ids.dedup();
        Looks::All(ids.into_iter().map(|it| Looks::Members(it.clone())).collect())
    }

    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        let mut steps = Vec::new();
        let mut effects = Vec::new();
        for it in &self.moves {
            let place = world.places.iter().find(|place| place.workspace.id == it.workspace_id);
            let place = place.filter(|place| place.workspace.archived_at.is_none()).ok_or_else(moved)?;
            let is = place.members.iter().find(|(member, _)| member.id == it.user_id).map(|(_, role)| role.as_str());
            let (step, effect) = it.made(is).ok_or_else(moved)?;
            steps.push(step);
            effects.push(effect);
        }
        let count = |word: &str| self.moves.iter().filter(|it| it.act.word() == word).count();
        let (add, change, remove) = (count("add"), count("change"), count("remove"));
        let plan = Plan {
            summary: format!("bring workspaces to the map: {add} to add, {change} to change, {remove} to remove"),
            steps,
            before: Vec::new(),
            after: vec![Fact::new("Memberships changed", self.moves.len().to_string())],
            cost: None,
            undo: None,
        };
        Ok(Draft { plan, effects })
    }
}

impl SyncMove {
    /// The call, if the world is as the plan has it.
    fn made(&self, is: Option<&str>) -> Option<(Step, Effect)> {
        let Self { workspace_id, workspace, user_id, email, act } = self;
        let (workspace_id, workspace) = (workspace_id.clone(), workspace.clone());
        let (user_id, email) = (user_id.clone(), email.clone());
        Some(match act {
            Move::Add { role } if is.is_none() => {
                let role = role.clone();
                let call = JoinWorkspace { workspace_id, workspace, email, user_id: Some(user_id), role };
                (call.step(), Effect::JoinWorkspace(call))
            }
            Move::Change { from, to } if is == Some(from) => {
                let (from, to) = (from.clone(), to.clone());
                let call = SetWorkspaceRole { workspace_id, workspace, email, user_id, from, to };
                (call.step(), Effect::SetWorkspaceRole(call))
            }
            Move::Remove { from } if is == Some(from) => {
                let call = LeaveWorkspace { workspace_id, workspace, email, user_id, role: from.clone(), keeps: None };
                (call.step(), Effect::LeaveWorkspace(call))
            }
            _ => return None,
        })
    }
}

fn moved() -> Failure {
    Failure::mistake(
        "The workspaces have changed since this was planned.",
        Text::plain("Nothing was changed. Look again: ").command("sync").then("."),
    )
}
