//! `/claude key adopt/assign/keep/return/rotate <key>`: who looks after a key, and for how long.
//!
//! - Needs: the key to be one's own, or [`crate::domain::Permission::KeyManage`]. Reads: the directory.
//! - Proposes: [`OwnKey`], [`KeepKey`], [`SwitchKey`], [`IssueKey`] in place of another key. Leaves behind: nothing of its own.

use jiff::civil::Date;

use super::named::{find, key_named};
use super::request::purpose;
use crate::change::{Asker, Failure, IssueKey, KeepKey, OwnKey, Proposal, SwitchKey};
use crate::command::ask::Ask;
use crate::command::day::{self, day};
use crate::command::{Outcome, Tools, find as look_up};
use crate::domain::{Called, Environment, Who, spoken_name};
use crate::store::ListedKey;

/// Look after a key.
///
/// For a key that nobody asked Steward for. You are asked before it ends, and when it is old or lies idle; its secret stays
/// where it is.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "key adopt batch-scoring --purpose \"nightly scores\"")]
pub struct Adopt {
    /// Name, id or hint.
    #[arg(value_name = "key", value_parser = key_named)]
    pub key: String,
    /// What it is for.
    #[arg(long, value_name = "text", value_parser = purpose)]
    pub purpose: Option<String>,
    /// Where it is used.
    #[arg(long, value_enum, ignore_case = true)]
    pub environment: Option<Environment>,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
}

/// Have somebody else look after a key.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "key assign batch-scoring samir@example.com --purpose \"nightly scores\"")]
pub struct Assign {
    /// Name, id or hint.
    #[arg(value_name = "key", value_parser = key_named)]
    pub key: String,
    /// Address, @user, name or id.
    #[arg(value_name = "who")]
    pub who: Who,
    /// What it is for.
    #[arg(long, value_name = "text", value_parser = purpose)]
    pub purpose: Option<String>,
    /// Where it is used.
    #[arg(long, value_enum, ignore_case = true)]
    pub environment: Option<Environment>,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
}

/// Go on with a key.
///
/// Until that day nobody asks whether it is needed, and it need not be replaced. Whoever has a key may say so at once; to put its
/// replacement off, they ask.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "key keep ada-nightly-evals --until 2027-03-31 --reason \"runs once a quarter\"")]
pub struct Keep {
    /// Name, id or hint.
    #[arg(value_name = "key", value_parser = key_named)]
    pub key: String,
    /// The last day; without, in 30 days.
    #[arg(long, value_name = "date", value_parser = day)]
    pub until: Option<Date>,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
}

/// Give a key back.
///
/// It is switched off now, and archived in 30 days unless you switch it on again.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "key return ada-nightly-evals")]
pub struct Return {
    /// Name, id or hint.
    #[arg(value_name = "key", value_parser = key_named)]
    pub key: String,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
}

/// Have a key replaced.
///
/// You get a new one first. The old one works until nothing has used it for a while; then it is switched off, and can be
/// switched on again for 30 days.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "key rotate ada-nightly-evals")]
pub struct Rotate {
    /// Name, id or hint.
    #[arg(value_name = "key", value_parser = key_named)]
    pub key: String,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
}

/// How long a key is kept if nothing else is said.
const KEPT_DAYS: i64 = 30;

fn owned(
    tools: &Tools,
    (found, owner): (ListedKey, Called),
    (purpose, environment): (Option<String>, Option<Environment>),
    ask: Ask,
) -> Outcome {
    let place = tools.rules.now().place(found.workspace.as_deref().unwrap_or_default());
    let record = found.record.as_ref();
    let known = record.map(|it| it.purpose.clone());
    let proposal = OwnKey {
        owner,
        purpose: purpose.or(known).unwrap_or_else(|| spoken_name(&found.key.name).to_owned()),
        environment: environment.or(record.map(|it| it.environment)).unwrap_or(place.environment),
        rotate_days: place.rotate_days,
        key_id: found.key.id,
    };
    Outcome::proposes(ask.request(Proposal::KeyOwner(proposal)))
}

impl Adopt {
    /// Proposes it.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if no key or several are meant; [`Failure::Stranger`] for whoever is nobody yet.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        let found = find(tools, asker, &self.key).await?;
        let Some(person) = asker.person.as_ref().filter(|_| asker.linked) else { return Err(Failure::Stranger) };
        let owner = Called { id: person.id.clone(), name: person.name.clone() };
        Ok(owned(tools, (found, owner), (self.purpose, self.environment), self.ask))
    }
}

impl Assign {
    /// Proposes it.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if no key or several are meant, or nobody or several people.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        let found = find(tools, asker, &self.key).await?;
        let owner = look_up::person(tools, asker, &self.who).await?;
        Ok(owned(tools, (found, owner), (self.purpose, self.environment), self.ask))
    }
}

impl Keep {
    /// Proposes it.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if no key or several are meant.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        let key_id = find(tools, asker, &self.key).await?.key.id;
        let until = self.until.unwrap_or_else(|| day::in_days(tools, KEPT_DAYS));
        let proposal = KeepKey { key_id, until: day::through(tools, until)? };
        Ok(Outcome::proposes(self.ask.request(Proposal::KeyKeep(proposal))))
    }
}

impl Return {
    /// Proposes it.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if no key or several are meant.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        let key_id = find(tools, asker, &self.key).await?.key.id;
        Ok(Outcome::proposes(self.ask.request(Proposal::KeyStatus(SwitchKey::retire(key_id)))))
    }
}

impl Rotate {
    /// Proposes it.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if no key or several are meant.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        let key_id = find(tools, asker, &self.key).await?.key.id;
        Ok(Outcome::proposes(self.ask.request(Proposal::KeyRotate(IssueKey::in_place_of(key_id)))))
    }
}
