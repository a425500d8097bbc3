//! An API key for somebody: taken from the workspace's stock, named, offered, and switched on once its owner reveals it.

use serde::{Deserialize, Serialize};

use super::draft::{Draft, no_such_workspace};
use super::effect::Effect;
use super::failure::Failure;
use super::grant_token::GrantToken;
use super::hand_over::HandOver;
use super::key_status::no_such_key;
use super::local::{Local, OfferKey};
use super::name_key::NameKey;
use super::token_issue;
use super::world::World;
use crate::chat::Text;
use crate::domain::{Called, Environment, Fact, Issuer, Plan, Step, marked_name, spoken_name};
use crate::store::{ApiKeyRow, WorkspaceRow};

/// A key that somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueKey {
    /// `wrkspc_…`.
    pub workspace_id: String,
    /// What it is to be called; people find it by that. Empty until the pipeline has named it, if they did not.
    pub name: String,
    /// What it is for, in their words.
    pub purpose: String,
    /// The team that it is for, if it is one's. Whoever asks answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// Where it will be used; the workspace's own environment unless they say otherwise.
    pub environment: Option<Environment>,
    /// The key in whose place it is issued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
    /// What only the pipeline can say; none before it has.
    #[serde(default)]
    pub terms: Option<IssueTerms>,
}

/// What the configuration, and whoever asks, make of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueTerms {
    /// Whose it will be.
    pub owner: Called,
    /// How keys are issued in the workspace.
    pub issuer: Issuer,
    /// Where it will be used.
    pub environment: Environment,
    /// The request's mark: it ends up in the key's name in the organization, as a witness outside the database.
    pub mark: String,
    /// How many days old it may get.
    pub rotate_days: i64,
    /// How long a token lives, in seconds, where tokens are issued.
    #[serde(default)]
    pub lifetime_s: i64,
}

impl IssueKey {
    /// A key in place of another one. The pipeline says what it is like: everything but its age is as it was.
    #[must_use]
    pub fn in_place_of(key_id: String) -> Self {
        Self {
            workspace_id: String::new(),
            name: String::new(),
            purpose: String::new(),
            team: None,
            environment: None,
            replaces: Some(key_id),
            terms: None,
        }
    }

    /// Two open requests of one person for the same name in one workspace are one.
    pub(super) fn subject(&self) -> String {
        let owner = self.terms.as_ref().map_or("", |it| it.owner.id.as_str());
        format!("{} {owner} {}", self.workspace_id, self.name.to_lowercase())
    }

    /// The key in whose place it is issued, if it is: one at a time, so that no row of keys grows behind it.
    fn replaced<'a>(&self, world: &'a World) -> Result<Option<&'a ApiKeyRow>, Failure> {
        let Some(id) = &self.replaces else { return Ok(None) };
        let Some(key) = world.keys.iter().find(|it| it.id == *id) else { return Err(no_such_key()) };
        let name = spoken_name(&key.name);
        if key.status != "active" {
            return Err(Failure::mistake(
                format!("The API key {name} is {}, so there is nothing to replace.", key.status),
                Text::plain("Nothing was changed. Ask for another one: ").command("key request").then("."),
            ));
        }
        if world.life.next.is_some() {
            return Err(Failure::mistake(
                format!("The API key {name} was replaced already."),
                "Nothing was changed. It is switched off once nothing uses it any more.",
            ));
        }
        if world.replaces.is_some() {
            return Err(Failure::mistake(
                format!("The API key {name} is in the place of another one, which still works."),
                "Nothing was changed. Have everything use this one first; the old one is switched off then.",
            ));
        }
        Ok(Some(key))
    }

    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        let place = world.places.first().filter(|it| it.workspace.archived_at.is_none());
        let (Some(place), Some(terms)) = (place, &self.terms) else { return Err(no_such_workspace()) };
        let workspace = &place.workspace;
        if terms.issuer == Issuer::Token {
            if self.replaces.is_some() {
                return Err(tokens_instead(&workspace.name));
            }
            if self.team.is_some() {
                return Err(nobody_shares(&workspace.name));
            }
            return Ok(token_issue::draft(self.grant(terms, workspace)));
        }
        let old = self.replaced(world)?;
        let upstream = marked_name(&self.name, &terms.mark);
        let offer = OfferKey {
            owner: terms.owner.clone(),
            workspace: workspace.name.clone(),
            workspace_id: workspace.id.clone(),
            name: self.name.clone(),
            purpose: self.purpose.clone(),
            team: self.team.clone(),
            environment: terms.environment,
            mark: terms.mark.clone(),
            rotate_days: terms.rotate_days,
            replaces: self.replaces.clone(),
        };
        let (steps, effects) = match terms.issuer {
            Issuer::Claim => by_hand(offer, &upstream),
            Issuer::Stock | Issuer::Token => from_stock(offer, &upstream),
        };
        let mut after = vec![
            Fact::new("Key", upstream),
            Fact::new("Purpose", self.purpose.clone()),
            Fact::new("Replaced after", format!("{} days", terms.rotate_days)),
        ];
        after.extend(self.team.as_ref().map(|it| Fact::new("Team", it.clone())));
        after.extend(old.map(|_| Fact::new("The old key", "works until nobody uses it any more")));
        let plan = Plan {
            summary: match old {
                Some(_) => format!("replace the API key {} in {} of {}", self.name, workspace.name, terms.owner.name),
                None => format!(
                    "issue the {} API key {} in {} to {}",
                    terms.environment, self.name, workspace.name, terms.owner.name
                ),
            },
            steps,
            before: vec![Fact::new("Key", old.map_or("none", |it| it.name.as_str()))],
            after,
            cost: None,
            undo: Some("switch the key off".into()),
        };
        Ok(Draft { plan, effects })
    }

    /// What a request comes to where tokens are issued.
    fn grant(&self, terms: &IssueTerms, workspace: &WorkspaceRow) -> GrantToken {
        GrantToken {
            workspace_id: workspace.id.clone(),
            workspace: workspace.name.clone(),
            owner: terms.owner.clone(),
            name: self.name.clone(),
            purpose: self.purpose.clone(),
            environment: terms.environment,
            mark: terms.mark.clone(),
            lifetime_s: terms.lifetime_s,
        }
    }
}

