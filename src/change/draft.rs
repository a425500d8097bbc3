//! What a kind of change makes of its world: a plan for people, and the calls it stands for.

use super::effect::Effect;
use super::failure::Failure;
use crate::chat::Text;
use crate::domain::{Decision, PersonId, Plan};

/// A plan and the calls it stands for.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What people see and approve.
    pub plan: Plan,
    /// What will be called, in order.
    pub effects: Vec<Effect>,
}

/// What is about to be written: the plan, who has to agree, and whom it concerns.
pub(super) struct Weighed {
    pub(super) draft: Draft,
    pub(super) decision: Decision,
    pub(super) for_person: Option<PersonId>,
}

pub(super) fn no_such_member() -> Failure {
    Failure::mistake(
        "This member is no longer in the organization.",
        Text::plain("See ").command("member list").then("."),
    )
}

pub(super) fn no_such_workspace() -> Failure {
    Failure::mistake(
        "This workspace is archived, or no longer there.",
        Text::plain("Nothing was changed. See ").command("workspace list").then("."),
    )
}
