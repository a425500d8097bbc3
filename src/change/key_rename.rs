//! An API key gets another name.

use serde::{Deserialize, Serialize};

use super::draft::Draft;
use super::effect::Effect;
use super::failure::Failure;
use super::key_status::no_such_key;
use super::name_key::NameKey;
use super::world::World;
use crate::domain::{Fact, Plan, renamed, spoken_name};

/// The key, and what it is to be called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenameKey {
    /// `apikey_…`.
    pub key_id: String,
    /// The name.
    pub name: String,
}

impl RenameKey {
    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        let Some(key) = world.keys.iter().find(|it| it.id == self.key_id) else { return Err(no_such_key()) };
        // The mark of its request stays: it says outside the database that the key is taken.
        let name = renamed(&key.name, &self.name);
        if key.name == name {
            return Err(Failure::mistake("It is called that already.", "Nothing was changed."));
        }
        let effect = NameKey::of_key(key, &name);
        let plan = Plan {
            summary: format!("rename the API key {} to {}", spoken_name(&key.name), self.name),
            steps: vec![effect.step()],
            before: vec![Fact::new("Name", key.name.clone())],
            after: vec![Fact::new("Name", name)],
            cost: None,
            undo: Some("give it its old name again".into()),
        };
        Ok(Draft { plan, effects: vec![Effect::NameKey(effect)] })
    }
}
