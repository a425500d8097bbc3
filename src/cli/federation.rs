//! `steward federation setup`, `revoke`, `record`: what tokens need in the organization, shown or done.
//!
//! A token with the scope `org:admin` opens the whole organization. It is read once, from a prompt that hides it or from standard
//! input, held while the calls are made, and neither stored nor logged.

use std::io::{IsTerminal, Write, stderr};
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use secrecy::{ExposeSecret, SecretString};

use super::alone::{house_alone, os_user};
use super::arguments::{FederationCommand, FederationRecordArgs, FederationRevokeArgs, FederationSetupArgs};
use super::database;
use super::exit::{Exit, Misuse};
use super::federation_apply::Federating;
use super::federation_plan::Prepared;
use super::house::House;
use super::output::{remark, say};
use super::setup::{Interview, Question};
use super::time::ClockTime;
use crate::chat::Account;
use crate::claude::{self, Federation};
use crate::clock::Clock;
use crate::job::recall_organization;
use crate::random::Random;
use crate::settings::Settings;
use crate::store::{StoreMemory, TokenRule, TokenState};
use crate::view;

/// Requests in any minute: a part of what the organization may, so that a bot beside goes on.
const BUDGET: u32 = 50;

/// Does what is asked.
///
/// # Errors
///
/// [`Misuse`] for what makes no sense here; or whatever stopped it.
pub async fn federation(command: FederationCommand, settings: Settings) -> anyhow::Result<Exit> {
    let clock = Clock::system();
    let store = database::open(&settings).await?;
    let house = house_alone(store, &settings, &clock).await?;
    let done = run(command, (&house, &settings), &clock).await;
    house.finish().await;
    done
}

async fn run(
    command: FederationCommand,
    (house, settings): (&House, &Settings),
    clock: &Clock,
) -> anyhow::Result<Exit> {
    let failed = |failure: crate::change::Failure| anyhow!("{}", failure.told("").text.to_plain());
    house.check_organization().await.map_err(failed)?;
    let memory = StoreMemory::new(house.store.clone(), clock.clone());
    // Written down by the check above.
    let organization_id = recall_organization(&memory).await.context("the database cannot be read")?;
    let (actor, random) = (Account::operator(&os_user()).to_string(), Random::system());
    let federating = Federating { house, organization_id: &organization_id, actor: &actor, clock, random: &random };
    match command {
        FederationCommand::Setup(args) => setup(args, &federating, settings).await,
        FederationCommand::Revoke(args) => revoke(args, &federating, settings).await,
        FederationCommand::Record(args) => record(args, &federating).await,
    }
}

async fn setup(args: FederationSetupArgs, it: &Federating<'_>, settings: &Settings) -> anyhow::Result<Exit> {
    let prepared = it.prepare(usize::from(args.rules)).await?;
    for name in &prepared.not_there {
        remark(format_args!(
            "There is no one workspace called {name}, or `steward run` has not read it yet: it is left out."
        ));
    }
    if prepared.places.is_empty() && prepared.over.is_empty() {
        bail!(Misuse("So there is nothing to set up, and nothing to archive.".to_owned()));
    }
    if !args.apply {
        return shown(args.json, &prepared);
    }
    let federation = connected(settings, it.clock).await?;
    let shows = stderr().is_terminal();
    let done = it.perform(&federation, &prepared, |done, total| bar(shows, done, total)).await;
    drop(federation);
    if shows {
        remark("");
    }
    let done = done?;
    if args.json {
        say(serde_json::json!({ "made": done.made, "archived": done.archived }))?;
    } else {
        say(format_args!("{} rules made, {} archived", done.made, done.archived))?;
    }
    Ok(Exit::Done)
}

fn shown(json: bool, prepared: &Prepared) -> anyhow::Result<Exit> {
    let all = prepared.as_json();
    if json {
        say(serde_json::to_string_pretty(&all)?)?;
        return Ok(Exit::Done);
    }
    let part = |pointer: &str| serde_json::to_string_pretty(all.pointer(pointer).unwrap_or(&serde_json::Value::Null));
    say("Steward's public key, as a JWKS. There is no secret in it:")?;
    say(part("/issuer/jwks")?)?;
    if let Some(id) = &prepared.issuer.issuer_id {
        say(format_args!("\n1. Steward is registered as an issuer: {id}."))?;
    } else {
        say("\n1. Register Steward as an issuer:")?;
        say(part("/issuer/request")?)?;
    }
    say("\n2. For each rule: a service account, its place in the workspace, and the rule.")?;
    for (at, place) in prepared.places.iter().enumerate() {
        say(format_args!("\n{}", place.told()))?;
        if !place.making.is_empty() {
            say(part(&format!("/workspaces/{at}/to_make"))?)?;
        }
    }
    for rule in &prepared.over {
        let id = rule.rule_id.as_deref().unwrap_or_default();
        say(format_args!("\n3. Archive the rule {id}: {} was revoked.", rule.name()))?;
    }
    say(
        "\nNothing was changed in the organization. To have all of it done: steward federation setup --apply, with a token of\n\
         `ant auth login --scope org:admin`. Whoever does it by hand tells the ids afterwards, rule by rule:\n\
         steward federation record ID --rule fdrl_… --service-account svac_…",
    )?;
    Ok(Exit::Done)
}

