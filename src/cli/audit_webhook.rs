//! `steward audit webhook`: where the trail's entries are sent, how far, and what the receiver checks deliveries with.

use anyhow::Context;
use secrecy::ExposeSecret;

use super::arguments::AuditWebhookArgs;
use super::database;
use super::exit::Exit;
use super::output::say;
use crate::seal::{HookKey, STAMP_HEADER};
use crate::settings::Settings;
use crate::store::Way;

/// Shows where the webhook stands; with `--secret`, the secret alone, so that it can be piped.
///
/// # Errors
///
/// If the database could not be read, or the master key is not there.
pub async fn audit_webhook(args: AuditWebhookArgs, settings: &Settings) -> anyhow::Result<Exit> {
    let key = HookKey::audit(settings.master_key()?);
    if args.secret {
        say(key.secret().expose_secret())?;
        return Ok(Exit::Done);
    }
    let store = database::open(settings).await?;
    let outlet = store.outlet(Way::Webhook).await.context("The database cannot be read")?;
    let trouble = store.webhook_trouble().await.context("The database cannot be read")?;
    store.close().await;
    let host = settings.configuration.audit.webhook.as_ref().and_then(|it| it.host_str());
    say(match host {
        Some(host) => format!("entries go to {host}"),
        None => "no webhook is configured: set `webhook` in [audit]".to_owned(),
    })?;
    say(format_args!("delivered up to entry {} of {}", outlet.carried, outlet.newest))?;
    if let Some((attempts, code)) = trouble {
        say(format_args!("the next delivery was tried {attempts} times: {code}"))?;
    }
    say(format_args!("each delivery carries {STAMP_HEADER}: t=<unix seconds>,v1=<hex HMAC-SHA256 of \"<t>.<body>\">"))?;
    say("`steward audit webhook --secret` shows the key of that HMAC, to be given to the receiver")?;
    Ok(Exit::Done)
}
