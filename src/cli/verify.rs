//! `steward verify`: every invariant of the database, the audit trail among them.

use anyhow::Context;
use serde_json::json;

use super::arguments::JsonArgs;
use super::database;
use super::exit::Exit;
use super::output::say;
use crate::settings::Settings;

/// Looks for everything that must not be, and fails if it finds something.
///
/// # Errors
///
/// If the database could not be read.
pub async fn verify(args: JsonArgs, settings: &Settings) -> anyhow::Result<Exit> {
    let store = database::open(settings).await?;
    let trail = store.verify_audit().await.context("The audit trail cannot be read")?;
    let violations = store.violations().await.context("The database cannot be read")?;
    store.close().await;
    let holds = trail.broken.is_none() && violations.is_empty();
    if args.json {
        say(json!({ "holds": holds, "audit": trail, "violations": violations }))?;
    } else {
        match &trail.broken {
            None => {
                say(format_args!("the audit trail verifies: {} entries, head {}", trail.entries, head(&trail.head)))?
            }
            Some(broken) => say(format_args!("the audit trail is broken at entry {}: {}", broken.seq, broken.what))?,
        }
        for it in &violations {
            say(format_args!("{}: {}: {}", it.invariant, it.about, it.what))?;
        }
        if violations.is_empty() {
            say("every other invariant holds")?;
        }
    }
    Ok(if holds { Exit::Done } else { Exit::Failed })
}

/// The head as it is shown; an empty trail has none.
pub(super) fn head(hash: &str) -> &str {
    if hash.is_empty() { "none yet" } else { hash }
}
