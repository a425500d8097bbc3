//! What was changed is shown at once: the directory is not left to the next pass.

use super::applied::Applied;
use super::effect::Effect;
use super::failure::Failure;
use super::pipeline::Pipeline;
use super::world::{Looks, World};
use crate::store::{InviteRow, MemberRow, MembershipRow, Pass};

impl Pipeline {
    /// Reads again what a call changed. A failure here costs freshness only.
    pub(super) async fn reflect(&self, effect: &Effect, applied: &Applied) {
        if let Err(failure) = self.try_reflect(effect, applied).await {
            tracing::warn!(trouble = %failure.logged(), "the directory was not brought up to date after a change");
        }
    }

    async fn try_reflect(&self, effect: &Effect, applied: &Applied) -> Result<(), Failure> {
        let now = self.clock.now();
        match effect {
            Effect::SendInvite(_) => {
                let invite: InviteRow = self.reader.invite(&applied.id).await?.into();
                self.store.write_page(&Pass::Invites(vec![invite]), now).await?;
            }
            Effect::SetRole(_) => {
                let member: MemberRow = self.reader.user(&applied.id).await?.into();
                self.store.write_page(&Pass::Members(vec![member]), now).await?;
            }
            Effect::DeleteInvite(_) => self.store.invite_gone(&applied.id, now).await?,
            Effect::RemoveUser(_) => self.store.member_gone(&applied.id, now).await?,
            Effect::JoinWorkspace(it) => self.reflect_members(it.workspace_id()).await?,
            Effect::LeaveWorkspace(it) => self.reflect_members(it.workspace_id()).await?,
            Effect::SetWorkspaceRole(it) => self.reflect_members(it.workspace_id()).await?,
            Effect::MakeWorkspace(_) => self.reflect_workspace(&applied.id).await?,
            Effect::NameWorkspace(it) => self.reflect_workspace(it.workspace_id()).await?,
            Effect::CloseWorkspace(it) => self.reflect_workspace(it.workspace_id()).await?,
            // Limits are not kept in the directory.
            Effect::SetLimits(_) | Effect::Local(_) => {}
        }
        Ok(())
    }

    /// Reads a workspace again, and what is in it.
    async fn reflect_workspace(&self, workspace_id: &str) -> Result<(), Failure> {
        let looks = Looks::Inside(workspace_id.to_owned());
        World::fresh(&self.store, &self.reader, &looks, self.clock.now()).await.map(|_| ())
    }

    /// Reads again who is in a workspace.
    pub(super) async fn reflect_members(&self, workspace_id: &str) -> Result<(), Failure> {
        let members = self.reader.workspace_members(workspace_id).collect_all().await?;
        let rows: Vec<MembershipRow> = members.into_iter().map(Into::into).collect();
        Ok(self.store.write_memberships(workspace_id, &rows, self.clock.now()).await?)
    }
}