/// Ends somebody's access: here at once, and, with a token, there.
async fn revoke(args: FederationRevokeArgs, it: &Federating<'_>, settings: &Settings) -> anyhow::Result<Exit> {
    let rules = it.house.store.token_rules().await.context("the database cannot be read")?;
    let plain = args.access.to_lowercase();
    let is_meant = |rule: &&TokenRule| {
        let is_somebodys = matches!(rule.state, TokenState::Granted | TokenState::Off | TokenState::Revoked);
        is_somebodys && rule.is_genuine && (rule.id == args.access || rule.name().to_lowercase() == plain)
    };
    let found: Vec<&TokenRule> = rules.iter().filter(is_meant).collect();
    let rule = match found.as_slice() {
        [] => bail!(Misuse("Nobody's access goes by that name or id.".to_owned())),
        [one] => (*one).clone(),
        several => {
            let ids: Vec<&str> = several.iter().map(|it| it.id.as_str()).collect();
            bail!(Misuse(format!("Several are called that; name the one you mean by its id: {}.", ids.join(", "))));
        }
    };
    let rule = it.end(rule).await?;
    let live_on = view::token::live_on(rule.lifetime_s);
    remark(format_args!("No further token of {} is made from now on; {live_on}.", rule.name()));
    let federation = connected(settings, it.clock).await?;
    it.check(&federation).await?;
    it.archive(&federation, &rule).await?;
    say(format_args!("The rule {} is archived.", rule.rule_id.as_deref().unwrap_or_default()))?;
    Ok(Exit::Done)
}

/// A rule that was made by hand: tried before it counts.
async fn record(args: FederationRecordArgs, it: &Federating<'_>) -> anyhow::Result<Exit> {
    let rule = it.house.store.token_rule(&args.id).await.context("the database cannot be read")?;
    let rule = rule.filter(|it| it.state == TokenState::Making && it.is_genuine);
    let Some(rule) = rule else { bail!(Misuse("No rule that is to be made has this id.".to_owned())) };
    let tried =
        TokenRule { rule_id: Some(args.rule.clone()), account_id: Some(args.service_account.clone()), ..rule.clone() };
    it.note_trial(&tried).await?;
    // A token that nobody sees, for as short as can be.
    it.house.pipeline.token_of(&tried, 60).await.map_err(|failure| {
        let told = failure.told("");
        anyhow!("{} Nothing was recorded.", told.text.to_plain())
    })?;
    it.keep_made(&rule, &args.service_account, &args.rule).await?;
    say(format_args!("{} makes tokens, and can be granted.", args.rule))?;
    Ok(Exit::Done)
}

/// Reads the token, once, and connects with it.
async fn connected(settings: &Settings, clock: &Clock) -> anyhow::Result<Federation> {
    let text = "A token with the scope org:admin (it is not shown, and kept nowhere):";
    let question = Question { text, default: None, is_secret: true };
    let mut interview = Interview::on_stdin(false);
    let token: SecretString = interview.ask(&question, async |answer| looks_right(answer)).await?;
    let seed = Random::system().below(u64::MAX);
    let claude = claude::Settings {
        base_url: settings.claude.base_url.to_string(),
        budget_per_minute: BUDGET,
        ..claude::Settings::new(token, seed)
    };
    Federation::connect(claude, Arc::new(ClockTime(clock.clone()))).map_err(|error| anyhow!(Misuse(error.to_string())))
}

fn looks_right(token: SecretString) -> anyhow::Result<SecretString> {
    let text = token.expose_secret();
    if text.starts_with("sk-ant-admin") || text.starts_with("sk-ant-api") {
        let told = "That is a key, which is refused there. `ant auth login --scope org:admin` gives a token.";
        bail!(Misuse(told.to_owned()));
    }
    Ok(token)
}

/// How far it is, on one line that is written over.
fn bar(shows: bool, done: usize, total: usize) {
    const WIDTH: usize = 30;
    if shows {
        let filled = WIDTH * done / total.max(1);
        let line = format!("\r[{}{}] {done} of {total}", "#".repeat(filled), ".".repeat(WIDTH - filled));
        let _unheard = stderr().lock().write_all(line.as_bytes());
    }
}
