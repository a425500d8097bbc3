//! Granting somebody a permission: a line in Steward's own books.

use serde::{Deserialize, Serialize};

use super::draft::{Draft, no_such_workspace};
use super::effect::Effect;
use super::failure::Failure;
use super::local::Local;
use super::world::World;
use crate::chat::Text;
use crate::domain::{Fact, Grant, GrantTerms, Plan, Step};

/// What is granted to whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GiveGrant {
    /// All of it.
    pub terms: GrantTerms,
}

impl GiveGrant {
    /// One open request for a person, a permission and a place.
    pub(super) fn subject(&self) -> String {
        let within = self.terms.within.as_ref().map_or("everywhere", |it| it.id.as_str());
        format!("{} {} {within}", self.terms.holder.id, self.terms.permission)
    }

    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        let terms = &self.terms;
        let name = &terms.holder.name;
        if let Some(until) = terms.until.filter(|it| it.at <= world.at) {
            return Err(Failure::mistake(
                format!("{until} is over, so such a grant would give nothing."),
                "Nothing was changed. Name a later day, or none.",
            ));
        }
        if let Some(within) = &terms.within
            && !world.places.iter().any(|it| it.workspace.id == within.id && it.workspace.archived_at.is_none())
        {
            return Err(no_such_workspace());
        }
        let same = |it: &&Grant| {
            it.terms.permission == terms.permission
                && it.terms.within.as_ref().map(|it| &it.id) == terms.within.as_ref().map(|it| &it.id)
        };
        if let Some(given) = world.grants.iter().find(same) {
            return Err(Failure::mistake(
                format!("{name} was granted {} already ({}).", given.terms.words(), given.id()),
                Text::plain("Nothing was changed. To change it, revoke it first: ")
                    .command(format!("grant revoke {}", given.id()))
                    .then("."),
            ));
        }
        let plan = Plan {
            summary: format!("grant {name} {}", terms.words()),
            steps: vec![Step {
                call: format!("grant {}", terms.permission),
                does: format!("{name} may, beyond their roles: {}", terms.permission.about().to_lowercase()),
                exact: String::new(),
            }],
            before: vec![Fact::new("Granted to them", listed(&world.grants))],
            after: vec![Fact::new("Granted to them", more(&world.grants, terms))],
            cost: None,
            undo: Some("revoke the grant".into()),
        };
        Ok(Draft { plan, effects: vec![Effect::Local(Local::GiveGrant { terms: terms.clone() })] })
    }
}

fn listed(grants: &[Grant]) -> String {
    let words: Vec<String> = grants.iter().map(|it| it.terms.words()).collect();
    if words.is_empty() { "nothing".into() } else { words.join(", ") }
}

fn more(grants: &[Grant], terms: &GrantTerms) -> String {
    let mut words: Vec<String> = grants.iter().map(|it| it.terms.words()).collect();
    words.push(terms.words());
    words.join(", ")
}
