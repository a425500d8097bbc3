//! Are those who asked and decided still allowed to, by what the platforms say now?

use super::asker::Asker;
use super::failure::Failure;
use super::permit::RightsChecked;
use super::pipeline::Pipeline;
use super::proposal::Proposal;
use super::rights::right_to;
use super::world::World;
use crate::domain::{Approval, Approvals, Change, Decision, Right, Rules};

/// The answer of a check of rights.
pub(super) enum Checked {
    Yes(RightsChecked),
    No(String),
    Unknown(String),
}

impl Pipeline {
    /// Looks at everybody involved, just now.
    pub(super) async fn rights_now(&self, change: &Change, proposal: &Proposal) -> Result<Checked, Failure> {
        let rules = self.rules.now();
        let asked = &change.asked;
        let asker = Asker::fresh(&self.store, &rules, &*self.roster, &asked.asker_account, self.clock.now()).await?;
        let Some(asker) = asker else {
            return Ok(Checked::Unknown("The chat does not say at the moment who the asker is.".into()));
        };
        let world = World::recorded(&self.store, &proposal.looks(), self.clock.now()).await?;
        if let Some(objection) = self.link_objection(proposal, &asker).await? {
            return Ok(objection);
        }
        if right_to(&rules, (proposal, &world), &asker) == Right::No {
            return Ok(Checked::No("Whoever asked may no longer ask for this.".into()));
        }
        if change.decided.is_none() {
            return Ok(Checked::No("Nobody decided it.".into()));
        }
        match &asked.decision {
            Decision::AtOnce => {
                let now = self.weigh(&rules, (proposal, &world), &asker, change.id.number()).await?;
                Ok(if now.decision == Decision::AtOnce {
                    Checked::Yes(RightsChecked::just_now())
                } else {
                    Checked::No("It needs an approval now.".into())
                })
            }
            Decision::Approvals(by) => self.approvals_now(&rules, change, by).await,
            Decision::Refuse => Ok(Checked::No("Policy refuses it.".into())),
        }
    }

    /// Everybody who said yes is looked at again: enough of them, each somebody else, each still entitled to it.
    async fn approvals_now(&self, rules: &Rules, change: &Change, asked: &Approvals) -> Result<Checked, Failure> {
        let given = given(change);
        let concerned = self.concerned(change).await?;
        let mut people = Vec::new();
        for (index, yes) in given.iter().enumerate() {
            let Some(by) = Asker::fresh(&self.store, rules, &*self.roster, &yes.account, self.clock.now()).await?
            else {
                return Ok(Checked::Unknown("The chat does not say at the moment who an approver is.".into()));
            };
            let entitled = match (&yes.overrides, &yes.on_behalf) {
                (Some(_), _) => by.may_break_glass(),
                (None, None) => by.may_approve_next(asked, index),
                (None, Some(for_them)) => {
                    let standing_in = self.standing_in(rules);
                    let Some(counts) =
                        Box::pin(standing_in.still_counts(yes, for_them, (change, asked, index))).await?
                    else {
                        return Ok(Checked::Unknown("The chat does not say at the moment who an approver is.".into()));
                    };
                    counts && by.linked && by.may_decide_at_all()
                }
            };
            // The account may have been joined to somebody meanwhile: it is them who said yes then.
            let now = self.store.person_now(&yes.by).await?;
            let person = by.person.as_ref().map(|it| it.id.clone()).filter(|it| *it == yes.by || *it == now);
            let own = concerned.asked(&yes.account, person.as_ref());
            let themselves = own && !(asked.allow_self && yes.overrides.is_none());
            let about_them = concerned.is_about(&yes.account, person.as_ref()) && !own;
            let Some(person) = person
                .filter(|it| !themselves && !about_them && entitled && !people.contains(it))
                .filter(|_| yes.people().iter().all(|it| !people.contains(*it)))
            else {
                return Ok(Checked::No("Whoever approved it may no longer approve this.".into()));
            };
            people.push(person);
            people.extend(yes.people().into_iter().cloned());
        }
        let enough = given.len() >= usize::from(asked.count).max(1) || change.overridden().is_some();
        Ok(if enough && !people.is_empty() {
            Checked::Yes(RightsChecked::just_now())
        } else {
            Checked::No("Not enough people approved it.".into())
        })
    }
}

/// Who said yes. Rows of before there were several approvals hold the one in their decision.
fn given(change: &Change) -> Vec<Approval> {
    match (&change.decided, change.approvals.is_empty()) {
        (Some(decided), true) => vec![Approval {
            by: decided.by.clone(),
            account: decided.account.clone(),
            at_ms: decided.at.as_millisecond(),
            overrides: None,
            on_behalf: None,
        }],
        _ => change.approvals.clone(),
    }
}
