//! Access by tokens is held back, given back, or ended: from that moment no further token is made, or one can be had again.

use serde::{Deserialize, Serialize};

use super::draft::Draft;
use super::effect::Effect;
use super::failure::Failure;
use super::local::Local;
use super::world::World;
use crate::chat::Text;
use crate::domain::{Fact, Plan, Step};
use crate::store::TokenState;
use crate::view;

/// The access, and what it is to be: `granted`, `off` or `revoked`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwitchToken {
    /// Our id of its rule.
    pub id: String,
    /// `granted`, `off`, or `revoked`, which nothing brings back.
    pub to: String,
}

impl SwitchToken {
    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        let Some(token) = world.token.as_ref().filter(|it| it.id == self.id && it.is_genuine) else {
            return Err(no_such_access());
        };
        let name = token.name();
        let from = token.state.as_str();
        if from == self.to {
            return Err(Failure::mistake(
                format!("The access {name} is {} already.", told(from)),
                "Nothing was changed.",
            ));
        }
        if !matches!(token.state, TokenState::Granted | TokenState::Off) {
            return Err(Failure::mistake(
                format!("The access {name} is {}, and nothing brings it back.", told(from)),
                Text::plain("Nothing was changed. Ask for another one: ").command("key request").then("."),
            ));
        }
        let live_on = view::token::live_on(token.lifetime_s);
        let (verb, does, undo) = match self.to.as_str() {
            "off" => {
                ("switch off", format!("no further token of {name} is made; {live_on}"), Some("switch it on again"))
            }
            "revoked" => ("revoke", format!("no further token of {name} is ever made; {live_on}"), None),
            _ => ("switch on", format!("tokens of {name} can be had again"), Some("switch it off again")),
        };
        let local = Local::SwitchToken {
            id: token.id.clone(),
            name: name.to_owned(),
            from: from.to_owned(),
            to: self.to.clone(),
            lifetime_s: token.lifetime_s,
        };
        let plan = Plan {
            summary: format!("{verb} the access {name} by tokens"),
            steps: vec![Step { call: "Steward's own books".into(), does, exact: String::new() }],
            before: vec![Fact::new("Access", told(from))],
            after: vec![Fact::new("Access", told(&self.to))],
            cost: None,
            undo: undo.map(ToOwned::to_owned),
        };
        Ok(Draft { plan, effects: vec![Effect::Local(local)] })
    }
}

/// What a state is called.
pub(super) fn told(state: &str) -> &'static str {
    match state {
        "granted" => "on",
        "off" => "off",
        "revoked" | "archived" => "revoked",
        _ => "nobody's",
    }
}

pub(super) fn no_such_access() -> Failure {
    Failure::mistake(
        "There is no such access any more.",
        Text::plain("Nothing was changed. See ").command("key list").then("."),
    )
}
