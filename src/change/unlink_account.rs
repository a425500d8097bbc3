//! Taking a chat account away from its person. No call; Steward's own books.

use serde::{Deserialize, Serialize};

use super::asker::Asker;
use super::draft::Draft;
use super::effect::Effect;
use super::failure::Failure;
use super::link_account::OWN_BOOKS;
use super::local::Local;
use super::world::World;
use crate::chat::{Account, Text};
use crate::domain::{Fact, PersonId, Plan, Step};

/// An account that is to be nobody's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnlinkAccount {
    /// The account.
    pub account: Account,
    /// The member whose it is.
    pub member_id: String,
    /// True if it is to have no right at all until an admin says anew whose it is.
    pub hold: bool,
    /// The id of the stranger that it becomes; filled in when it is asked for.
    pub stranger: Option<PersonId>,
    /// What it may beyond a plain member; filled in when it is asked for, unless it is asked for from the account itself.
    pub takes: Vec<String>,
}

impl UnlinkAccount {
    /// The account of a member, not looked at yet.
    #[must_use]
    pub fn new(account: Account, member_id: String, hold: bool) -> Self {
        Self { account, member_id, hold, stranger: None, takes: Vec::new() }
    }

    /// True if the asker is the member, from whatever account of theirs.
    pub(super) fn is_askers_own(&self, asker: &Asker) -> bool {
        asker.linked && asker.person.as_ref().and_then(|it| it.member_id.as_ref()) == Some(&self.member_id)
    }

    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        let known = world.link.as_ref().and_then(|it| it.known.as_ref());
        let theirs = known.filter(|it| it.person.member_id.as_deref() == Some(self.member_id.as_str()));
        let Some(known) = theirs else {
            return Err(Failure::mistake(
                Text::new().mention(&self.account).then(" is not linked to this member any more."),
                "Nothing was changed.",
            ));
        };
        let name = &known.person.name;
        let effect = Local::UnlinkAccount {
            account: self.account.clone(),
            member_id: self.member_id.clone(),
            name: name.clone(),
            hold: self.hold,
            stranger: self.stranger.clone().unwrap_or_else(|| PersonId(String::new())),
        };
        let after = if self.hold {
            "nobody's, and without any right until an admin says anew whose it is"
        } else {
            "nobody's, as one that was never linked"
        };
        let takes = if self.takes.is_empty() { "no more than a member's".to_owned() } else { self.takes.join(", ") };
        let plan = Plan {
            summary: format!("take {} away from {name}", self.account),
            steps: vec![Step {
                call: OWN_BOOKS.into(),
                does: format!("{} no longer speaks for {name}", self.account),
                exact: String::new(),
            }],
            before: vec![Fact::new("Account", format!("{name}'s")), Fact::new("Rights that go with it", takes)],
            after: vec![Fact::new("Account", after)],
            cost: None,
            undo: None,
        };
        Ok(Draft { plan, effects: vec![Effect::Local(effect)] })
    }
}
