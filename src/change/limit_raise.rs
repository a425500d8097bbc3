//! More than a limit for a while, nothing told of it for a while, and a key that no brake touches: lines in Steward's own books.

use serde::{Deserialize, Serialize};

use super::draft::Draft;
use super::failure::Failure;
use super::key_status::no_such_key;
use super::limit_books::LimitBook;
use super::limit_set::{line, no_such_limit};
use super::world::World;
use crate::domain::{Amount, Day, LimitId, Plan, limit_words, spoken_name};

/// More for a while, on top of a limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RaiseLimit {
    /// Of which limit.
    pub id: LimitId,
    /// What people call whose spending it is.
    pub name: String,
    /// How much it is without it, as far as the configuration says so.
    pub amount: Amount,
    /// So much on top.
    pub by: Amount,
    /// The last day.
    pub until: Day,
    /// True if it stands in the configuration; one that was set in chat may be removed or changed meanwhile.
    #[serde(default)]
    pub of_file: bool,
}

/// What was put on top of a limit ends before its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndRaise {
    /// The change that put it there, by number.
    pub change: i64,
    /// What it was.
    pub raise: RaiseLimit,
}

/// Nothing is told of a limit for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnoozeLimit {
    /// Of which one.
    pub id: LimitId,
    /// What people call whose spending it is.
    pub name: String,
    /// The last day; none: it is told of again.
    pub until: Option<Day>,
}

/// A key that no brake touches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinKey {
    /// `apikey_…`.
    pub key_id: String,
    /// The last day; none: until somebody says otherwise.
    pub until: Option<Day>,
    /// True if a brake may touch it again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ends: bool,
}

impl RaiseLimit {
    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        if self.until.at <= world.at {
            return Err(Failure::mistake(
                format!("{} is over, so nothing would be raised.", self.until),
                "Nothing was changed. Name a later day.",
            ));
        }
        let summary = format!("raise {} by {} until {}", limit_words(&self.id, &self.name), self.by, self.until);
        let amount = match world.limits.first() {
            _ if self.of_file => self.amount,
            Some(limit) => limit.terms.amount,
            None => return Err(no_such_limit()),
        };
        let before = amount + world.on_top;
        let then = if world.on_top == Amount::ZERO { "again" } else { "without what is on top" };
        let after = format!("{} until {}, then {} {then}", before + self.by, self.until, amount);
        let RaiseLimit { id, name, by, until, .. } = self.clone();
        let book = LimitBook::Raise { id, name, by, until };
        let draft = line(summary, (before.to_string(), after), Some("end it before its time"), book);
        let cost = Some(format!("up to {} more", self.by));
        Ok(Draft { plan: Plan { cost, ..draft.plan }, ..draft })
    }
}

impl EndRaise {
    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        let RaiseLimit { id, name, amount, by, until, .. } = &self.raise;
        if until.at <= world.at {
            return Err(Failure::mistake("It has ended by itself.", "Nothing was changed."));
        }
        let summary = format!("end what is on top of {}", limit_words(id, name));
        let book = LimitBook::EndRaise { change: self.change, id: id.clone(), name: name.clone() };
        Ok(line(summary, ((*amount + *by).to_string(), amount.to_string()), None, book))
    }
}

impl SnoozeLimit {
    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        let words = limit_words(&self.id, &self.name);
        let (summary, after) = match self.until {
            Some(until) if until.at <= world.at => {
                return Err(Failure::mistake(format!("{until} is over."), "Nothing was changed. Name a later day."));
            }
            Some(until) => {
                (format!("say nothing of {words} until {until}"), format!("not told before the end of {until}"))
            }
            None => (format!("tell of {words} again"), "told".to_owned()),
        };
        let book = LimitBook::Quiet { id: self.id.clone(), name: self.name.clone(), until: self.until };
        Ok(line(summary, ("told".into(), after), Some("tell of it again"), book))
    }

    /// It is told of again.
    pub(super) fn ended(self) -> Self {
        Self { until: None, ..self }
    }
}

impl PinKey {
    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        let Some(key) = world.keys.iter().find(|it| it.id == self.key_id) else { return Err(no_such_key()) };
        let name = spoken_name(&key.name);
        if self.ends {
            let summary = format!("let brakes touch the API key {name} again");
            let book = LimitBook::Unpin { key_id: self.key_id.clone() };
            return Ok(line(summary, ("touches no such key".into(), "touches it".into()), None, book));
        }
        if let Some(until) = self.until.filter(|it| it.at <= world.at) {
            return Err(Failure::mistake(format!("{until} is over."), "Nothing was changed. Name a later day."));
        }
        let until = self.until.map(|it| format!(" until {it}")).unwrap_or_default();
        let summary = format!("keep brakes off the API key {name}{until}");
        let book = LimitBook::Pin { key_id: self.key_id.clone(), until: self.until };
        Ok(line(summary, ("switches it off".into(), "leaves it on".into()), Some("let brakes touch it again"), book))
    }

    /// A brake may touch it again.
    pub(super) fn ended(self) -> Self {
        Self { until: None, ends: true, ..self }
    }
}
