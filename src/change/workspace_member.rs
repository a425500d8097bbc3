//! Who works where: adding somebody to a workspace, taking them out, changing their role there. One call each.
//!
//! What the organization's roles bring along cannot be given or taken here: its admins are `workspace_admin` everywhere, its
//! billing members `workspace_billing`, who can be raised to `workspace_admin` and lowered again.

use serde::{Deserialize, Serialize};

use super::draft::{Draft, no_such_member};
use super::effect::Effect;
use super::failure::Failure;
use super::join_workspace::JoinWorkspace;
use super::leave_workspace::LeaveWorkspace;
use super::placing::{place, typed};
use super::set_workspace_role::SetWorkspaceRole;
use super::world::{Seen, World};
use crate::chat::Text;
use crate::domain::{Fact, Plan, Step, WorkspaceRole};
use crate::store::MemberRow;

const DEFAULT: &str = "everybody is in it, with what their role in the organization brings along";
const ADMIN: &str = "workspace_admin";
const BILLING: &str = "workspace_billing";

/// Lets a member of the organization into a workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddToWorkspace {
    /// `wrkspc_…`.
    pub workspace_id: String,
    /// `user_…`.
    pub user_id: String,
    /// The role there, as the API calls it.
    pub role: String,
}

/// Takes a member out of a workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoveFromWorkspace {
    /// `wrkspc_…`.
    pub workspace_id: String,
    /// `user_…`.
    pub user_id: String,
}

/// Gives a member another role in a workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeWorkspaceRole {
    /// `wrkspc_…`.
    pub workspace_id: String,
    /// `user_…`.
    pub user_id: String,
    /// The role there from now on, as the API calls it.
    pub role: String,
}

/// Somebody, a workspace, and what they are there now.
struct Placed<'w> {
    seen: &'w Seen,
    member: &'w MemberRow,
    /// Their role there, given or brought along; none: they are not in it.
    role: Option<&'w str>,
}

impl<'w> Placed<'w> {
    fn find(world: &'w World, workspace_id: &str, user_id: &str) -> Result<Self, Failure> {
        let seen = place(world, workspace_id, DEFAULT)?;
        let Some(member) = world.members.iter().find(|it| it.id == user_id) else { return Err(no_such_member()) };
        if member.role == "admin" {
            return Err(Failure::mistake(
                format!("{} is an admin of the organization, and so workspace_admin in every workspace.", member.email),
                "Nothing was changed. Admins are made and unmade in the Console, under Settings, Members.",
            ));
        }
        let role = seen.members.iter().find(|(it, _)| it.id == user_id).map(|(_, role)| role.as_str());
        Ok(Self { seen, member, role })
    }

    fn workspace(&self) -> &'w str {
        &self.seen.workspace.name
    }

    /// Can this role be given to them?
    fn may_be(&self, role: &str) -> Result<(), Failure> {
        if role.parse::<WorkspaceRole>().is_err() {
            return Err(Failure::mistake(
                format!("The role {role} cannot be given through the API."),
                "Nothing was changed.",
            ));
        }
        if self.member.role == "billing" && role != ADMIN {
            return Err(Failure::mistake(
                format!(
                    "{} is billing in the organization, and so workspace_billing in every workspace.",
                    self.member.email
                ),
                "Nothing was changed. They can only be raised to workspace_admin, or lowered again.",
            ));
        }
        Ok(())
    }

    fn not_in(&self) -> Failure {
        Failure::mistake(
            format!("{} is not in {}.", self.member.email, self.workspace()),
            Text::plain("Nothing was changed. To let them in: ")
                .command(format!("workspace add {} {}", typed(&self.seen.workspace), self.member.email))
                .then("."),
        )
    }

    fn draft(&self, said: Said, step: Step, effect: Effect) -> Draft {
        let name = format!("Role in {}", self.workspace());
        let plan = Plan {
            summary: said.summary,
            steps: vec![step],
            before: vec![Fact::new(&name, self.role.unwrap_or("not a member"))],
            after: vec![Fact::new(&name, said.after)],
            cost: None,
            undo: Some(said.undo),
        };
        Draft { plan, effects: vec![effect] }
    }
}

/// What a plan says in its own words.
struct Said {
    summary: String,
    after: String,
    undo: String,
}

impl AddToWorkspace {
    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        let placed = Placed::find(world, &self.workspace_id, &self.user_id)?;
        placed.may_be(&self.role)?;
        let (email, workspace) = (&placed.member.email, placed.workspace());
        // What billing brings along is no place that was given: they can be raised.
        if let Some(role) = placed.role.filter(|it| *it != BILLING) {
            let hint = Text::plain("Nothing was changed. Another role is given with ");
            return Err(Failure::mistake(
                format!("{email} is in {workspace} already, as {role}."),
                hint.command(format!("workspace role {} {email} …", typed(&placed.seen.workspace))).then("."),
            ));
        }
        let effect = JoinWorkspace::new(&placed.seen.workspace, placed.member, &self.role);
        let said = Said {
            summary: format!("add {email} to {workspace} as {}", self.role),
            after: self.role.clone(),
            undo: "take them out again".into(),
        };
        Ok(placed.draft(said, effect.step(), Effect::JoinWorkspace(effect)))
    }
}

impl RemoveFromWorkspace {
    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        let placed = Placed::find(world, &self.workspace_id, &self.user_id)?;
        let (email, workspace) = (&placed.member.email, placed.workspace());
        let Some(role) = placed.role else { return Err(placed.not_in()) };
        if role == BILLING {
            return Err(Failure::mistake(
                format!("{email} is billing in the organization, and so workspace_billing in every workspace."),
                "Nothing was changed. It ends with their role in the organization.",
            ));
        }
        let effect = LeaveWorkspace::new(&placed.seen.workspace, placed.member, role);
        let said = Said {
            summary: format!("take {email} out of {workspace}"),
            after: effect.after().to_owned(),
            undo: format!("let them in again, as {role}"),
        };
        Ok(placed.draft(said, effect.step(), Effect::LeaveWorkspace(effect)))
    }
}

impl ChangeWorkspaceRole {
    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        let placed = Placed::find(world, &self.workspace_id, &self.user_id)?;
        let (email, workspace) = (&placed.member.email, placed.workspace());
        let Some(role) = placed.role else { return Err(placed.not_in()) };
        if role == self.role {
            return Err(Failure::mistake(format!("{email} is {role} in {workspace} already."), "Nothing was changed."));
        }
        placed.may_be(&self.role)?;
        if role == BILLING {
            let hint = Text::plain("Nothing was changed. To raise them there: ");
            let raise = format!("workspace add {} {email} --role {ADMIN}", typed(&placed.seen.workspace));
            return Err(Failure::mistake(
                format!("{email} is in {workspace} only by the role billing in the organization."),
                hint.command(raise).then("."),
            ));
        }
        let effect = SetWorkspaceRole::new(&placed.seen.workspace, placed.member, (role, &self.role));
        let said = Said {
            summary: format!("make {email} {} in {workspace} instead of {role}", self.role),
            after: self.role.clone(),
            undo: format!("make them {role} there again"),
        };
        Ok(placed.draft(said, effect.step(), Effect::SetWorkspaceRole(effect)))
    }
}
