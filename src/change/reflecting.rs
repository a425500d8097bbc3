//! What was changed is shown at once: the directory is not left to the next pass.

use super::applied::Applied;
use super::effect::Effect;
use super::failure::Failure;
use super::pipeline::Pipeline;
use super::world::{Looks, World};
use crate::store::{InviteRow, MemberRow, Pass, Tx};

impl Pipeline {
    /// Reads again what a call changed. A failure here costs freshness only.
    pub(super) async fn reflect(&self, effect: &Effect, applied: &Applied) {
        if let Err(failure) = self.try_reflect(effect, applied).await {
            tracing::warn!(trouble = %failure.logged(), "the directory was not brought up to date after a change");
        }
    }

    /// Who is in which workspace, and whether a key works, moves with the ledger: no call is needed to know it, and a crash between
    /// the two would leave the copy behind until its next pass. Whoever reports a leak meanwhile would hear that the key is off.
    pub(super) async fn reflect_at_once(
        &self,
        tx: &mut Tx<'_>,
        effect: &Effect,
        applied: &Applied,
    ) -> Result<(), Failure> {
        // Nothing was called.
        if applied.id.is_empty() {
            return Ok(());
        }
        let status = match effect {
            Effect::SetKeyStatus(it) => Some(it.to.as_str()),
            Effect::ParkKey(_) => Some("inactive"),
            // What became of it is not planned, but found out.
            Effect::HandOver(_) => applied.was.as_deref(),
            _ => None,
        };
        if let Some(status) = status {
            return Ok(self.store.write_key_status(tx, &applied.id, status).await?);
        }
        let (workspace, role) = match effect {
            Effect::JoinWorkspace(it) => (it.workspace_id(), Some(it.role.as_str())),
            Effect::LeaveWorkspace(it) => (it.workspace_id(), it.keeps.as_deref()),
            Effect::SetWorkspaceRole(it) => (it.workspace_id(), Some(it.to.as_str())),
            _ => return Ok(()),
        };
        Ok(self.store.write_seat_in(tx, (workspace, &applied.id), role, self.clock.now()).await?)
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
            Effect::MakeWorkspace(_) => self.reflect_workspace(&applied.id).await?,
            Effect::NameWorkspace(it) => self.reflect_workspace(it.workspace_id()).await?,
            Effect::CloseWorkspace(it) => self.reflect_workspace(it.workspace_id()).await?,
            Effect::ParkKey(_) | Effect::NameKey(_) => {
                let key = self.reader.api_key(&applied.id).await?;
                self.store.write_page(&Pass::ApiKeys(vec![key.into()]), now).await?;
            }
            // Limits are not kept in the directory; who is in a workspace, and whether a key works, was written with the ledger.
            Effect::SetLimits(_)
            | Effect::SetKeyStatus(_)
            | Effect::HandOver(_)
            | Effect::Local(_)
            | Effect::JoinWorkspace(_)
            | Effect::LeaveWorkspace(_)
            | Effect::SetWorkspaceRole(_) => {}
        }
        Ok(())
    }

    /// Reads a workspace again, and what is in it.
    async fn reflect_workspace(&self, workspace_id: &str) -> Result<(), Failure> {
        let looks = Looks::Inside(workspace_id.to_owned());
        World::fresh(&self.store, &self.reader, &looks, self.clock.now()).await.map(|_| ())
    }
}
