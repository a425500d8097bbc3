//! The buttons below a workspace: what whoever looks at it could do next.

use crate::change::Asker;
use crate::chat::{Acknowledgement, Button};
use crate::domain::{Permission, Right, Toward};
use crate::store::{WorkspaceMemberRow, WorkspaceRow};

/// What the asker could do with a workspace that can be changed.
pub(super) fn offers(asker: &Asker, workspace: &WorkspaceRow, members: &[WorkspaceMemberRow]) -> Vec<Button> {
    let may = |permission, toward| asker.right_within(Some(&workspace.name), permission, toward);
    let id = workspace.id.as_str();
    let mut offers = Vec::new();
    if may(Permission::WorkspaceJoin, Toward::Other) == Right::Do {
        offers.push(Button::new("Add a member", &["workspace", "add", id]).acknowledged(Acknowledgement::Open));
    } else if may(Permission::WorkspaceJoin, Toward::Oneself) != Right::No {
        let own = asker.person.as_ref().and_then(|it| it.member_id.as_deref()).filter(|_| asker.linked);
        let is_in = |own: &str| members.iter().any(|it| it.user_id == own);
        if own.is_some_and(|own| !is_in(own)) {
            offers.push(Button::new("Ask to join", &["workspace", "add", id, "me"]));
        }
    }
    if may(Permission::WorkspaceManage, Toward::Other) == Right::Do {
        offers.push(Button::new("Rename", &["workspace", "rename", id]).acknowledged(Acknowledgement::Open));
    }
    offers
}
