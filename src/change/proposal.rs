//! The kinds of change, as one type: what a command proposes and a row holds.

use serde::{Deserialize, Serialize};

use super::brake::{ReleaseBrake, SlowDown, StopKeys};
use super::delegate::{Delegate, Undelegate};
use super::freeze::{Freeze, Thaw};
use super::grant_give::GiveGrant;
use super::grant_revoke::RevokeGrant;
use super::invite::Invite;
use super::invite_resend::ResendInvite;
use super::invite_withdraw::WithdrawInvite;
use super::key_books::{KeepKey, OwnKey};
use super::key_issue::IssueKey;
use super::key_rename::RenameKey;
use super::key_status::SwitchKey;
use super::key_stock::StockKeys;
use super::limit_raise::{EndRaise, PinKey, RaiseLimit, SnoozeLimit};
use super::limit_set::{RemoveLimit, SetLimit};
use super::link_account::LinkAccount;
use super::member_remove::RemoveMember;
use super::member_role::SetMemberRole;
use super::sync::SyncWorkspaces;
use super::token_switch::SwitchToken;
use super::unlink_account::UnlinkAccount;
use super::workspace_archive::ArchiveWorkspace;
use super::workspace_create::CreateWorkspace;
use super::workspace_limits::SetWorkspaceLimits;
use super::workspace_member::{AddToWorkspace, ChangeWorkspaceRole, RemoveFromWorkspace};
use super::workspace_rename::RenameWorkspace;
use super::world::World;
use crate::domain::{Amount, Environment, Kind, Permission, PersonId, Toward, Within, spoken_name};

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
    /// Bring workspaces to what the workspace map says.
    Sync(SyncWorkspaces),
    /// Let whoever leaves do nothing any more.
    Freeze(Freeze),
    /// Give back what a freeze took.
    Thaw(Thaw),
    /// Make a workspace.
    WorkspaceCreate(CreateWorkspace),
    /// Give a workspace another name.
    WorkspaceRename(RenameWorkspace),
    /// Archive a workspace.
    WorkspaceArchive(ArchiveWorkspace),
    /// Let a member into a workspace.
    WorkspaceAdd(AddToWorkspace),
    /// Take a member out of a workspace.
    WorkspaceRemove(RemoveFromWorkspace),
    /// Change a member's role in a workspace.
    WorkspaceRole(ChangeWorkspaceRole),
    /// Set or clear a workspace's rate limits.
    WorkspaceLimits(SetWorkspaceLimits),
    /// Grant somebody a permission.
    GrantGive(GiveGrant),
    /// Revoke a grant.
    GrantRevoke(RevokeGrant),
    /// Have somebody stand in for an approver.
    Delegate(Delegate),
    /// End that before its time.
    Undelegate(Undelegate),
    /// Give a chat account to a member, who shows that it is theirs.
    Link(LinkAccount),
    /// Say whose a chat account is.
    Attest(LinkAccount),
    /// Take a chat account away from its person.
    Unlink(UnlinkAccount),
    /// Switch an API key off, on again, or off for good.
    KeyStatus(SwitchKey),
    /// Switch somebody's access by tokens off, on again, or off for good.
    TokenSwitch(SwitchToken),
    /// Give an API key another name.
    KeyRename(RenameKey),
    /// Put API keys into the stock.
    KeyStock(StockKeys),
    /// Issue an API key.
    KeyIssue(IssueKey),
    /// Issue an API key in place of another one.
    KeyRotate(IssueKey),
    /// Have somebody look after an API key.
    KeyOwner(OwnKey),
    /// Go on with an API key for a while.
    KeyKeep(KeepKey),
    /// Set a limit of what is spent.
    LimitSet(SetLimit),
    /// Remove a limit.
    LimitRemove(RemoveLimit),
    /// More than a limit for a while.
    LimitRaise(RaiseLimit),
    /// End that before its time.
    LimitEndRaise(EndRaise),
    /// Say nothing of a limit for a while.
    LimitSnooze(SnoozeLimit),
    /// Keep brakes off an API key.
    LimitKeep(PinKey),
    /// Lower a workspace's rate limits, because of a limit.
    LimitSlow(SlowDown),
    /// Switch API keys off, because of a limit.
    LimitStop(StopKeys),
    /// Take the brake of a limit off.
    LimitRelease(ReleaseBrake),
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
            Self::Sync(_) => Kind::Sync,
            Self::Freeze(_) => Kind::MemberFreeze,
            Self::Thaw(_) => Kind::MemberThaw,
            Self::WorkspaceCreate(_) => Kind::WorkspaceCreate,
            Self::WorkspaceRename(_) => Kind::WorkspaceRename,
            Self::WorkspaceArchive(_) => Kind::WorkspaceArchive,
            Self::WorkspaceAdd(_) | Self::WorkspaceRemove(_) | Self::WorkspaceRole(_) => Kind::WorkspaceMember,
            Self::WorkspaceLimits(_) => Kind::WorkspaceLimits,
            Self::GrantGive(_) => Kind::GrantGive,
            Self::GrantRevoke(_) => Kind::GrantRevoke,
            Self::Delegate(_) => Kind::Delegate,
            Self::Undelegate(_) => Kind::Undelegate,
            Self::Link(_) => Kind::Link,
            Self::Attest(_) => Kind::LinkAttest,
            Self::Unlink(_) => Kind::LinkRemove,
            Self::KeyStatus(_) | Self::TokenSwitch(_) => Kind::KeyStatus,
            Self::KeyRename(_) => Kind::KeyRename,
            Self::KeyStock(_) => Kind::KeyStock,
            Self::KeyIssue(_) => Kind::KeyIssue,
            Self::KeyRotate(_) => Kind::KeyRotate,
            Self::KeyOwner(_) => Kind::KeyOwner,
            Self::KeyKeep(_) => Kind::KeyKeep,
            Self::LimitSet(_) => Kind::LimitSet,
            Self::LimitRemove(_) | Self::LimitEndRaise(_) => Kind::LimitRemove,
            Self::LimitRaise(_) => Kind::LimitRaise,
            Self::LimitSnooze(_) => Kind::LimitSnooze,
            Self::LimitKeep(_) => Kind::LimitKeep,
            Self::LimitSlow(_) => Kind::LimitSlow,
            Self::LimitStop(_) => Kind::LimitStop,
            Self::LimitRelease(_) => Kind::LimitRelease,
        }
    }

    /// The permissions that asking for it needs, all of them; `own` is the member that the asker is.
    #[must_use]
    pub fn needs(&self, own: Option<&str>) -> Vec<(Permission, Toward)> {
        match self {
            // Whoever is let into a workspace is let in, by whatever way.
            Self::Invite(it) if !it.seats.is_empty() => {
                vec![(Permission::Invite, Toward::Other), (Permission::WorkspaceJoin, Toward::Other)]
            }
            Self::WorkspaceCreate(_)
            | Self::WorkspaceRename(_)
            | Self::WorkspaceArchive(_)
            | Self::WorkspaceLimits(_) => vec![(Permission::WorkspaceManage, Toward::Other)],
            Self::WorkspaceAdd(AddToWorkspace { user_id, .. })
            | Self::WorkspaceRemove(RemoveFromWorkspace { user_id, .. })
            | Self::WorkspaceRole(ChangeWorkspaceRole { user_id, .. }) => {
                let toward = if own == Some(user_id.as_str()) { Toward::Oneself } else { Toward::Other };
                vec![(Permission::WorkspaceJoin, toward)]
            }
            Self::Invite(_) => vec![(Permission::Invite, Toward::Other)],
            Self::Sync(_) | Self::Freeze(_) | Self::Thaw(_) => {
                vec![(Permission::MemberManage, Toward::Other), (Permission::WorkspaceJoin, Toward::Other)]
            }
            Self::GrantGive(_) | Self::GrantRevoke(_) | Self::Delegate(_) | Self::Undelegate(_) => {
                vec![(Permission::Admin, Toward::Other)]
            }
            Self::Link(_) | Self::Attest(_) | Self::Unlink(_) => vec![(Permission::Admin, Toward::Other)],
            Self::KeyStatus(_)
            | Self::TokenSwitch(_)
            | Self::KeyRename(_)
            | Self::KeyStock(_)
            | Self::KeyRotate(_)
            | Self::KeyOwner(_)
            | Self::KeyKeep(_) => vec![(Permission::KeyManage, Toward::Other)],
            Self::KeyIssue(_) => vec![(Permission::KeyGet, Toward::Oneself)],
            Self::LimitRaise(_) | Self::LimitKeep(_) => vec![(Permission::LimitRaise, Toward::Other)],
            Self::LimitSet(_)
            | Self::LimitRemove(_)
            | Self::LimitEndRaise(_)
            | Self::LimitSnooze(_)
            | Self::LimitSlow(_)
            | Self::LimitStop(_)
            | Self::LimitRelease(_) => vec![(Permission::LimitManage, Toward::Other)],
            _ => vec![(Permission::MemberManage, Toward::Other)],
        }
    }

    /// The one workspace that it is about, by name: policies, roles and approvers of that workspace count.
    #[must_use]
    pub fn workspace<'a>(&'a self, world: &'a World) -> Option<&'a str> {
        match self.kind() {
            // An invitation leads into the organization first, and what is new has no rules of its own yet.
            Kind::WorkspaceRename
            | Kind::WorkspaceArchive
            | Kind::WorkspaceMember
            | Kind::WorkspaceLimits
            | Kind::KeyStock
            | Kind::KeyIssue
            | Kind::KeyRotate
            | Kind::LimitSet
            | Kind::LimitRemove
            | Kind::LimitRaise
            | Kind::LimitSlow => world.places.first().map(|it| it.workspace.name.as_str()),
            _ => self.within().map(|it| it.name.as_str()),
        }
    }

    /// The workspace that a grant or a delegation is for.
    pub(super) fn within(&self) -> Option<&Within> {
        match self {
            Self::GrantGive(it) => it.terms.within.as_ref(),
            Self::GrantRevoke(it) => it.terms.within.as_ref(),
            Self::Delegate(it) => it.terms.within.as_ref(),
            Self::Undelegate(it) => it.terms.within.as_ref(),
            _ => None,
        }
    }

    /// Where what it gives will be used, if that is more than the workspace's own word.
    #[must_use]
    pub fn environment(&self) -> Option<Environment> {
        match self {
            Self::KeyIssue(it) | Self::KeyRotate(it) => it.terms.as_ref().map(|it| it.environment),
            _ => None,
        }
    }

    /// Whose rights grow by it: they do not decide about it, and if they ask for it themselves, somebody else agrees.
    #[must_use]
    pub fn gains(&self) -> Option<&PersonId> {
        match self {
            Self::GrantGive(it) => Some(&it.terms.holder.id),
            Self::Delegate(it) => Some(&it.terms.to.id),
            _ => None,
        }
    }

    /// True for what somebody types an address for before it is asked: what is weighty, but for Steward's own books, where all
    /// of it can be taken back, and for links, where the second admin looks.
    #[must_use]
    pub fn is_typed(&self, world: &World) -> bool {
        let is_final = matches!(self, Self::KeyStatus(it) if it.to == "archived")
            || matches!(self, Self::TokenSwitch(it) if it.to == "revoked");
        let is_books = matches!(self, Self::GrantGive(_) | Self::Delegate(_)) || self.kind().is_about_links();
        let is_brake = matches!(self, Self::LimitSlow(_) | Self::LimitStop(_));
        is_final || (self.weighty(world) && !is_books && !is_brake)
    }

    /// True for what the policy table asks a second admin for: `billing` given or taken, removals, and workspaces archived.
    #[must_use]
    pub fn weighty(&self, world: &World) -> bool {
        match self {
            Self::Invite(it) => it.role == "billing",
            Self::ResendInvite(it) => it.role == "billing",
            Self::MemberRole(it) => it.role == "billing" || world.members.iter().any(|member| member.role == "billing"),
            // Unless whoever stands in may decide all of it anyway, which only the platforms know.
            Self::MemberRemove(_) | Self::WorkspaceArchive(_) | Self::Delegate(_) => true,
            Self::GrantGive(it) => it.terms.is_weighty(),
            Self::Link(it) | Self::Attest(it) => !it.gives.is_empty(),
            Self::Unlink(it) => !it.takes.is_empty(),
            // Nothing in production is cut without somebody else's yes.
            Self::LimitSlow(it) => it.braking.production,
            Self::LimitStop(it) => it.braking.production,
            _ => false,
        }
    }

    /// What somebody has to type before a weighty change is asked for: the address that it concerns, or the workspace's name.
    #[must_use]
    pub fn confirmed_by(&self, world: &World) -> String {
        if let (Self::WorkspaceArchive(_), Some(name)) = (self, self.workspace(world)) {
            return name.to_owned();
        }
        if let (Self::KeyStatus(_), Some(key)) = (self, world.keys.first()) {
            return spoken_name(&key.name).to_owned();
        }
        if let (Self::TokenSwitch(_), Some(token)) = (self, &world.token) {
            return token.name().to_owned();
        }
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

    /// How much money it is about, for rules that name an amount: a limit, or all that would be on top of one, so that several
    /// small raises come to what a large one does.
    #[must_use]
    pub fn amount(&self, world: &World) -> Option<Amount> {
        match self {
            Self::LimitSet(it) => Some(it.terms.amount),
            Self::LimitRaise(it) => Some(world.on_top + it.by),
            _ => None,
        }
    }

    /// As JSON, for the row.
    ///
    /// # Panics
    ///
    /// Never: proposals are made of strings and numbers.
    #[must_use]
    pub fn body(&self) -> String {
        serde_json::to_string(self).expect("a proposal is made of strings and numbers, which always have a JSON form")
    }
}