fn tokens_instead(workspace: &str) -> Failure {
    Failure::mistake(
        format!("In {workspace} there are tokens instead of keys, so no other key comes in place of this one."),
        Text::plain("Nothing was changed. Ask for access by tokens: ")
            .command("key request")
            .then("; then give the key back."),
    )
}

fn nobody_shares(workspace: &str) -> Failure {
    Failure::mistake(
        format!("In {workspace} there are tokens instead of keys, and access by tokens is one person's."),
        Text::plain("Nothing was asked for. Everybody who needs it asks for themselves: ")
            .command("key request")
            .then(" without a team."),
    )
}

fn own(does: String) -> Step {
    Step { call: "Steward's own books".into(), does, exact: String::new() }
}

/// A key of the stock: taken, named, offered, and switched on once its owner reveals it.
fn from_stock(offer: OfferKey, upstream: &str) -> (Vec<Step>, Vec<Effect>) {
    let (owner, workspace) = (offer.owner.name.clone(), offer.workspace.clone());
    let claim = Local::ClaimKey {
        workspace_id: offer.workspace_id.clone(),
        workspace: workspace.clone(),
        owner: offer.owner.clone(),
        mark: offer.mark.clone(),
    };
    let name = NameKey::of_claim(&offer.mark, upstream);
    let hand_over = HandOver::new(&offer.mark, &owner, offer.replaces.clone());
    let steps = vec![
        own(format!("a key of the stock of {workspace} is taken for {owner}")),
        name.step(),
        own(format!("{owner} gets a direct message with a button that reveals it, good for 24 hours")),
        hand_over.step(),
    ];
    let effects = vec![
        Effect::Local(claim),
        Effect::NameKey(name),
        Effect::Local(Local::OfferKey(offer)),
        Effect::HandOver(hand_over),
    ];
    (steps, effects)
}

/// A key that somebody makes in the Console, under a name that nobody else can know beforehand.
fn by_hand(offer: OfferKey, upstream: &str) -> (Vec<Step>, Vec<Effect>) {
    let (owner, workspace) = (&offer.owner.name, &offer.workspace);
    let steps = vec![
        own(format!(
            "{owner} is told to make a key called {upstream} in {workspace} in the Claude Console, or to have an admin make it, within 7 days"
        )),
        own(format!("the key is recognized by its name and by who made it, and is {owner}'s from then on")),
    ];
    let effects = vec![Effect::Local(Local::AwaitKey(offer.clone())), Effect::Local(Local::TakeKey(offer))];
    (steps, effects)
}
