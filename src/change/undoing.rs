//! Taking a change back: a change of its own, through the same pipeline.

use super::applied::Applied;
use super::asker::Asker;
use super::deciding::unknown;
use super::failure::Failure;
use super::invite_withdraw::WithdrawInvite;
use super::member_role::SetMemberRole;
use super::pipeline::{Pipeline, Proposed, Request};
use super::proposal::Proposal;
use super::unlink_account::UnlinkAccount;
use crate::chat::Text;
use crate::domain::{Change, ChangeId, State};
use crate::store::EffectState;

/// How somebody asks to take a change back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Undoing {
    /// Why, in their words.
    pub reason: Option<String>,
    /// Only show what would happen.
    pub dry_run: bool,
    /// What was typed to confirm it, where it is weighty.
    pub confirmed: Option<String>,
}

impl Pipeline {
    /// Asks to take an applied change back.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if it was not applied, was undone, or cannot be taken back.
    pub async fn undo(&self, id: &ChangeId, by: &Asker, undoing: Undoing) -> Result<Proposed, Failure> {
        let Some(change) = self.store.change(id).await? else { return Err(unknown()) };
        if change.state == State::Undone {
            return Err(Failure::mistake(
                "This was taken back already.",
                Text::plain("See ").command(format!("request show {id}")).then("."),
            ));
        }
        // Half-way, while it waits for an event, it can be taken back as well.
        let waits = change.state == State::Applying && self.waits(&change).await?;
        if change.state != State::Applied && !waits {
            return Err(Failure::mistake(
                format!("This is {}, so there is nothing to take back.", change.state),
                "Nothing was changed.",
            ));
        }
        let proposal = self.reverse(&change).await?;
        let Undoing { reason, dry_run, confirmed } = undoing;
        let request = Request { proposal, reason, dry_run, undoes: Some(change.id.clone()), confirmed };
        self.propose(request, by).await
    }

    /// Asks anew for what came to nothing: denied, expired, withdrawn, lapsed or failed.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if it is still open or was made.
    pub async fn again(&self, id: &ChangeId, by: &Asker, undoing: Undoing) -> Result<Proposed, Failure> {
        let Some(change) = self.store.change(id).await? else { return Err(unknown()) };
        if change.state.is_open() || matches!(change.state, State::Applied | State::Undone) {
            return Err(Failure::mistake(
                format!("This is {}, so there is no need to ask again.", change.state),
                Text::plain("See ").command(format!("request show {id}")).then("."),
            ));
        }
        let proposal =
            serde_json::from_str(&change.asked.body).map_err(|_| Failure::internal("a change's row cannot be read"))?;
        let Undoing { reason, dry_run, confirmed } = undoing;
        let reason = reason.or(change.asked.reason);
        self.propose(Request { proposal, reason, dry_run, undoes: None, confirmed }, by).await
    }

    /// True if what was begun is done, and the next call is not begun: it waits for its event.
    async fn waits(&self, change: &Change) -> Result<bool, Failure> {
        let states: Vec<_> = self.store.effects(change.id.number()).await?.into_iter().map(|it| it.state).collect();
        let settled = states.iter().all(|it| matches!(it, EffectState::Done | EffectState::Planned));
        Ok(settled && states.first() == Some(&EffectState::Done))
    }

    async fn reverse(&self, change: &Change) -> Result<Proposal, Failure> {
        let results = self.store.effects(change.id.number()).await?;
        let first: Option<Applied> =
            results.first().and_then(|it| it.result.as_deref()).and_then(|it| serde_json::from_str(it).ok());
        let proposal: Proposal =
            serde_json::from_str(&change.asked.body).map_err(|_| Failure::internal("a change's row cannot be read"))?;
        match (proposal, first) {
            (Proposal::Invite(invite), Some(applied)) => {
                Ok(Proposal::WithdrawInvite(WithdrawInvite { invite_id: applied.id, email: invite.email }))
            }
            (Proposal::MemberRole(role), Some(Applied { was: Some(was), .. })) => {
                Ok(Proposal::MemberRole(SetMemberRole { user_id: role.user_id, role: was }))
            }
            (Proposal::Link(it) | Proposal::Attest(it), Some(_)) => {
                Ok(Proposal::Unlink(UnlinkAccount::new(it.account, it.member_id, true)))
            }
            _ => Err(Failure::mistake("This cannot be taken back.", "Nothing was changed.")),
        }
    }
}
