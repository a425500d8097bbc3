//! All access by tokens of somebody who leaves is held back by a freeze, and given back. No call; Steward's own books.

use super::all_tokens::{AllTokens, SwitchTokens};
use super::effect::Effect;
use super::local::Local;
use super::world::World;
use crate::domain::{Called, Fact, Step};
use crate::store::{TokenRule, TokenState};
use crate::view;

/// What is planned for the access of whoever a change is about.
pub(super) struct Switching {
    pub(super) step: Step,
    pub(super) before: Fact,
    pub(super) effect: Effect,
}

/// Nothing if none of it is concerned. `only` counts for what is given back.
pub(super) fn switching(world: &World, to: AllTokens, only: &[String]) -> Option<Switching> {
    let person = world.people.first()?;
    let is_meant = |it: &&TokenRule| match to {
        AllTokens::Off => it.state == TokenState::Granted,
        AllTokens::Back => it.state == TokenState::Off && only.contains(&it.id),
    };
    let meant: Vec<&TokenRule> = world.tokens.iter().filter(is_meant).collect();
    let longest = meant.iter().map(|it| it.lifetime_s).max()?;
    let names: Vec<&str> = meant.iter().map(|it| it.name()).collect();
    let does = match to {
        AllTokens::Off => {
            format!("no further token is made for {}; {}", person.name, view::token::live_on(longest))
        }
        AllTokens::Back => format!("{} can get tokens again", person.name),
    };
    let owner = Called { id: person.id.clone(), name: person.name.clone() };
    let only = meant.iter().filter(|_| to == AllTokens::Back).map(|it| it.id.clone()).collect();
    Some(Switching {
        step: Step { call: "Steward's own books".into(), does, exact: String::new() },
        before: Fact::new("Access by tokens", names.join(", ")),
        effect: Effect::Local(Local::SwitchTokens(SwitchTokens { owner, to, only })),
    })
}
