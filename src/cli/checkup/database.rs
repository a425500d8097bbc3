//! Whether the database is there, is ours, can be written, and what waits in it.

use secrecy::ExposeSecret;

use super::finding::Finding;
use crate::cli::database::{outdated, sentence, sqlite_file};
use crate::clock::{Clock, moment};
use crate::settings::Settings;
use crate::store::{Error, Resource, Store};

/// A list that is older than this was not read for three rounds.
const STALE_MS: i64 = 30 * 60_000;

/// The database, if it can be used, and everything about it.
pub(in crate::cli) async fn database(settings: &Settings, clock: &Clock) -> (Option<Store>, Vec<Finding>) {
    let check = "database";
    let Some(master) = &settings.master_key else {
        return (
            None,
            vec![Finding::warning(check, "not looked at: its rows are bound by the master key", "See above.")],
        );
    };
    let url = settings.database_url.expose_secret();
    if let Some(file) = sqlite_file(url)
        && !file.exists()
    {
        let folder_is_there = file.parent().is_none_or(|it| it.as_os_str().is_empty() || it.is_dir());
        let finding = if folder_is_there {
            Finding::warning(
                check,
                "there is none yet",
                "`steward migrate` makes it, and so does the first `steward run`.",
            )
        } else {
            Finding::failure(
                check,
                "the folder that DATABASE_URL names is not there",
                "Make it, or correct DATABASE_URL.",
            )
        };
        return (None, vec![finding]);
    }
    let store = match Store::open(url, master).await {
        Ok(store) => store,
        Err(error) => return (None, vec![failed(check, &error)]),
    };
    let findings = match look(&store, clock).await {
        Ok(findings) => findings,
        Err(error) => vec![failed(check, &error)],
    };
    (Some(store), findings)
}

async fn look(store: &Store, clock: &Clock) -> Result<Vec<Finding>, Error> {
    let schema = store.schema().await?;
    let version = store.engine_version().await?;
    if let Some(why) = outdated(&schema) {
        return Ok(vec![Finding::failure("database", format!("{version}, but not as it should be"), why)]);
    }
    store.check().await?;
    let at = schema.version().unwrap_or_default();
    let mut findings = vec![Finding::ok("database", format!("{version}, can be written, schema {at}"))];
    findings.push(trail(store).await?);
    findings.extend(waiting(store).await?);
    findings.extend(freshness(store, clock).await?);
    findings.extend(prices(store, clock).await?);
    Ok(findings)
}

async fn trail(store: &Store) -> Result<Finding, Error> {
    let trail = store.verify_audit().await?;
    Ok(match trail.broken {
        None => Finding::ok("audit trail", format!("verifies, {} entries", trail.entries)),
        Some(broken) => Finding::failure(
            "audit trail",
            format!("broken at entry {}: {}", broken.seq, broken.what),
            "Somebody edited the database, or the master key is another one. Keep a copy, and compare with the heads that \
             you noted.",
        ),
    })
}

async fn waiting(store: &Store) -> Result<Vec<Finding>, Error> {
    let (open, dead) = store.outbox_depth().await?;
    let (parked, _) = store.unsettled_effects().await?;
    let outbox = if dead == 0 {
        Finding::ok("outbox", format!("{open} messages wait, none was given up"))
    } else {
        let todo = "The log says why. A person who left or a deleted channel is nothing to mend.";
        Finding::warning("outbox", format!("{dead} messages could not be delivered"), todo)
    };
    let effects = if parked == 0 {
        Finding::ok("calls", "none has to be looked at")
    } else {
        let todo = "Compare their requests with the Claude Console: nobody else can tell whether they were done.";
        Finding::warning("calls", format!("{parked} are parked"), todo)
    };
    Ok(vec![outbox, effects])
}

/// What was billed is read every quarter of an hour, everything else every ten minutes or more often.
fn stale_ms(list: &str) -> i64 {
    if list == Resource::Costs.as_str() { 6 * STALE_MS } else { STALE_MS }
}

/// Models without a price: what they cost is missing from every estimate.
async fn prices(store: &Store, clock: &Clock) -> Result<Vec<Finding>, Error> {
    let since = moment(clock.now().as_millisecond() - 30 * 86_400_000);
    let models = store.unpriced_models(since).await?;
    let todo = "Name them in a price table of your own, under [money] prices, or update Steward.";
    let found = |(model, tokens): &(String, i64)| {
        Finding::warning(
            "prices",
            format!("{model} has no price: {tokens} tokens of the last 30 days cost nothing yet"),
            todo,
        )
    };
    Ok(models.iter().map(found).collect())
}

async fn freshness(store: &Store, clock: &Clock) -> Result<Vec<Finding>, Error> {
    let lists = store.freshness().await?;
    if lists.is_empty() {
        let todo = "`steward run` reads it when it starts.";
        return Ok(vec![Finding::warning("directory", "the organization was never read", todo)]);
    }
    let now_ms = clock.now().as_millisecond();
    let mut findings = Vec::new();
    for list in &lists {
        let age_ms = list.complete_at.map(|at| now_ms - at.as_millisecond());
        let found = match (&list.trouble, age_ms) {
            (Some(trouble), _) => format!("the list of {} could not be read last time: {trouble}", list.resource),
            (None, None) => format!("the list of {} was never read to its end", list.resource),
            (None, Some(age)) if age > stale_ms(&list.resource) => {
                format!("the list of {} is {} minutes old", list.resource, age / 60_000)
            }
            (None, Some(_)) => continue,
        };
        findings.push(Finding::warning("directory", found, "`steward run` reads it every ten minutes: does it run?"));
    }
    if findings.is_empty() {
        findings.push(Finding::ok("directory", format!("{} lists, each read in the last 30 minutes", lists.len())));
    }
    Ok(findings)
}

fn failed(check: &'static str, error: &Error) -> Finding {
    let told = sentence(error);
    let (found, todo) = told.split_once(". ").unwrap_or((&told, "See the log."));
    Finding::failure(check, found, todo)
}
