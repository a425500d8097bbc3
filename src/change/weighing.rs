//! Who has to agree to a change, by the rules of this moment.

use super::asker::Asker;
use super::failure::Failure;
use super::pipeline::Pipeline;
use super::proposal::Proposal;
use super::rights::right_to;
use super::world::World;
use crate::chat::Account;
use crate::clock::moment;
use crate::domain::{
    Amount, Approvals, Approver, Asking, Decision, Environment, Kind, PolicyRule, Right, Ruled, Rules, ruled,
};

/// What is weighed of a change, whether somebody has proposed it or only wonders.
#[derive(Clone, Copy, Debug)]
pub(super) struct Case<'a> {
    /// Its kind.
    pub(super) kind: Kind,
    /// How far the permission that it needs goes for the asker.
    pub(super) right: Right,
    /// True if it gives or takes power, or cannot be taken back.
    pub(super) weighty: bool,
    /// The workspace that it is about, by name.
    pub(super) workspace: Option<&'a str>,
    /// Where what it gives will be used, if that is said: the more guarded of this and the workspace's own counts.
    pub(super) environment: Option<Environment>,
    /// How much money it is about, if it is about money.
    pub(super) amount: Option<Amount>,
    /// The number of the change, if it has one already: rules with a quota count only what was asked before it.
    pub(super) before: i64,
}

impl Pipeline {
    /// Who has to agree to this, and which rule says so. `before` is the number of the change, if it has one already: rules
    /// with a quota count only what was asked before it.
    pub(super) async fn weigh(
        &self,
        rules: &Rules,
        (proposal, world): (&Proposal, &World),
        asker: &Asker,
        before: i64,
    ) -> Result<Ruled, Failure> {
        let (workspace, environment) = (proposal.workspace(world), proposal.environment());
        let right = right_to(rules, (proposal, world), asker);
        let (weighty, amount) = (proposal.weighty(world), proposal.amount(world));
        let mut case = Case { kind: proposal.kind(), right, weighty, workspace, environment, amount, before };
        if let Proposal::Delegate(it) = proposal
            && Box::pin(self.standing_in(rules).may_anyway(&it.terms)).await?
        {
            (case.weighty, case.right) = (false, Right::Do);
        }
        let mut found = self.weighed(rules, asker, case).await?;
        let own = asker.person.as_ref().map(|it| &it.id);
        // Nobody gives themselves a right without somebody else's yes, whatever a rule says.
        let for_themselves = proposal.gains().is_some_and(|it| Some(it) == own) && found.decision == Decision::AtOnce;
        // Nor does an approver make one of somebody.
        let an_approver =
            matches!(proposal, Proposal::Delegate(_)) && case.weighty && found.decision == Decision::AtOnce;
        // Whoever goes away may ask that somebody stands in, even if they are no admin.
        let for_their_time_away = matches!(proposal, Proposal::Delegate(it) if Some(&it.terms.from.id) == own)
            && found.rule.is_none()
            && found.decision == Decision::Refuse;
        if for_themselves || an_approver || for_their_time_away {
            found.decision = one_admin(workspace);
        }
        Ok(found)
    }

    /// The same for a case.
    pub(super) async fn weighed(&self, rules: &Rules, asker: &Asker, case: Case<'_>) -> Result<Ruled, Failure> {
        let mut place = case.workspace.map(|name| rules.place(name));
        if let (Some(place), Some(environment)) = (&mut place, case.environment) {
            place.environment = place.environment.max(environment);
        }
        let mut used_up = Vec::new();
        for (index, rule) in rules.policies.iter().enumerate() {
            if rule.kind == case.kind && self.is_used_up(rule, asker, case.before).await? {
                used_up.push(index);
            }
        }
        let asking = Asking {
            kind: case.kind,
            rights: &asker.rights,
            by_steward: asker.account == Account::steward(),
            right: case.right,
            weighty: case.weighty,
            place: place.as_ref(),
            amount: case.amount,
            used_up: &used_up,
        };
        Ok(ruled(&rules.policies, asking))
    }

    async fn is_used_up(&self, rule: &PolicyRule, asker: &Asker, before: i64) -> Result<bool, Failure> {
        let Some(at_most) = rule.at_most else { return Ok(false) };
        Ok(self.used(rule, asker, before).await? >= at_most.count)
    }

    /// How much of a rule's quota somebody has used.
    pub(super) async fn used(&self, rule: &PolicyRule, asker: &Asker, before: i64) -> Result<i64, Failure> {
        let (Some(at_most), Some(person)) = (rule.at_most, &asker.person) else { return Ok(0) };
        let within_ms = i64::try_from(at_most.within.as_millis()).unwrap_or(i64::MAX);
        let since = moment(self.clock.now().as_millisecond().saturating_sub(within_ms));
        Ok(self.store.asked_since(&person.id, rule.kind, (since, before)).await?)
    }
}

/// One approval by an admin, of the workspace if there is one.
pub(super) fn one_admin(workspace: Option<&str>) -> Decision {
    let by = vec![Approver::Role("admin".into())];
    Decision::Approvals(Approvals { workspace: workspace.map(ToOwned::to_owned), ..Approvals::one(by) })
}
