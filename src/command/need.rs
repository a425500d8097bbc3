//! What each command needs before it runs. What it finds out later, about whose thing it is, it checks itself.

use super::grant::Grant;
use super::policy::Policy;
use super::workspace::Workspace;
use super::{Command, invites, member};
use crate::domain::{Need, Permission, Toward};

impl Command {
    /// What it needs.
    ///
    /// Requests need nothing here: everybody may look after their own, whoever asked, and the pipeline checks who decides.
    #[must_use]
    pub fn need(&self) -> Need {
        match self {
            Self::Home(_) | Self::Help(_) | Self::Whoami(_) | Self::Link(_) | Self::Doctor(_) | Self::Request(_) => {
                Need::Nothing
            }
            // Everybody sees their own grants, and may ask that somebody stands in for them; the pipeline sees whose it is.
            // Whose spending one may see depends on whose is asked for: the command looks.
            Self::Status(_)
            | Self::Usage(_)
            | Self::Cost(_)
            | Self::Grant(Grant::List(_))
            | Self::Policy(Policy::Delegate(_) | Policy::Delegations(_) | Policy::Undelegate(_)) => Need::Link,
            Self::Grant(Grant::Give(_) | Grant::Revoke(_)) => Need::Permission(Permission::Admin, Toward::Other),
            Self::Invite(_) => Need::Permission(Permission::Invite, Toward::Other),
            Self::Invites(invites::Invites::List(_))
            | Self::Member(member::Member::List(_) | member::Member::Show(_)) => {
                Need::Permission(Permission::MemberSee, Toward::Other)
            }
            Self::Workspace(it) => of_workspace(it),
            Self::Key(it) => it.need(),
            Self::Limit(it) => it.need(),
            Self::Invites(_) | Self::Member(_) | Self::Sync(_) | Self::Offboard(_) | Self::Drift(_) => {
                Need::Permission(Permission::MemberManage, Toward::Other)
            }
            Self::Report(_) => Need::Permission(Permission::ReportSubscribe, Toward::Other),
            Self::Audit(_) | Self::Policy(Policy::Why(_)) => Need::Permission(Permission::Audit, Toward::Other),
        }
    }

    /// True for what only looks: its entry in the trail may be written a little later.
    #[must_use]
    pub fn only_looks(&self) -> bool {
        matches!(
            self,
            Self::Home(_)
                | Self::Help(_)
                | Self::Whoami(_)
                | Self::Status(_)
                | Self::Doctor(_)
                | Self::Usage(_)
                | Self::Cost(_)
                | Self::Audit(_)
        ) || matches!(
            self,
            Self::Invites(invites::Invites::List(_)) | Self::Member(member::Member::List(_) | member::Member::Show(_))
        ) || matches!(self, Self::Workspace(Workspace::List(_) | Workspace::Show(_)))
            || matches!(self, Self::Workspace(Workspace::Limits(it)) if !it.changes())
            || matches!(self, Self::Grant(Grant::List(_)) | Self::Policy(Policy::Why(_) | Policy::Delegations(_)))
            || matches!(self, Self::Key(it) if it.only_looks())
            || matches!(self, Self::Limit(super::limit::Limit::List(_)))
            || matches!(self, Self::Report(it) if it.only_looks())
            || matches!(self, Self::Drift(super::drift::Drift::List(_)))
            || matches!(self, Self::Request(super::request::Request::List(_) | super::request::Request::Show(_)))
    }
}

/// What a workspace's commands need. Roles that count in one workspace alone let people do things there; which workspace is
/// meant, and whose place in it, the pipeline sees.
fn of_workspace(command: &Workspace) -> Need {
    match command {
        Workspace::Limits(it) if it.changes() => Need::Somewhere(Permission::WorkspaceManage, Toward::Other),
        Workspace::List(_) | Workspace::Show(_) | Workspace::Limits(_) => {
            Need::Permission(Permission::MemberSee, Toward::Other)
        }
        Workspace::Create(_) => Need::Permission(Permission::WorkspaceManage, Toward::Other),
        Workspace::Rename(_) | Workspace::Archive(_) => Need::Somewhere(Permission::WorkspaceManage, Toward::Other),
        Workspace::Add(_) | Workspace::Remove(_) | Workspace::Role(_) => {
            Need::Somewhere(Permission::WorkspaceJoin, Toward::Oneself)
        }
    }
}
