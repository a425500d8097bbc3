//! What each command needs before it runs. What it finds out later, about whose thing it is, it checks itself.

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
            Self::Status(_) => Need::Link,
            Self::Invite(_) => Need::Permission(Permission::Invite, Toward::Other),
            Self::Invites(invites::Invites::List(_))
            | Self::Member(member::Member::List(_) | member::Member::Show(_))
            | Self::Workspace(Workspace::List(_) | Workspace::Show(_) | Workspace::Limits(_)) => {
                Need::Permission(Permission::MemberSee, Toward::Other)
            }
            Self::Invites(_) | Self::Member(_) => Need::Permission(Permission::MemberManage, Toward::Other),
            Self::Audit(_) => Need::Permission(Permission::Audit, Toward::Other),
        }
    }

    /// True for what only looks: its entry in the trail may be written a little later.
    #[must_use]
    pub fn only_looks(&self) -> bool {
        matches!(
            self,
            Self::Home(_) | Self::Help(_) | Self::Whoami(_) | Self::Status(_) | Self::Doctor(_) | Self::Audit(_)
        ) || matches!(
            self,
            Self::Invites(invites::Invites::List(_)) | Self::Member(member::Member::List(_) | member::Member::Show(_))
        ) || matches!(self, Self::Workspace(Workspace::List(_) | Workspace::Show(_) | Workspace::Limits(_)))
            || matches!(self, Self::Request(super::request::Request::List(_) | super::request::Request::Show(_)))
    }
}
