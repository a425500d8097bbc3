//! Whom a change concerns: they do not decide about it, and are not asked to.

use super::asker::Asker;
use crate::chat::Account;
use crate::domain::{Asked, PersonId};

/// Those who do not decide: whoever asked, and whom it is about.
#[derive(Default)]
pub(super) struct Concerned<'a> {
    account: Option<&'a Account>,
    people: Vec<&'a PersonId>,
}

impl<'a> Concerned<'a> {
    pub(super) fn by(asked: &'a Asked) -> Self {
        Self::of(&asked.asker_account, [Some(&asked.asked_by), asked.for_person.as_ref()])
    }

    pub(super) fn of(account: &'a Account, people: [Option<&'a PersonId>; 2]) -> Self {
        Self { account: Some(account), people: people.into_iter().flatten().collect() }
    }

    pub(super) fn is(&self, one: &Asker) -> bool {
        self.account == Some(&one.account) || one.person.as_ref().is_some_and(|it| self.people.contains(&&it.id))
    }
}
