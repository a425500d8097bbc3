//! An API key is switched off, on again, or off for good.

use serde::{Deserialize, Serialize};

use super::draft::Draft;
use super::effect::Effect;
use super::failure::Failure;
use super::set_key_status::SetKeyStatus;
use super::world::World;
use crate::chat::Text;
use crate::domain::{Fact, Plan, spoken_name};

/// The key, and what it is to be: `active`, `inactive` or `archived`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwitchKey {
    /// `apikey_…`.
    pub key_id: String,
    /// `active`, `inactive`, or `archived`, which nothing brings back.
    pub to: String,
}

impl SwitchKey {
    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        let Some(key) = world.keys.iter().find(|it| it.id == self.key_id) else {
            return Err(no_such_key());
        };
        if key.status == self.to {
            return Err(Failure::mistake(
                format!("The API key {} is {} already.", spoken_name(&key.name), self.to),
                "Nothing was changed.",
            ));
        }
        if !matches!(key.status.as_str(), "active" | "inactive") {
            let why = format!(
                "The API key {} is {}, and the API does not bring it back.",
                spoken_name(&key.name),
                key.status
            );
            return Err(Failure::mistake(why, Text::plain("Nothing was changed. A new one has to be made.")));
        }
        let effect = SetKeyStatus::new(key, &self.to);
        let (verb, undo) = match self.to.as_str() {
            "inactive" => ("switch off", Some("switch it on again".into())),
            "archived" => ("revoke", None),
            _ => ("switch on", Some("switch it off again".into())),
        };
        let plan = Plan {
            summary: format!("{verb} the API key {}", spoken_name(&key.name)),
            steps: vec![effect.step()],
            before: vec![Fact::new("Status", key.status.clone())],
            after: vec![Fact::new("Status", self.to.clone())],
            cost: None,
            undo,
        };
        Ok(Draft { plan, effects: vec![Effect::SetKeyStatus(effect)] })
    }
}

pub(super) fn no_such_key() -> Failure {
    Failure::mistake(
        "There is no such API key any more.",
        Text::plain("Nothing was changed. See ").command("key list").then("."),
    )
}
