//! An API key is switched off, on again, or off for good.

use serde::{Deserialize, Serialize};

use super::draft::Draft;
use super::effect::Effect;
use super::failure::Failure;
use super::key_books::KeyBook;
use super::limit_books::LimitBook;
use super::local::Local;
use super::set_key_status::SetKeyStatus;
use super::world::World;
use crate::chat::Text;
use crate::domain::{Fact, Plan, Step, spoken_name};

/// The key, and what it is to be: `active`, `inactive` or `archived`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwitchKey {
    /// `apikey_…`.
    pub key_id: String,
    /// `active`, `inactive`, or `archived`, which nothing brings back.
    pub to: String,
    /// Switched off because it is not needed any more: it is archived later.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retires: bool,
}

impl SwitchKey {
    /// Brings a key into another state.
    #[must_use]
    pub fn to(key_id: impl Into<String>, to: &str) -> Self {
        Self { key_id: key_id.into(), to: to.to_owned(), retires: false }
    }

    /// Switches a key off that is not needed any more.
    #[must_use]
    pub fn retire(key_id: impl Into<String>) -> Self {
        Self { retires: true, ..Self::to(key_id, "inactive") }
    }

    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        let Some(key) = world.keys.iter().find(|it| it.id == self.key_id) else {
            return Err(no_such_key());
        };
        // A brake switches on again what it has switched off, unless somebody has a say about it.
        let is_braked = world.braked.iter().any(|(key, _)| *key == self.key_id);
        let keeps_off = is_braked && self.to == "inactive" && key.status == self.to;
        if key.status == self.to && !keeps_off {
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
        let call = (!keeps_off).then(|| SetKeyStatus::new(key, &self.to));
        let (verb, undo) = match self.to.as_str() {
            _ if keeps_off => ("keep off", None),
            "inactive" => ("switch off", Some("switch it on again".into())),
            "archived" => ("revoke", None),
            _ => ("switch on", Some("switch it off again".into())),
        };
        let key_id = key.id.clone();
        let left = is_braked.then(|| {
            let line = Local::Limit(LimitBook::Leave { key_id: key_id.clone() });
            (line, "no limit switches it on or off any more in this period")
        });
        let line = if self.retires {
            let line = Local::Key(KeyBook::Retire { key_id });
            Some((line, "in 30 days it is archived, unless it is switched on again"))
        } else if self.to == "active" && world.life.off_at.is_some() {
            Some((Local::Key(KeyBook::Revive { key_id }), "it is not archived any more"))
        } else {
            None
        };
        let (lines, told): (Vec<Local>, Vec<&str>) = line.into_iter().chain(left).unzip();
        let books = |it: &str| Step { call: "Steward's own books".into(), does: it.into(), exact: String::new() };
        let steps = call.iter().map(SetKeyStatus::step).chain(told.into_iter().map(books));
        let plan = Plan {
            summary: format!("{verb} the API key {}", spoken_name(&key.name)),
            steps: steps.collect(),
            before: vec![Fact::new("Status", key.status.clone())],
            after: vec![Fact::new("Status", self.to.clone())],
            cost: None,
            undo,
        };
        let calls = call.into_iter().map(Effect::SetKeyStatus);
        Ok(Draft { plan, effects: calls.chain(lines.into_iter().map(Effect::Local)).collect() })
    }
}

pub(super) fn no_such_key() -> Failure {
    Failure::mistake(
        "There is no such API key any more.",
        Text::plain("Nothing was changed. See ").command("key list").then("."),
    )
}
