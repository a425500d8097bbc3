//! `steward stock add` loads API keys that were made in the Console; `steward stock list` shows how many are left.

use std::io::{IsTerminal, Write, stderr};

use anyhow::{Context, anyhow, bail};

use super::alone::{house_alone, os_user};
use super::arguments::{JsonArgs, StockAddArgs};
use super::database;
use super::exit::{Exit, Misuse};
use super::house::House;
use super::output::{remark, say};
use super::stock_load::{Loader, Report};
use super::stock_words::keys;
use crate::change::Asker;
use crate::chat::{Account, Standing};
use crate::clock::Clock;
use crate::domain::WorkspaceName;
use crate::job::recall_organization;
use crate::random::Random;
use crate::settings::Settings;
use crate::store::{StockRow, StockState, Store, StoreMemory, WorkspaceRow};

/// Loads keys.
///
/// # Errors
///
/// [`Misuse`] if there is nothing to load or no such workspace; or why nothing, or not everything, was loaded.
pub async fn stock_add(args: StockAddArgs, settings: Settings) -> anyhow::Result<Exit> {
    let clock = Clock::system();
    let store = database::open(&settings).await?;
    let house = house_alone(store, &settings, &clock).await?;
    let added = add(&args, &house, &clock).await;
    house.finish().await;
    let report = added?;
    for (line, why) in &report.refused {
        remark(format_args!("line {line}: not loaded, the key {why}"));
    }
    for id in &report.waiting {
        remark(format_args!("{id} is not done yet: its keys are sealed, and are issued once it is"));
    }
    say(format_args!("{} loaded, {} refused, {} waiting", report.loaded, report.refused.len(), report.waiting.len()))?;
    Ok(if report.refused.is_empty() { Exit::Done } else { Exit::Failed })
}

async fn add(args: &StockAddArgs, house: &House, clock: &Clock) -> anyhow::Result<Report> {
    let failed = |failure: crate::change::Failure| anyhow!("{}", failure.told("").text.to_plain());
    house.check_organization().await.map_err(failed)?;
    let workspace = workspace(&house.store, &args.workspace).await?;
    let secrets = keys(args.file.as_deref()).await?;
    if secrets.is_empty() {
        return Err(Misuse("There was no key to load.".to_owned()).into());
    }
    let account = Account::operator(&os_user());
    let asker = Asker::meet(&house.store, &house.rules.now(), &account, Standing::default(), clock.now()).await;
    let asker = asker.context("the database cannot be read")?;
    // Written down by the check above.
    let memory = StoreMemory::new(house.store.clone(), clock.clone());
    let organization = recall_organization(&memory).await.context("the database cannot be read")?;
    let loader = Loader { house, organization_id: &organization, asker: &asker, clock, random: &Random::system() };
    let shows = stderr().is_terminal();
    let report = loader.load(&workspace, secrets, |done, total| bar(shows, done, total)).await;
    if shows {
        remark("");
    }
    report
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

async fn workspace(store: &Store, name: &WorkspaceName) -> anyhow::Result<WorkspaceRow> {
    let found = match name {
        WorkspaceName::Default => {
            bail!(Misuse("Keys of the Default Workspace do not say where they belong.".to_owned()))
        }
        WorkspaceName::Id(id) => store.workspace(id).await?.into_iter().collect(),
        WorkspaceName::Name(name) => store.workspaces_named(name).await?,
    };
    let mut open = found.into_iter().filter(|it| it.archived_at.is_none());
    match (open.next(), open.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => {
            Err(Misuse("There is no such workspace, or it was not read yet by `steward run`.".to_owned()).into())
        }
        _ => Err(Misuse("Several workspaces are called that: name the one you mean by its id.".to_owned()).into()),
    }
}

/// Shows the stock.
///
/// # Errors
///
/// If the database could not be read.
pub async fn stock_list(args: JsonArgs, settings: &Settings) -> anyhow::Result<Exit> {
    let store = database::open(settings).await?;
    let rows = store.stock(&StockState::ALL).await.context("The database cannot be read")?;
    let workspaces = store.workspaces(true).await.context("The database cannot be read")?;
    store.close().await;
    let name = |id: &str| workspaces.iter().find(|it| it.id == id).map_or(id, |it| it.name.as_str()).to_owned();
    if args.json {
        let rows: Vec<_> = rows.iter().map(|it| as_json(it, &name(&it.workspace_id))).collect();
        say(serde_json::to_string_pretty(&rows)?)?;
        return Ok(Exit::Done);
    }
    if rows.is_empty() {
        say("The stock is empty: steward stock add --workspace …")?;
    }
    let mut ids: Vec<&str> = rows.iter().map(|it| it.workspace_id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    for id in ids {
        let counts = StockState::ALL.iter().filter_map(|state| {
            let count = rows.iter().filter(|it| it.workspace_id == id && it.state == *state).count();
            (count > 0).then(|| format!("{count} {}", state.as_str()))
        });
        say(format_args!("{}: {}", name(id), counts.collect::<Vec<_>>().join(", ")))?;
    }
    Ok(Exit::Done)
}

fn as_json(it: &StockRow, workspace: &str) -> serde_json::Value {
    serde_json::json!({
        "key_id": it.key_id, "workspace": workspace, "workspace_id": it.workspace_id, "hint": it.hint,
        "state": it.state.as_str(), "loaded_at": it.loaded_at, "checked_at": it.checked_at, "request": it.change,
        "trouble": it.trouble,
    })
}
