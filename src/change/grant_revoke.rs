//! Revoking a grant: a line in Steward's own books.

use serde::{Deserialize, Serialize};

use super::draft::Draft;
use super::effect::Effect;
use super::failure::Failure;
use super::local::Local;
use super::world::World;
use crate::chat::Text;
use crate::domain::{Fact, GrantTerms, Plan, Step};

/// The grant that goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokeGrant {
    /// Its number.
    pub number: i64,
    /// What it gives to whom.
    pub terms: GrantTerms,
}

impl RevokeGrant {
    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        let name = &self.terms.holder.name;
        let Some(grant) = world.grants.iter().find(|it| it.number == self.number) else {
            return Err(Failure::mistake(
                format!("The grant G{} has ended already.", self.number),
                Text::plain("Nothing was changed. See ").command("grant list").then("."),
            ));
        };
        let words = grant.terms.words();
        let plan = Plan {
            summary: format!("revoke the grant {} of {name}: {words}", grant.id()),
            steps: vec![Step {
                call: format!("revoke {}", grant.id()),
                does: format!("{name} keeps what their roles give"),
                exact: String::new(),
            }],
            before: vec![Fact::new("Grant", words)],
            after: vec![Fact::new("Grant", "none")],
            cost: None,
            undo: None,
        };
        let effect = Local::RevokeGrant { number: self.number, terms: self.terms.clone() };
        Ok(Draft { plan, effects: vec![Effect::Local(effect)] })
    }
}
