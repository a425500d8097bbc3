//! An API key for somebody: taken from the workspace's stock, named, offered, and switched on once its owner reveals it.

use serde::{Deserialize, Serialize};

use super::draft::{Draft, no_such_workspace};
use super::effect::Effect;
use super::failure::Failure;
use super::hand_over::HandOver;
use super::local::{Local, OfferKey};
use super::name_key::NameKey;
use super::world::World;
use crate::chat::Text;
use crate::domain::{Called, Environment, Fact, Issuer, Plan, Step, marked_name};

/// A key that somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueKey {
    /// `wrkspc_…`.
    pub workspace_id: String,
    /// What it is to be called; people find it by that.
    pub name: String,
    /// What it is for, in their words.
    pub purpose: String,
    /// Where it will be used; the workspace's own environment unless they say otherwise.
    pub environment: Option<Environment>,
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
}

impl IssueKey {
    /// Two open requests of one person for the same name in one workspace are one.
    pub(super) fn subject(&self) -> String {
        let owner = self.terms.as_ref().map_or("", |it| it.owner.id.as_str());
        format!("{} {owner} {}", self.workspace_id, self.name.to_lowercase())
    }

    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        let place = world.places.first().filter(|it| it.workspace.archived_at.is_none());
        let (Some(place), Some(terms)) = (place, &self.terms) else { return Err(no_such_workspace()) };
        let workspace = &place.workspace;
        if terms.issuer != Issuer::Stock {
            return Err(Failure::mistake(
                format!("Keys of {} are not issued from a stock.", workspace.name),
                Text::plain("Nothing was changed. Ask an admin: they can make one in the Claude Console."),
            ));
        }
        let upstream = marked_name(&self.name, &terms.mark);
        let claim = Local::ClaimKey {
            workspace_id: workspace.id.clone(),
            workspace: workspace.name.clone(),
            owner: terms.owner.clone(),
            mark: terms.mark.clone(),
        };
        let offer = OfferKey {
            owner: terms.owner.clone(),
            workspace: workspace.name.clone(),
            name: self.name.clone(),
            purpose: self.purpose.clone(),
            environment: terms.environment,
            mark: terms.mark.clone(),
            rotate_days: terms.rotate_days,
        };
        let name = NameKey::of_claim(&terms.mark, &upstream);
        let hand_over = HandOver::new(&terms.mark, &terms.owner.name);
        let own = |does: String| Step { call: "Steward's own books".into(), does, exact: String::new() };
        let plan = Plan {
            summary: format!(
                "issue the {} API key {} in {} to {}",
                terms.environment, self.name, workspace.name, terms.owner.name
            ),
            steps: vec![
                own(format!("a key of the stock of {} is taken for {}", workspace.name, terms.owner.name)),
                name.step(),
                own(format!(
                    "{} gets a direct message with a button that reveals it, good for 24 hours",
                    terms.owner.name
                )),
                hand_over.step(),
            ],
            before: vec![Fact::new("Key", "none")],
            after: vec![
                Fact::new("Key", upstream),
                Fact::new("Purpose", self.purpose.clone()),
                Fact::new("Replaced after", format!("{} days", terms.rotate_days)),
            ],
            cost: None,
            undo: Some("switch the key off".into()),
        };
        let effects = vec![
            Effect::Local(claim),
            Effect::NameKey(name),
            Effect::Local(Local::OfferKey(offer)),
            Effect::HandOver(hand_over),
        ];
        Ok(Draft { plan, effects })
    }
}
