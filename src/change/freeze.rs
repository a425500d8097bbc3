//! Offboarding, the quick and reversible half: whoever leaves can do nothing any more, and nothing of theirs is lost yet.
//!
//! Keys that others may depend on are left alone: a workspace key survives whoever made it.

use serde::{Deserialize, Serialize};

use super::all_tokens::AllTokens;
use super::draft::{Draft, no_such_member};
use super::effect::Effect;
use super::failure::Failure;
use super::limit_books::LimitBook;
use super::local::Local;
use super::set_key_status::SetKeyStatus;
use super::switch_tokens::{Switching, switching};
use super::world::World;
use crate::domain::{Fact, Plan, Step, spoken_name};
use crate::store::ApiKeyRow;

/// The member to freeze.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freeze {
    /// `user_…`.
    pub user_id: String,
}

/// The member who is given back what a freeze took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thaw {
    /// `user_…`.
    pub user_id: String,
    /// The keys that were switched off then; others stay as they are.
    pub keys: Vec<String>,
    /// The access by tokens that was switched off then, by our ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tokens: Vec<String>,
}

impl Freeze {
    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        let Some(member) = world.members.iter().find(|it| it.id == self.user_id) else {
            return Err(no_such_member());
        };
        let keys: Vec<&ApiKeyRow> = personal_keys(world, &self.user_id).filter(|it| it.status == "active").collect();
        let mut draft = switched(&keys, "inactive");
        let off = switching(world, AllTokens::Off, &[]);
        let held = off.as_ref().map(|it| it.before.clone());
        draft.prepend(off);
        for key in personal_keys(world, &self.user_id).filter(|it| world.braked.iter().any(|(key, _)| *key == it.id)) {
            draft.plan.steps.push(own(format!("no limit switches the API key {} on again", spoken_name(&key.name))));
            let line = LimitBook::Leave { key_id: key.id.clone() };
            draft.effects.push(Effect::Local(Local::Limit(line)));
        }
        if let Some(person) = world.people.first().filter(|_| world.has_active_link) {
            let effect = Local::SuspendLinks { person: person.id.clone(), name: person.name.clone() };
            let does = format!("the chat accounts of {} can do nothing here any more", person.name);
            draft.plan.steps.push(own(does));
            draft.effects.push(Effect::Local(effect));
        }
        if draft.effects.is_empty() {
            return Err(Failure::mistake(
                format!(
                    "There is nothing to freeze: {} has no active personal key and no linked chat account.",
                    member.email
                ),
                "Nothing was changed.",
            ));
        }
        draft.plan.summary = format!("freeze {}", member.email);
        let names: Vec<&str> = keys.iter().map(|it| it.name.as_str()).collect();
        draft.plan.before.push(Fact::new("Active personal keys", listed(&names)));
        draft.plan.after.push(Fact::new("Active personal keys", "none"));
        if let Some(fact) = held {
            draft.plan.after.push(Fact::new(&fact.name, "off"));
            draft.plan.before.push(fact);
        }
        draft.plan.undo = Some("give the keys and the chat accounts back".into());
        Ok(draft)
    }
}

impl Thaw {
    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        let Some(member) = world.members.iter().find(|it| it.id == self.user_id) else {
            return Err(no_such_member());
        };
        let is_meant = |it: &&ApiKeyRow| it.status == "inactive" && self.keys.contains(&it.id);
        let keys: Vec<&ApiKeyRow> = personal_keys(world, &self.user_id).filter(is_meant).collect();
        let mut draft = switched(&keys, "active");
        draft.prepend(switching(world, AllTokens::Back, &self.tokens));
        if let Some(person) = world.people.first() {
            let effect = Local::RestoreLinks { person: person.id.clone(), name: person.name.clone() };
            let does = format!("the chat accounts of {} count again", person.name);
            draft.plan.steps.push(own(does));
            draft.effects.push(Effect::Local(effect));
        }
        if draft.effects.is_empty() {
            return Err(Failure::mistake(
                format!("There is nothing to give back to {}.", member.email),
                "Nothing was changed.",
            ));
        }
        draft.plan.summary = format!("give {} back what was frozen", member.email);
        Ok(draft)
    }
}

impl Draft {
    /// Before the calls: it is done even if Anthropic does not answer.
    fn prepend(&mut self, it: Option<Switching>) {
        if let Some(it) = it {
            self.plan.steps.insert(0, it.step);
            self.effects.insert(0, it.effect);
        }
    }
}

fn personal_keys<'w>(world: &'w World, user_id: &str) -> impl Iterator<Item = &'w ApiKeyRow> {
    let user_id = user_id.to_owned();
    world.keys.iter().filter(move |it| it.kind == "personal" && it.owner_id.as_deref() == Some(user_id.as_str()))
}

fn switched(keys: &[&ApiKeyRow], to: &str) -> Draft {
    let calls: Vec<SetKeyStatus> = keys.iter().map(|it| SetKeyStatus::new(it, to)).collect();
    let plan = Plan {
        summary: String::new(),
        steps: calls.iter().map(SetKeyStatus::step).collect(),
        before: Vec::new(),
        after: Vec::new(),
        cost: None,
        undo: None,
    };
    Draft { plan, effects: calls.into_iter().map(Effect::SetKeyStatus).collect() }
}

/// A step that is no call: it changes Steward's own books.
fn own(does: String) -> Step {
    Step { call: "Steward".into(), does, exact: String::new() }
}

fn listed(names: &[&str]) -> String {
    if names.is_empty() { "none".into() } else { names.join(", ") }
}
