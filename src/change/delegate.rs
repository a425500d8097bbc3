//! Having somebody stand in for an approver, and ending that before its time: lines in Steward's own books.

use serde::{Deserialize, Serialize};

use super::draft::{Draft, no_such_workspace};
use super::effect::Effect;
use super::failure::Failure;
use super::local::Local;
use super::world::World;
use crate::chat::Text;
use crate::domain::{Delegation, DelegationTerms, Fact, Plan, Step};

/// Who is to stand in for whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegate {
    /// All of it.
    pub terms: DelegationTerms,
}

/// The delegation that ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undelegate {
    /// Its number.
    pub number: i64,
    /// Who stands in for whom.
    pub terms: DelegationTerms,
}

impl Delegate {
    /// One open request for two people and a place.
    pub(super) fn subject(&self) -> String {
        let within = self.terms.within.as_ref().map_or("everything", |it| it.id.as_str());
        format!("{} {} {within}", self.terms.from.id, self.terms.to.id)
    }

    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        let terms = &self.terms;
        let (from, to) = (&terms.from.name, &terms.to.name);
        if terms.from.id == terms.to.id {
            return Err(Failure::mistake(
                "Nobody stands in for themselves.",
                "Nothing was changed. Name somebody else.",
            ));
        }
        if terms.until.at <= world.at {
            return Err(Failure::mistake(
                format!("{} is over, so nobody would stand in for anybody.", terms.until),
                "Nothing was changed. Name a later day.",
            ));
        }
        if terms.until.at <= terms.since.at {
            return Err(Failure::mistake(
                format!("It would end on {}, before it begins on {}.", terms.until, terms.since),
                "Nothing was changed. The first day comes before the last.",
            ));
        }
        if let Some(within) = &terms.within
            && !world.places.iter().any(|it| it.workspace.id == within.id && it.workspace.archived_at.is_none())
        {
            return Err(no_such_workspace());
        }
        if let Some(same) = world.delegations.iter().find(|it| self.meets(it)) {
            return Err(Failure::mistake(
                format!("{to} stands in for {from}{} already ({}).", same.terms.span(), same.id()),
                Text::plain("Nothing was changed. To change it, end it first: ")
                    .command(format!("policy undelegate {}", same.id()))
                    .then("."),
            ));
        }
        let plan = Plan {
            summary: format!("have {to} stand in for {from} as approver{}", terms.span()),
            steps: vec![Step {
                call: "delegate".into(),
                does: format!("{to} may decide what {from} may decide, but for requests of either or about them"),
                exact: String::new(),
            }],
            before: vec![Fact::new("Stands in for them", standing_in(world, terms))],
            after: vec![Fact::new("Stands in for them", format!("{to}{}", terms.span()))],
            cost: None,
            undo: Some("end the delegation".into()),
        };
        Ok(Draft { plan, effects: vec![Effect::Local(Local::Delegate { terms: terms.clone() })] })
    }

    /// The same two people, the same place, and a day in common.
    fn meets(&self, it: &Delegation) -> bool {
        let (own, other) = (&self.terms, &it.terms);
        let same_place = own.within.as_ref().map(|it| &it.id) == other.within.as_ref().map(|it| &it.id);
        own.from.id == other.from.id
            && own.to.id == other.to.id
            && same_place
            && own.since.at < other.until.at
            && other.since.at < own.until.at
    }
}

fn standing_in(world: &World, terms: &DelegationTerms) -> String {
    let theirs = world.delegations.iter().filter(|it| it.terms.from.id == terms.from.id);
    let words: Vec<String> = theirs.map(|it| format!("{}{}", it.terms.to.name, it.terms.span())).collect();
    if words.is_empty() { "nobody".into() } else { words.join(", ") }
}

impl Undelegate {
    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        let Some(found) = world.delegations.iter().find(|it| it.number == self.number) else {
            return Err(Failure::mistake(
                format!("The delegation D{} has ended already.", self.number),
                Text::plain("Nothing was changed. See ").command("policy delegations").then("."),
            ));
        };
        let terms = &found.terms;
        let (from, to) = (&terms.from.name, &terms.to.name);
        let plan = Plan {
            summary: format!("end the delegation {}: {to} for {from}{}", found.id(), terms.span()),
            steps: vec![Step {
                call: "undelegate".into(),
                does: format!("{to} decides nothing for {from} any more"),
                exact: String::new(),
            }],
            before: vec![Fact::new("Stands in for them", format!("{to}{}", terms.span()))],
            after: vec![Fact::new("Stands in for them", "nobody")],
            cost: None,
            undo: None,
        };
        let effect = Local::Undelegate { number: self.number, terms: terms.clone() };
        Ok(Draft { plan, effects: vec![Effect::Local(effect)] })
    }
}
