//! An API key is switched off, or on again.

use serde::{Deserialize, Serialize};

use super::draft::Draft;
use super::effect::Effect;
use super::failure::Failure;
use super::set_key_status::SetKeyStatus;
use super::world::World;
use crate::chat::Text;
use crate::domain::{Fact, Plan};

/// The key, and what it is to be: `active` or `inactive`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwitchKey {
    /// `apikey_…`.
    pub key_id: String,
    /// `active` or `inactive`.
    pub to: String,
}

impl SwitchKey {
    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        let Some(key) = world.keys.iter().find(|it| it.id == self.key_id) else {
            return Err(Failure::mistake("There is no such API key any more.", "Nothing was changed."));
        };
        if key.status == self.to {
            return Err(Failure::mistake(
                format!("The API key {} is {} already.", key.name, self.to),
                "Nothing was changed.",
            ));
        }
        if !matches!(key.status.as_str(), "active" | "inactive") {
            let why = format!("The API key {} is {}, and the API does not bring it back.", key.name, key.status);
            return Err(Failure::mistake(why, Text::plain("Nothing was changed. A new one has to be made.")));
        }
        let effect = SetKeyStatus::new(key, &self.to);
        let verb = if self.to == "inactive" { "switch off" } else { "switch on" };
        let plan = Plan {
            summary: format!("{verb} the API key {}", key.name),
            steps: vec![effect.step()],
            before: vec![Fact::new("Status", key.status.clone())],
            after: vec![Fact::new("Status", self.to.clone())],
            cost: None,
            undo: Some(if self.to == "inactive" { "switch it on again" } else { "switch it off again" }.into()),
        };
        Ok(Draft { plan, effects: vec![Effect::SetKeyStatus(effect)] })
    }
}
