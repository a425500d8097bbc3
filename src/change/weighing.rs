//! Who has to agree to a change, by the rules of this moment.

use super::asker::Asker;
use super::failure::Failure;
use super::pipeline::Pipeline;
use super::proposal::Proposal;
use super::rights::right_to;
use super::world::World;
use crate::clock::moment;
use crate::domain::{Asking, PolicyRule, Ruled, Rules, ruled};

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
