//! Who decides in somebody else's place: a delegation counts for exactly what the approver may decide themselves at this moment,
//! and never further on. Whoever stands in passes nothing on, because what they may decide for somebody else is not theirs.

use super::asker::Asker;
use crate::chat::Roster;
use crate::clock::Moment;
use crate::domain::{Approval, Approvals, Change, Decision, DelegationTerms, LinkState, OnBehalf, PersonId, Rules};
use crate::domain::{Approver, Delegation};
use crate::store::{Error, Store};

/// Looks who may decide in whose place.
#[derive(Clone, Copy)]
pub struct StandingIn<'a> {
    /// The delegations, and whose account is whose.
    pub store: &'a Store,
    /// What the configuration decides.
    pub rules: &'a Rules,
    /// What the platforms say of people now.
    pub roster: &'a dyn Roster,
    /// Now.
    pub now: Moment,
}

impl StandingIn<'_> {
    /// The approver in whose place `by` may say yes to `change` as it stands; none: in nobody's.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn next(&self, by: &Asker, change: &Change) -> Result<Option<OnBehalf>, Error> {
        let given = change.approvals.len();
        self.behind(by, change, |them, asked| them.may_approve_next(asked, given)).await
    }

    /// The same for whatever whoever may decide at all may do: see it, ask about it, say no.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn at_all(&self, by: &Asker, change: &Change) -> Result<Option<OnBehalf>, Error> {
        self.behind(by, change, |them, _| them.may_approve(&change.asked.decision)).await
    }

    async fn behind(
        &self,
        by: &Asker,
        change: &Change,
        may: impl Fn(&Asker, &Approvals) -> bool,
    ) -> Result<Option<OnBehalf>, Error> {
        let Decision::Approvals(asked) = &change.asked.decision else { return Ok(None) };
        let Some(person) = by.person.as_ref().filter(|_| by.linked && by.may_decide_at_all()) else { return Ok(None) };
        for it in self.store.delegations_to(&person.id, self.now).await? {
            if !it.agreed || !it.counts_in(asked.workspace.as_deref()) || concerns(change, &it.terms.from.id) {
                continue;
            }
            let theirs = self.askers_of(&it.terms.from.id).await?;
            if let Some(them) = theirs.into_iter().find(|them| may(them, asked)) {
                let (person, account) = (it.terms.from.id, them.account);
                return Ok(Some(OnBehalf { delegation: it.number, person, account }));
            }
        }
        Ok(None)
    }

    /// Does a yes that was said in somebody's place still count? The delegation must stand, and the approver must still have
    /// the right themselves. None: the chat does not say.
    pub(super) async fn still_counts(
        &self,
        yes: &Approval,
        for_them: &OnBehalf,
        (change, asked, index): (&Change, &Approvals, usize),
    ) -> Result<Option<bool>, Error> {
        let is_it = |it: &Delegation| {
            it.agreed
                && it.number == for_them.delegation
                && it.terms.from.id == for_them.person
                && it.counts_in(asked.workspace.as_deref())
        };
        let stands = self.store.delegations_to(&yes.by, self.now).await?.iter().any(is_it);
        if !stands || concerns(change, &for_them.person) {
            return Ok(Some(false));
        }
        let them = Asker::fresh(self.store, self.rules, self.roster, &for_them.account, self.now).await?;
        let own = |it: &Asker| it.linked && it.person.as_ref().is_some_and(|person| person.id == for_them.person);
        Ok(them.map(|it| own(&it) && it.may_approve_next(asked, index)))
    }

    /// True if whoever is to stand in may decide all of it anyway, by what is known now.
    pub(super) async fn may_anyway(&self, terms: &DelegationTerms) -> Result<bool, Error> {
        let theirs = self.askers_of(&terms.from.id).await?;
        let own = self.askers_of(&terms.to.id).await?;
        let named = self.rules.workspaces.iter().map(|it| Some(it.name.as_str()));
        let places: Vec<Option<&str>> = match &terms.within {
            Some(within) => vec![Some(within.name.as_str())],
            None => named.chain([None]).collect(),
        };
        let is = |who: &[Asker], it: &Approver, place| who.iter().any(|one| one.is(it, place));
        let covered = self
            .approvers()
            .iter()
            .all(|it| places.iter().all(|place| !is(&theirs, it, *place) || is(&own, it, *place)));
        Ok(covered && !theirs.is_empty())
    }

    /// True if they may decide anything at all.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn is_an_approver(&self, person: &PersonId) -> Result<bool, Error> {
        let theirs = self.askers_of(person).await?;
        let places = || self.rules.workspaces.iter().map(|it| Some(it.name.as_str())).chain([None]);
        let approvers = self.approvers();
        Ok(theirs.iter().any(|one| approvers.iter().any(|it| places().any(|place| one.is(it, place)))))
    }

    /// Everybody whom the shipped table or the configuration lets approve something.
    fn approvers(&self) -> Vec<Approver> {
        let ruled = self.rules.policies.iter().filter_map(|it| match &it.decision {
            Decision::Approvals(asked) => Some(asked.by.clone()),
            Decision::AtOnce | Decision::Refuse => None,
        });
        let placed = self.rules.workspaces.iter().map(|it| it.approvers.clone());
        let mut all: Vec<Approver> = ruled.chain(placed).flatten().collect();
        all.extend(["admin", "billing"].map(|role| Approver::Role(role.into())));
        all
    }

    /// Somebody, by each of their accounts that the chat vouches for now.
    pub(super) async fn askers_of(&self, person: &PersonId) -> Result<Vec<Asker>, Error> {
        let mut found = Vec::new();
        for link in self.store.links(person).await?.into_iter().filter(|it| it.state == LinkState::Active) {
            let fresh = Asker::fresh(self.store, self.rules, self.roster, &link.account, self.now).await?;
            found.extend(fresh.filter(|it| it.linked && it.may_decide_at_all()));
        }
        Ok(found)
    }
}

/// True if they asked for it, if it is about them, or if their yes is there already.
fn concerns(change: &Change, person: &PersonId) -> bool {
    let waits = change.decided.is_none();
    change.asked.asked_by == *person
        || change.asked.for_person.as_ref() == Some(person)
        || (waits && change.approvals.iter().any(|it| it.people().contains(&person)))
}
