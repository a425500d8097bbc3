//! Who looks after a key, and that it is kept: lines in Steward's own books, as plans.

use super::draft::Draft;
use super::effect::Effect;
use super::failure::Failure;
use super::key_books::{KeepKey, KeyBook, OwnKey};
use super::key_status::no_such_key;
use super::local::Local;
use super::world::World;
use crate::chat::Text;
use crate::domain::{Fact, Plan, Step, spoken_name};

fn step(does: String) -> Step {
    Step { call: "Steward's own books".into(), does, exact: String::new() }
}

impl OwnKey {
    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        let Some(key) = world.keys.iter().find(|it| it.id == self.key_id) else { return Err(no_such_key()) };
        if key.status == "archived" {
            return Err(Failure::mistake(
                "This key is revoked: nobody needs to look after it.",
                "Nothing was changed.",
            ));
        }
        if key.kind != "workspace" {
            return Err(Failure::mistake(
                "A personal key, or a service account's, belongs to whom it acts as.",
                "Nothing was changed. Only a workspace's key can be given to somebody.",
            ));
        }
        if world.in_stock {
            return Err(Failure::mistake(
                "This key lies in the stock.",
                Text::plain("Nothing was changed. It is issued with ").command("key request").then("."),
            ));
        }
        if world.owner.as_ref() == Some(&self.owner.id) {
            return Err(Failure::mistake(
                format!("{} looks after it already.", self.owner.name),
                "Nothing was changed.",
            ));
        }
        let name = spoken_name(&key.name);
        let plan = Plan {
            summary: format!("have {} look after the API key {name}", self.owner.name),
            steps: vec![step(format!(
                "{} is asked before it ends, and when it is old or lies idle; the secret is shown to nobody",
                self.owner.name
            ))],
            before: vec![Fact::new("Owner", if world.owner.is_some() { "somebody else" } else { "nobody" })],
            after: vec![
                Fact::new("Owner", self.owner.name.clone()),
                Fact::new("Purpose", self.purpose.clone()),
                Fact::new("Environment", self.environment.as_str()),
                Fact::new("Replace within", format!("{} days", self.rotate_days)),
            ],
            cost: None,
            undo: None,
        };
        Ok(Draft { plan, effects: vec![Effect::Local(Local::Key(KeyBook::Own(self.clone())))] })
    }
}

impl KeepKey {
    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        let Some(key) = world.keys.iter().find(|it| it.id == self.key_id) else { return Err(no_such_key()) };
        if key.status != "active" {
            return Err(Failure::mistake(
                format!("The API key {} is {}.", spoken_name(&key.name), key.status),
                "Nothing was changed. Only a key that works can be kept.",
            ));
        }
        if self.until.at <= world.at {
            return Err(Failure::mistake(format!("{} is over.", self.until), "Nothing was changed. Name a later day."));
        }
        let plan = Plan {
            summary: format!("keep the API key {} until {}", spoken_name(&key.name), self.until),
            steps: vec![step("nobody is asked about it, and it need not be replaced, before that day is over".into())],
            before: vec![Fact::new("Kept", "no")],
            after: vec![Fact::new("Kept until", self.until.to_string())],
            cost: None,
            undo: None,
        };
        Ok(Draft { plan, effects: vec![Effect::Local(Local::Key(KeyBook::Keep(self.clone())))] })
    }

    /// Does it put off the day on which the key is to be replaced?
    pub(super) fn puts_off(&self, world: &World) -> bool {
        world.rotate_at.is_some_and(|it| it < self.until.at)
    }
}
