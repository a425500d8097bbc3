//! Keys that an admin made in the Console are put into the stock of their workspace.

use serde::{Deserialize, Serialize};

use super::draft::{Draft, no_such_workspace};
use super::effect::Effect;
use super::failure::Failure;
use super::park_key::ParkKey;
use super::world::World;
use crate::domain::{Fact, Plan};

/// The workspace, and the keys that were sealed for its stock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockKeys {
    /// `wrkspc_…`.
    pub workspace_id: String,
    /// Each key, and what it is called as long as it is free.
    pub keys: Vec<(String, String)>,
}

impl StockKeys {
    /// Two loads of one key are one.
    pub(super) fn subject(&self) -> String {
        self.keys.first().map(|(key, _)| key.clone()).unwrap_or_default()
    }

    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        let Some(place) = world.places.first() else { return Err(no_such_workspace()) };
        let name = &place.workspace.name;
        let mut effects = Vec::new();
        for (key_id, to) in &self.keys {
            let Some(key) = world.keys.iter().find(|it| it.id == *key_id) else {
                return Err(Failure::mistake("One of the keys is not in the organization.", "Nothing was changed."));
            };
            effects.push(ParkKey { key_id: key.id.clone(), from: key.name.clone(), to: to.clone() });
        }
        let plan = Plan {
            summary: format!("put {} API keys into the stock of {name}", effects.len()),
            steps: effects.iter().map(ParkKey::step).collect(),
            before: vec![Fact::new("Stock", "without them")],
            after: vec![Fact::new("Stock", format!("{} more", effects.len()))],
            cost: None,
            undo: None,
        };
        Ok(Draft { plan, effects: effects.into_iter().map(Effect::ParkKey).collect() })
    }
}
