//! Where the audit trail is told outside the database, from what the settings say.

use anyhow::Context;
use secrecy::ExposeSecret;

use super::database::sqlite_file;
use super::house::Outside;
use crate::job::{HeadFile, HeadPlaces, Webhook};
use crate::outgoing::Outgoing;
use crate::seal::HookKey;
use crate::settings::Settings;

/// The channel and the file for signed heads, and the webhook for entries.
///
/// # Errors
///
/// If the master key is not there, or the webhook's client cannot be made.
pub(super) fn outside(settings: &Settings) -> anyhow::Result<Outside> {
    let audit = &settings.configuration.audit;
    let heads =
        HeadPlaces { channel: audit.head_channel.as_ref().map(ToString::to_string), file: Some(head_file(settings)) };
    let webhook = match &audit.webhook {
        None => None,
        Some(url) => Some(Webhook {
            url: url.to_string(),
            outgoing: Outgoing::new(audit.webhook_hosts()).context("the audit webhook cannot be used")?,
            key: HookKey::audit(settings.master_key()?),
        }),
    };
    Ok(Outside { heads, webhook })
}

/// The file of signed heads: beside a SQLite database, in the working folder for a server's.
pub(super) fn head_file(settings: &Settings) -> HeadFile {
    HeadFile::beside(sqlite_file(settings.database_url.expose_secret()).as_deref())
}
