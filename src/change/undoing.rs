//! Taking a change back: a change of its own, through the same pipeline.

use super::applied::Applied;
use super::asker::Asker;
use super::deciding::unknown;
use super::delegate::Undelegate;
use super::effect::Effect;
use super::failure::Failure;
use super::freeze::Thaw;
use super::grant_revoke::RevokeGrant;
use super::invite_withdraw::WithdrawInvite;
use super::key_status::SwitchKey;
use super::ledger::read;
use super::limit_raise::EndRaise;
use super::limit_set::{RemoveLimit, SetLimit};
use super::local::Local;
use super::member_role::SetMemberRole;
use super::pipeline::{Pipeline, Proposed, Request};
use super::proposal::Proposal;
use super::token_switch::SwitchToken;
use super::unlink_account::UnlinkAccount;
use super::workspace_archive::ArchiveWorkspace;
use super::workspace_member::{AddToWorkspace, ChangeWorkspaceRole, RemoveFromWorkspace};
use super::workspace_rename::RenameWorkspace;
use super::world::{Looks, Seen, World};
use crate::chat::Text;
use crate::domain::{Change, ChangeId, State, numbered};
use crate::store::{EffectRow, EffectState};

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
        let is_done = results.iter().all(|it| it.state == EffectState::Done);
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
            (Proposal::Freeze(frozen), _) => {
                let done = |it: &EffectRow| serde_json::from_str::<Applied>(it.result.as_deref()?).ok();
                let keys = results.iter().filter_map(done).map(|it| it.id).filter(|it| it.starts_with("apikey_"));
                let off = results.iter().filter(|it| matches!(read(it), Ok(Effect::Local(Local::SwitchTokens(_)))));
                let off = off.filter_map(done).filter_map(|it| it.was);
                let tokens = off.flat_map(|it| it.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
                Ok(Proposal::Thaw(Thaw { user_id: frozen.user_id, keys: keys.collect(), tokens: tokens.collect() }))
            }
            (Proposal::WorkspaceCreate(_), Some(applied)) if !applied.id.is_empty() => self.unmake(applied.id).await,
            (Proposal::WorkspaceRename(it), Some(Applied { was: Some(was), .. })) => {
                Ok(Proposal::WorkspaceRename(RenameWorkspace { name: was, ..it }))
            }
            (Proposal::WorkspaceAdd(it), Some(_)) => Ok(Proposal::WorkspaceRemove(RemoveFromWorkspace {
                workspace_id: it.workspace_id,
                user_id: it.user_id,
            })),
            (Proposal::WorkspaceRemove(it), Some(Applied { was: Some(role), .. })) => {
                let RemoveFromWorkspace { workspace_id, user_id } = it;
                Ok(Proposal::WorkspaceAdd(AddToWorkspace { workspace_id, user_id, role }))
            }
            (Proposal::WorkspaceRole(it), Some(Applied { was: Some(role), .. })) => {
                Ok(Proposal::WorkspaceRole(ChangeWorkspaceRole { role, ..it }))
            }
            (Proposal::WorkspaceLimits(it), _) if is_done => Ok(Proposal::WorkspaceLimits(it.reversed())),
            (Proposal::GrantGive(it), Some(applied)) => match numbered('G', &applied.id) {
                Some(number) => Ok(Proposal::GrantRevoke(RevokeGrant { number, terms: it.terms })),
                None => Err(Failure::internal("a grant's number cannot be read")),
            },
            (Proposal::Delegate(it), Some(applied)) => match numbered('D', &applied.id) {
                Some(number) => Ok(Proposal::Undelegate(Undelegate { number, terms: it.terms })),
                None => Err(Failure::internal("a delegation's number cannot be read")),
            },
            (Proposal::KeyStatus(it), Some(Applied { was: Some(to), .. })) => {
                Ok(Proposal::KeyStatus(SwitchKey { to, retires: false, ..it }))
            }
            (Proposal::TokenSwitch(it), Some(Applied { was: Some(to), .. })) => {
                Ok(Proposal::TokenSwitch(SwitchToken { to, ..it }))
            }
            (Proposal::KeyIssue(_), Some(applied)) => self.take_back_key(&applied, &results).await,
            (Proposal::Link(it) | Proposal::Attest(it), Some(_)) => {
                Ok(Proposal::Unlink(UnlinkAccount::new(it.account, it.member_id, true)))
            }
            (proposal, Some(applied)) => limit_reversed(proposal, &applied, change.id.number()),
            _ => Err(never()),
        }
    }

    /// What was issued is switched off: one click brings it back.
    async fn take_back_key(&self, first: &Applied, results: &[EffectRow]) -> Result<Proposal, Failure> {
        if self.store.token_rule(&first.id).await?.is_some() {
            return Ok(Proposal::TokenSwitch(SwitchToken { id: first.id.clone(), to: "revoked".into() }));
        }
        let ids = results.iter().filter_map(|it| serde_json::from_str::<Applied>(it.result.as_deref()?).ok());
        match ids.map(|it| it.id).find(|it| it.starts_with("apikey_")) {
            Some(key_id) => Ok(Proposal::KeyStatus(SwitchKey::to(key_id, "inactive"))),
            None => Err(Failure::mistake("There is no key yet.", "Nothing was changed.")),
        }
    }

    /// What was made is archived, as long as nothing but what the organization's roles bring along is in it.
    async fn unmake(&self, workspace_id: String) -> Result<Proposal, Failure> {
        let looks = Looks::Inside(workspace_id.clone());
        let world = World::fresh(&self.store, &self.reader, &looks, self.clock.now()).await?;
        let brought_along = |role: &str| role == "admin" || role == "billing";
        let in_use = |it: &Seen| !it.keys.is_empty() || !it.members.iter().all(|(it, _)| brought_along(&it.role));
        if world.places.iter().any(in_use) {
            return Err(Failure::mistake(
                "There are people or API keys in it by now, so it is not simply taken back.",
                Text::plain("Nothing was changed. To close it all the same: ")
                    .command(format!("workspace archive {workspace_id}"))
                    .then("."),
            ));
        }
        Ok(Proposal::WorkspaceArchive(ArchiveWorkspace { workspace_id }))
    }
}

fn never() -> Failure {
    Failure::mistake("This cannot be taken back.", "Nothing was changed.")
}

/// What takes a change about a limit back.
fn limit_reversed(proposal: Proposal, applied: &Applied, number: i64) -> Result<Proposal, Failure> {
    let was = applied.was.as_deref().and_then(|it| serde_json::from_str(it).ok());
    Ok(match (proposal, was) {
        (Proposal::LimitSet(it), None) => Proposal::LimitRemove(RemoveLimit { id: it.terms.id(), name: it.name }),
        (Proposal::LimitSet(SetLimit { name, .. }) | Proposal::LimitRemove(RemoveLimit { name, .. }), Some(terms)) => {
            Proposal::LimitSet(SetLimit { terms, name })
        }
        (Proposal::LimitRaise(raise), _) => Proposal::LimitEndRaise(EndRaise { change: number, raise }),
        (Proposal::LimitSnooze(it), _) if it.until.is_some() => Proposal::LimitSnooze(it.ended()),
        (Proposal::LimitKeep(it), _) if !it.ends => Proposal::LimitKeep(it.ended()),
        (Proposal::LimitSlow(it), _) => Proposal::LimitRelease(it.released(number)),
        (Proposal::LimitStop(it), _) => Proposal::LimitRelease(it.released(number)),
        _ => return Err(never()),
    })
}
