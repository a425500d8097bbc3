//! Whom a change concerns: they do not decide about it, and are not asked to.
//!
//! A row keeps the person that asked. If their account was joined to another person since, it is that person who asked: nobody
//! decides about their own request from an account that turned out to be theirs, too.

use super::asker::Asker;
use super::failure::Failure;
use super::pipeline::Pipeline;
use crate::chat::Account;
use crate::domain::{Change, Kind, PersonId};

/// Those who do not decide: whoever asked, and whom it is about; and who has said yes already.
#[derive(Default)]
pub(super) struct Concerned {
    /// Whoever asked.
    asker: Party,
    /// Whom it is about.
    about: Party,
    /// Who said yes.
    approved: Vec<PersonId>,
}

/// People, by everything they go by.
#[derive(Default)]
struct Party {
    accounts: Vec<Account>,
    people: Vec<PersonId>,
}

impl Party {
    fn has(&self, account: &Account, person: Option<&PersonId>) -> bool {
        self.accounts.contains(account) || person.is_some_and(|it| self.people.contains(it))
    }
}

impl Concerned {
    /// True for whoever asked, from whatever account.
    pub(super) fn asked(&self, account: &Account, person: Option<&PersonId>) -> bool {
        self.asker.has(account, person)
    }

    /// True for whom it is about.
    pub(super) fn is_about(&self, account: &Account, person: Option<&PersonId>) -> bool {
        self.about.has(account, person)
    }

    /// True for who said yes already.
    pub(super) fn approved(&self, person: &PersonId) -> bool {
        self.approved.contains(person)
    }

    pub(super) fn is(&self, one: &Asker) -> bool {
        let person = one.person.as_ref().map(|it| &it.id);
        self.asked(&one.account, person) || self.is_about(&one.account, person)
    }
}

impl Pipeline {
    /// Whom a change concerns, as of now.
    pub(super) async fn concerned(&self, change: &Change) -> Result<Concerned, Failure> {
        let asked = &change.asked;
        let asker = (&asked.asker_account, Some(&asked.asked_by));
        let mut concerned = self.concerned_by(asker, asked.for_person.as_ref(), (asked.kind, &asked.subject)).await?;
        for yes in &change.approvals {
            concerned.approved.extend(self.people_behind(&yes.account, Some(&yes.by)).await?);
            concerned.approved.extend(yes.people().into_iter().cloned());
        }
        Ok(concerned)
    }

    /// The same of what is only about to be asked.
    pub(super) async fn concerned_by(
        &self,
        (account, person): (&Account, Option<&PersonId>),
        for_person: Option<&PersonId>,
        (kind, subject): (Kind, &str),
    ) -> Result<Concerned, Failure> {
        let mut concerned = Concerned::default();
        concerned.asker.accounts.push(account.clone());
        concerned.asker.people = self.people_behind(account, person).await?;
        if let Some(person) = for_person {
            concerned.about.people = vec![person.clone(), self.store.person_now(person).await?];
        }
        if kind.is_about_links()
            && let Ok(account) = subject.parse::<Account>()
        {
            concerned.about.people.extend(self.people_behind(&account, None).await?);
            concerned.about.accounts.push(account);
        }
        Ok(concerned)
    }

    /// Everybody whom an account, or a person of before, has come to be.
    async fn people_behind(&self, account: &Account, person: Option<&PersonId>) -> Result<Vec<PersonId>, Failure> {
        let mut people: Vec<PersonId> = self.store.known(account).await?.map(|it| it.person.id).into_iter().collect();
        if let Some(person) = person {
            people.extend([person.clone(), self.store.person_now(person).await?]);
        }
        Ok(people)
    }
}
