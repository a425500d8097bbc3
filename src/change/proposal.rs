//! The kinds of change, as one type: what a command proposes and a row holds.

use serde::{Deserialize, Serialize};

use super::draft::Draft;
use super::failure::Failure;
use super::invite::Invite;
use super::invite_resend::ResendInvite;
use super::invite_withdraw::WithdrawInvite;
use super::link_account::LinkAccount;
use super::member_remove::RemoveMember;
use super::member_role::SetMemberRole;
use super::unlink_account::UnlinkAccount;
use super::world::{Looks, World};
use crate::domain::{Kind, Permission, Toward};

/// A change that somebody wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Proposal {
    /// Ask somebody in.
    Invite(Invite),
    /// Take an open invitation back.
    WithdrawInvite(WithdrawInvite),
    /// Send an invitation anew.
    ResendInvite(ResendInvite),
    /// Change a member's role.
    MemberRole(SetMemberRole),
    /// Remove a member.
    MemberRemove(RemoveMember),
    /// Give a chat account to a member, who shows that it is theirs.
    Link(LinkAccount),
    /// Say whose a chat account is.
    Attest(LinkAccount),
    /// Take a chat account away from its person.
    Unlink(UnlinkAccount),
}

impl Proposal {
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Invite(_) => Kind::Invite,
            Self::WithdrawInvite(_) => Kind::WithdrawInvite,
            Self::ResendInvite(_) => Kind::ResendInvite,
            Self::MemberRole(_) => Kind::MemberRole,
            Self::MemberRemove(_) => Kind::MemberRemove,
            Self::Link(_) => Kind::Link,
            Self::Attest(_) => Kind::LinkAttest,
            Self::Unlink(_) => Kind::LinkRemove,
        }
    }

    /// What it is about: two open changes of one kind never share it.
    #[must_use]
    pub fn subject(&self) -> String {
        match self {
            Self::Invite(it) => it.email.clone(),
            Self::WithdrawInvite(it) => it.email.clone(),
            Self::ResendInvite(it) => it.email.clone(),
            Self::MemberRole(it) => it.user_id.clone(),
            Self::MemberRemove(it) => it.user_id.clone(),
            Self::Link(it) | Self::Attest(it) => it.account.to_string(),
            Self::Unlink(it) => it.account.to_string(),
        }
    }

    /// The permissions that asking for it needs, all of them; `own` is the member that the asker is.
    #[must_use]
    pub fn needs(&self, _own: Option<&str>) -> Vec<(Permission, Toward)> {
        match self {
            Self::Invite(_) => vec![(Permission::Invite, Toward::Other)],
            Self::Link(_) | Self::Attest(_) | Self::Unlink(_) => vec![(Permission::Admin, Toward::Other)],
            _ => vec![(Permission::MemberManage, Toward::Other)],
        }
    }

    /// The one workspace that it is about, by name: policies, roles and approvers of that workspace count.
    #[must_use]
    pub fn workspace<'a>(&self, _world: &'a World) -> Option<&'a str> {
        None
    }

    /// What has to be looked at to plan it.
    #[must_use]
    pub fn looks(&self) -> Looks {
        match self {
            Self::Invite(it) => {
                let seats = it.seats.iter().map(|seat| Looks::Workspace(seat.workspace_id.clone()));
                Looks::All([Looks::Email(it.email.clone())].into_iter().chain(seats).collect())
            }
            Self::ResendInvite(it) => Looks::Email(it.email.clone()),
            Self::WithdrawInvite(it) => Looks::Invite(it.invite_id.clone()),
            Self::MemberRole(it) => Looks::Member(it.user_id.clone()),
            Self::MemberRemove(it) => Looks::Member(it.user_id.clone()),
            Self::Link(it) | Self::Attest(it) => Looks::All(vec![
                Looks::Member(it.member_id.clone()),
                Looks::Link(it.account.clone(), it.member_id.clone()),
            ]),
            Self::Unlink(it) => Looks::Link(it.account.clone(), it.member_id.clone()),
        }
    }

    /// True for what the policy table asks a second admin for: `billing` given or taken, and removals.
    #[must_use]
    pub fn weighty(&self, world: &World) -> bool {
        match self {
            Self::Invite(it) => it.role == "billing",
            Self::ResendInvite(it) => it.role == "billing",
            Self::MemberRole(it) => it.role == "billing" || world.members.iter().any(|member| member.role == "billing"),
            Self::MemberRemove(_) => true,
            Self::WithdrawInvite(_) => false,
            Self::Link(it) | Self::Attest(it) => !it.gives.is_empty(),
            Self::Unlink(it) => !it.takes.is_empty(),
        }
    }

    /// True for what somebody has to confirm by typing before it is asked for. Links are not: the second admin looks.
    #[must_use]
    pub fn is_typed_out(&self, world: &World) -> bool {
        self.weighty(world) && !self.kind().is_about_links()
    }

    /// What somebody has to type before a weighty change is asked for: the address that it concerns.
    #[must_use]
    pub fn confirmed_by(&self, world: &World) -> String {
        world.members.first().map_or_else(|| self.subject(), |member| member.email.clone())
    }

    /// The member whom it concerns, so that they do not decide about themselves.
    #[must_use]
    pub fn beneficiary<'a>(&'a self, world: &'a World) -> Option<&'a str> {
        if let Self::Unlink(it) = self {
            return Some(&it.member_id);
        }
        world.members.first().map(|member| member.id.as_str())
    }

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
            Self::Link(it) | Self::Attest(it) => it.plan(world),
            Self::Unlink(it) => it.plan(world),
        }?;
        for (step, effect) in draft.plan.steps.iter_mut().zip(&draft.effects) {
            step.exact = effect.body();
        }
        Ok(draft)
    }

    /// As JSON, for the row.
    ///
    /// # Panics
    ///
    /// Never: proposals are made of strings.
    #[must_use]
    pub fn body(&self) -> String {
        serde_json::to_string(self).expect("a proposal is made of strings, which always have a JSON form")
    }
}
