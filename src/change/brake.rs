//! The brake of a hard limit: rate limits of a workspace are lowered, keys are switched off; and taken off again, what it did is
//! put back as far as nobody has had a say about it since.

use serde::{Deserialize, Serialize};

use super::draft::Draft;
use super::effect::Effect;
use super::failure::Failure;
use super::limit_books::LimitBook;
use super::local::Local;
use super::set_key_status::SetKeyStatus;
use super::workspace_limits::SetWorkspaceLimits;
use super::world::World;
use crate::clock::Moment;
use crate::domain::{Fact, LimitId, Plan, Step, limit_words, spoken_name};
use crate::store::ApiKeyRow;

/// For whose sake a brake is put on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Braking {
    /// The limit.
    pub limit: LimitId,
    /// What people call whose spending it is.
    pub name: String,
    /// The beginning of the period that it is for.
    pub period: Moment,
    /// True if it touches production: somebody has to agree.
    pub production: bool,
}

/// Lower the rate limits of a workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlowDown {
    /// For whose sake.
    pub braking: Braking,
    /// Which workspace, and which limits.
    pub to: SetWorkspaceLimits,
}

/// Switch keys off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopKeys {
    /// For whose sake.
    pub braking: Braking,
    /// Those that work, and those that another brake keeps off already: `apikey_…`.
    pub keys: Vec<String>,
}

/// Take a brake off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseBrake {
    /// The change that put it on, by number.
    pub brake: i64,
    /// The limit.
    pub limit: LimitId,
    /// What people call whose spending it is.
    pub name: String,
    /// The rate limits to be put back.
    pub limits: Option<SetWorkspaceLimits>,
    /// The keys to be switched on, if nobody had a say about them since.
    pub keys: Vec<String>,
    /// True if somebody takes it off while the limit is reached: it is not put on again in this period.
    pub left: bool,
}

fn books(does: &str) -> Step {
    Step { call: "Steward's own books".into(), does: does.to_owned(), exact: String::new() }
}

impl Braking {
    fn book(&self, workspace_id: Option<&str>, keys: Vec<String>) -> Effect {
        Effect::Local(Local::Limit(LimitBook::Brake {
            id: self.limit.clone(),
            period: self.period,
            workspace_id: workspace_id.map(ToOwned::to_owned),
            keys,
        }))
    }

    fn words(&self) -> String {
        limit_words(&self.limit, &self.name)
    }
}

impl SlowDown {
    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        let Draft { mut plan, mut effects } = self.to.plan(world)?;
        let workspace = world.places.first().map_or("", |it| it.workspace.name.as_str());
        plan.summary = format!("lower the rate limits of {workspace}, because of {}", self.braking.words());
        plan.undo = Some("put the limits back as they were".into());
        // Written down first, so that it is taken off again whatever happens half-way.
        plan.steps.insert(0, books("it is taken off when the period is over"));
        effects.insert(0, self.braking.book(Some(&self.to.workspace_id), Vec::new()));
        Ok(Draft { plan, effects })
    }
}

impl StopKeys {
    /// One open request for each limit, in production and outside of it.
    pub(super) fn subject(&self) -> String {
        format!("{} {}", self.braking.limit, if self.braking.production { "production" } else { "other keys" })
    }

    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        let is_meant = |it: &&ApiKeyRow| self.keys.contains(&it.id);
        let keys: Vec<&ApiKeyRow> = world.keys.iter().filter(is_meant).collect();
        let works: Vec<&ApiKeyRow> = keys.iter().filter(|it| it.status == "active").copied().collect();
        if keys.is_empty() || (works.is_empty() && world.braked.is_empty()) {
            return Err(Failure::mistake("None of these API keys works.", "Nothing was changed."));
        }
        let calls: Vec<SetKeyStatus> = works.iter().map(|it| SetKeyStatus::new(it, "inactive")).collect();
        let held = keys.iter().map(|it| it.id.clone()).collect();
        let first = books("they are switched on again when the period is over");
        let plan = Plan {
            summary: format!("switch off {}, because of {}", named(&works), self.braking.words()),
            steps: std::iter::once(first).chain(calls.iter().map(SetKeyStatus::step)).collect(),
            before: vec![Fact::new("Keys that work", listed(&works))],
            after: vec![Fact::new("Keys that work", "none of these".to_owned())],
            cost: None,
            undo: Some("switch them on again".into()),
        };
        let effects = std::iter::once(self.braking.book(None, held)).chain(calls.into_iter().map(Effect::SetKeyStatus));
        Ok(Draft { plan, effects: effects.collect() })
    }
}

impl SlowDown {
    /// Taken off by somebody.
    pub(super) fn released(self, brake: i64) -> ReleaseBrake {
        let Braking { limit, name, .. } = self.braking;
        ReleaseBrake { brake, limit, name, limits: Some(self.to.reversed()), keys: Vec::new(), left: true }
    }
}

impl StopKeys {
    /// Taken off by somebody.
    pub(super) fn released(self, brake: i64) -> ReleaseBrake {
        let Braking { limit, name, .. } = self.braking;
        ReleaseBrake { brake, limit, name, limits: None, keys: self.keys, left: true }
    }
}

impl ReleaseBrake {
    pub(super) fn plan(&self, world: &World) -> Draft {
        let limit = limit_words(&self.limit, &self.name);
        let mut plan = Plan {
            summary: format!("take the brake of {limit} off"),
            steps: Vec::new(),
            before: Vec::new(),
            after: Vec::new(),
            cost: None,
            undo: None,
        };
        let mut effects = Vec::new();
        // Where nothing is left to be put back, or the workspace is gone, the brake is off all the same.
        if let Some(back) = self.limits.as_ref().and_then(|it| it.plan(world).ok()) {
            (plan.steps, plan.before, plan.after, effects) =
                (back.plan.steps, back.plan.before, back.plan.after, back.effects);
        }
        let is_ours = |it: &&ApiKeyRow| {
            let holders = world.braked.iter().filter(|(key, _)| *key == it.id).map(|(_, brake)| *brake);
            it.status == "inactive" && self.keys.contains(&it.id) && holders.eq([self.brake])
        };
        let keys: Vec<&ApiKeyRow> = world.keys.iter().filter(is_ours).collect();
        if !keys.is_empty() {
            plan.after.push(Fact::new("Switched on again", listed(&keys)));
        }
        let calls: Vec<SetKeyStatus> = keys.iter().map(|it| SetKeyStatus::new(it, "active")).collect();
        plan.steps.extend(calls.iter().map(SetKeyStatus::step));
        effects.extend(calls.into_iter().map(Effect::SetKeyStatus));
        let off = if self.left { "the brake is off, and stays off in this period" } else { "the brake is off" };
        plan.steps.push(books(off));
        effects.push(Effect::Local(Local::Limit(LimitBook::Release { brake: self.brake, left: self.left })));
        Draft { plan, effects }
    }
}

fn named(keys: &[&ApiKeyRow]) -> String {
    match keys {
        [one] => format!("the API key {}", spoken_name(&one.name)),
        several => format!("{} API keys", several.len()),
    }
}

fn listed(keys: &[&ApiKeyRow]) -> String {
    let names: Vec<&str> = keys.iter().map(|it| spoken_name(&it.name)).collect();
    if names.is_empty() { "none".into() } else { names.join(", ") }
}
