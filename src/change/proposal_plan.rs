//! What a change comes to.

use super::draft::Draft;
use super::failure::Failure;
use super::proposal::Proposal;
use super::world::World;

impl Proposal {
    /// What will happen in this world, and how.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if it makes no sense in this world.
    pub fn plan(&self, world: &World) -> Result<Draft, Failure> {
        let mut draft = match self {
            Self::Invite(it) => it.plan(world),
            Self::WithdrawInvite(it) => it.plan(world),
            Self::ResendInvite(it) => it.plan(world),
            Self::MemberRole(it) => it.plan(world),
            Self::MemberRemove(it) => it.plan(world),
            Self::Sync(it) => it.plan(world),
            Self::Freeze(it) => it.plan(world),
            Self::Thaw(it) => it.plan(world),
            Self::WorkspaceCreate(it) => it.plan(world),
            Self::WorkspaceRename(it) => it.plan(world),
            Self::WorkspaceArchive(it) => it.plan(world),
            Self::WorkspaceAdd(it) => it.plan(world),
            Self::WorkspaceRemove(it) => it.plan(world),
            Self::WorkspaceRole(it) => it.plan(world),
            Self::WorkspaceLimits(it) => it.plan(world),
            Self::GrantGive(it) => it.plan(world),
            Self::GrantRevoke(it) => it.plan(world),
            Self::Delegate(it) => it.plan(world),
            Self::Undelegate(it) => it.plan(world),
            Self::Link(it) | Self::Attest(it) => it.plan(world),
            Self::Unlink(it) => it.plan(world),
            Self::KeyStatus(it) => it.plan(world),
            Self::TokenSwitch(it) => it.plan(world),
            Self::KeyRename(it) => it.plan(world),
            Self::KeyStock(it) => it.plan(world),
            Self::KeyIssue(it) | Self::KeyRotate(it) => it.plan(world),
            Self::KeyOwner(it) => it.plan(world),
            Self::KeyKeep(it) => it.plan(world),
            Self::LimitSet(it) => it.plan(world),
            Self::LimitRemove(it) => it.plan(world),
            Self::LimitRaise(it) => it.plan(world),
            Self::LimitEndRaise(it) => it.plan(world),
            Self::LimitSnooze(it) => it.plan(world),
            Self::LimitKeep(it) => it.plan(world),
            Self::LimitSlow(it) => it.plan(world),
            Self::LimitStop(it) => it.plan(world),
            Self::LimitRelease(it) => Ok(it.plan(world)),
        }?;
        for (step, effect) in draft.plan.steps.iter_mut().zip(&draft.effects) {
            step.exact = effect.body();
        }
        Ok(draft)
    }
}
