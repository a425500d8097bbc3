//! Who may ask for a change, and who has to agree to it, by the rules of this moment.

use super::asker::Asker;
use super::failure::Failure;
use super::pipeline::Pipeline;
use super::proposal::Proposal;
use super::world::World;
use crate::clock::moment;
use crate::domain::{Asking, PolicyRule, Right, Ruled, Rules, ruled};

/// How far the permissions that a proposal needs go for the asker: the weakest of them counts.
pub(super) fn right_to(rules: &Rules, (proposal, world): (&Proposal, &World), asker: &Asker) -> Right {
    let workspace = proposal.workspace(world);
    let own = asker.person.as_ref().and_then(|it| it.member_id.as_deref());
    let needs = proposal.needs(own);
    let right = needs.iter().map(|(permission, toward)| asker.right_within(workspace, *permission, *toward)).min();
    match (right, proposal) {
        (None | Some(Right::No), Proposal::Invite(it)) if asker.may_invite_themselves(rules, &it.email) => Right::Ask,
        (right, _) => right.unwrap_or(Right::No),
    }
}

/// Refuses whoever may not even ask.
pub(super) fn may_ask(rules: &Rules, proposal: &Proposal, world: &World, asker: &Asker) -> Result<(), Failure> {
    if right_to(rules, (proposal, world), asker) != Right::No {
        return Ok(());
    }
    if !asker.rights.any() {
        return Err(Failure::Stranger);
    }
    let own = asker.person.as_ref().and_then(|it| it.member_id.as_deref());
    let needs: Vec<String> = proposal.needs(own).iter().map(|(permission, _)| permission.to_string()).collect();
    Err(Failure::refused(
        format!("This needs the permission {}, which you do not have.", needs.join(" and ")),
        "Nothing was changed. Ask an admin.",
    ))
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
        let place = proposal.workspace(world).map(|name| rules.place(name));
        let mut used_up = Vec::new();
        for (index, rule) in rules.policies.iter().enumerate() {
            if rule.kind == proposal.kind() && self.is_used_up(rule, asker, before).await? {
                used_up.push(index);
            }
        }
        let asking = Asking {
            kind: proposal.kind(),
            rights: &asker.rights,
            right: right_to(rules, (proposal, world), asker),
            weighty: proposal.weighty(world),
            place: place.as_ref(),
            used_up: &used_up,
        };
        Ok(ruled(&rules.policies, asking))
    }

    async fn is_used_up(&self, rule: &PolicyRule, asker: &Asker, before: i64) -> Result<bool, Failure> {
        let (Some(at_most), Some(person)) = (rule.at_most, &asker.person) else { return Ok(false) };
        let within_ms = i64::try_from(at_most.within.as_millis()).unwrap_or(i64::MAX);
        let since = moment(self.clock.now().as_millisecond().saturating_sub(within_ms));
        Ok(self.store.asked_since(&person.id, rule.kind, (since, before)).await? >= at_most.count)
    }
}
