//! Opening the database for a command, with sentences for what can be wrong with it.

use std::path::PathBuf;

use anyhow::{Context, bail};
use secrecy::ExposeSecret;

use crate::settings::Settings;
use crate::store::{Error, Schema, Store};

/// The file of a SQLite database; none for a server, or for one in memory.
pub(super) fn sqlite_file(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:"))?;
    let path = path.split('?').next().unwrap_or(path);
    (!path.is_empty() && path != ":memory:").then(|| PathBuf::from(path))
}

/// Opens the database, which must be there and as this version expects it. A command that only looks makes none.
pub(super) async fn open(settings: &Settings) -> anyhow::Result<Store> {
    let master = settings.master_key()?;
    let url = settings.database_url.expose_secret();
    if let Some(file) = sqlite_file(url)
        && !file.exists()
    {
        bail!("There is no database yet. `steward migrate` makes it, and so does the first `steward run`.");
    }
    let store = Store::open(url, master).await.map_err(|error| anyhow::anyhow!(sentence(&error)))?;
    let schema = store.schema().await.context("The database cannot be read")?;
    if let Some(why) = outdated(&schema) {
        bail!("{why}");
    }
    Ok(store)
}

/// What keeps a schema from being used, if anything does.
pub(super) fn outdated(schema: &Schema) -> Option<&'static str> {
    if schema.is_newer() {
        Some("The database was made by a newer Steward: use that one.")
    } else if schema.applied.is_empty() {
        Some("The database is empty: `steward migrate` makes its tables.")
    } else if !schema.missing().is_empty() {
        Some("The database was made by an older Steward: `steward migrate` brings it up to date.")
    } else {
        None
    }
}

/// What is wrong with a database, and what to do.
pub(super) fn sentence(error: &Error) -> String {
    let todo = match error {
        Error::Unreachable => {
            "Check DATABASE_URL: does the folder exist, or does the server run there, and may this user use it?"
        }
        Error::Denied => "Correct the user and the password in DATABASE_URL.",
        Error::NoDatabase => "Create it there, or correct the name in DATABASE_URL.",
        Error::Full => "Make room, or make it writable.",
        Error::Busy => "Try again; if it stays, look for a process that holds a lock.",
        Error::Schema(_) => "Use the Steward that made it, or a newer one.",
        Error::Locked => "Stop the other one first.",
        Error::Corrupt(_) => "Keep a copy of it as it is, and restore a backup.",
        Error::Refused(_) | Error::Duplicate => "Check that it is a database of Steward's.",
        Error::Address | Error::OldSqlite => "Correct it, then try again.",
    };
    let what = error.to_string();
    let mut letters = what.chars();
    let first = letters.next().map(char::to_uppercase).into_iter().flatten();
    format!("{}{}. {todo}", first.collect::<String>(), letters.as_str())
}
