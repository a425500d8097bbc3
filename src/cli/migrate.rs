//! `steward migrate`: brings the schema up to date, while nobody else runs on it.

use anyhow::{anyhow, bail};
use secrecy::ExposeSecret;

use super::database::sentence;
use super::exit::Exit;
use super::output::say;
use crate::settings::Settings;
use crate::store::{Lock, Store};

/// Migrates, and says the schema's version and what was applied.
///
/// # Errors
///
/// If another Steward runs on the database, or it cannot be reached, or a newer Steward made it.
pub async fn migrate(settings: &Settings) -> anyhow::Result<Exit> {
    let master = settings.master_key()?;
    let url = settings.database_url.expose_secret();
    let failed = |error: crate::store::Error| anyhow!(sentence(&error));
    let _lock = Lock::take(url).map_err(failed)?;
    let store = Store::open(url, master).await.map_err(failed)?;
    let before = store.schema().await.map_err(failed)?;
    let migrated = store.migrate().await.map_err(failed);
    let after = store.schema().await.map_err(failed)?;
    store.close().await;
    for version in after.applied.iter().filter(|it| !before.applied.contains(it)) {
        say(format_args!("applied {version}"))?;
    }
    migrated?;
    let Some(version) = after.version() else { bail!("The database is still empty.") };
    let news = if before == after { ", as it was" } else { "" };
    say(format_args!("the schema is at version {version}{news}"))?;
    Ok(Exit::Done)
}
