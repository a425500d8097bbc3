//! Setting and removing a limit of what is spent: a line in Steward's own books.

use serde::{Deserialize, Serialize};

use super::draft::Draft;
use super::effect::Effect;
use super::failure::Failure;
use super::limit_books::LimitBook;
use super::local::Local;
use super::world::World;
use crate::chat::Text;
use crate::domain::{Brake, Fact, LimitId, LimitTerms, Plan, Step, limit_words};
use crate::view::capital;

/// The limit as it is to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetLimit {
    /// All of it.
    pub terms: LimitTerms,
    /// What people call whose spending it is.
    pub name: String,
}

/// The limit that goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoveLimit {
    /// Which one.
    pub id: LimitId,
    /// What people call whose spending it is.
    pub name: String,
}

/// `$500.00, soft: warns only`.
fn said(terms: &LimitTerms) -> String {
    let brake = match terms.brake {
        Brake::Soft => "soft: warns only",
        Brake::Hard => {
            "hard: lowers rate limits at 90 %, switches keys off at 100 %, those in production only on approval"
        }
    };
    format!("{}, {brake}", terms.amount)
}

fn books(does: String) -> Step {
    Step { call: "Steward's own books".into(), does, exact: String::new() }
}

/// A draft of one line in the books.
pub(super) fn line(summary: String, (before, after): (String, String), undo: Option<&str>, book: LimitBook) -> Draft {
    let plan = Plan {
        steps: vec![books(summary.clone())],
        summary,
        before: vec![Fact::new("Limit", before)],
        after: vec![Fact::new("Limit", after)],
        cost: None,
        undo: undo.map(ToOwned::to_owned),
    };
    Draft { plan, effects: vec![Effect::Local(Local::Limit(book))] }
}

impl SetLimit {
    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        let words = limit_words(&self.terms.id(), &self.name);
        let before = world.limits.iter().find(|it| it.terms.id() == self.terms.id());
        if before.is_some_and(|it| it.terms == self.terms) {
            return Err(Failure::mistake(format!("{} is that already.", capital(&words)), "Nothing was changed."));
        }
        let summary = format!("set {words} to {}", self.terms.amount);
        let before = before.map_or_else(|| "none".to_owned(), |it| said(&it.terms));
        let book = LimitBook::Set { terms: self.terms.clone(), name: self.name.clone() };
        Ok(line(summary, (before, said(&self.terms)), Some("put back what it was"), book))
    }
}

impl RemoveLimit {
    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        let Some(limit) = world.limits.iter().find(|it| it.terms.id() == self.id) else {
            return Err(no_such_limit());
        };
        let summary = format!("remove {}", limit_words(&self.id, &self.name));
        let book = LimitBook::Remove { id: self.id.clone(), name: self.name.clone() };
        Ok(line(summary, (said(&limit.terms), "none".into()), Some("set it again"), book))
    }
}

pub(super) fn no_such_limit() -> Failure {
    Failure::mistake(
        "There is no such limit any more.",
        Text::plain("Nothing was changed. See ").command("limit list").then("."),
    )
}
