//! Who answers at the other end, and whether we may listen at ours.

use std::io::ErrorKind;
use std::net::TcpListener;

use super::finding::Finding;
use crate::claude::Reader;
use crate::cli::upstream;
use crate::clock::Clock;
use crate::job::recall_organization;
use crate::settings::Settings;
use crate::store::{Store, StoreMemory};

/// A clock that is off by more signs and dates wrongly.
const MOST_DRIFT_MS: i64 = 30_000;

pub(in crate::cli) async fn upstream(settings: &Settings, store: Option<&Store>, clock: &Clock) -> Vec<Finding> {
    let check = "admin key";
    let Some(key) = &settings.claude.admin_key else {
        let todo = "Run `steward init`, or put it into the secrets folder as anthropic_admin_key.";
        return vec![Finding::failure(check, "ANTHROPIC_ADMIN_KEY is missing", todo)];
    };
    let reader = match upstream::reader(settings.claude.base_url.as_str(), key, clock) {
        Ok(reader) => reader,
        Err(trouble) => return vec![Finding::failure(check, trouble.what, trouble.todo)],
    };
    let mut findings = Vec::new();
    match upstream::organization(&reader).await {
        Err(trouble) if trouble.is_passing => findings.push(Finding::warning(check, trouble.what, trouble.todo)),
        Err(trouble) => findings.push(Finding::failure(check, trouble.what, trouble.todo)),
        Ok(organization) => {
            findings.push(Finding::ok(check, format!("accepted, it is of {:?}", organization.name)));
            if let Some(store) = store {
                findings.push(same_organization(store, clock, &organization.id).await);
            }
        }
    }
    findings.extend(drift(&reader));
    findings
}

async fn same_organization(store: &Store, clock: &Clock, id: &str) -> Finding {
    let check = "organization";
    match recall_organization(&StoreMemory::new(store.clone(), clock.clone())).await {
        None => Finding::ok(check, format!("{id}; this database was not used with any yet")),
        Some(known) if known == id => Finding::ok(check, format!("{id}, as ever")),
        Some(known) => Finding::failure(
            check,
            format!("the admin key is of organization {id}, but this database belongs to {known}"),
            "Use the key of that organization, or another database.",
        ),
    }
}

fn drift(reader: &Reader) -> Option<Finding> {
    let upstream = reader.upstream_date()?;
    let ahead_ms = upstream.seen_at_ms - upstream.date.as_millisecond();
    Some(if ahead_ms.abs() > MOST_DRIFT_MS {
        let which = if ahead_ms > 0 { "ahead of" } else { "behind" };
        let found = format!("this machine's clock is {} seconds {which} the Admin API's", ahead_ms.abs() / 1_000);
        Finding::warning("clock", found, "Let the machine set its clock by itself (NTP).")
    } else {
        Finding::ok("clock", "within 30 seconds of the Admin API's")
    })
}

pub(in crate::cli) fn listeners(settings: &Settings) -> Vec<Finding> {
    let both = [("STEWARD_LISTEN", settings.listeners.webhooks), ("STEWARD_OPS_LISTEN", settings.listeners.ops)];
    let look = |(name, address)| match TcpListener::bind(address) {
        Ok(_) => Finding::ok("listeners", format!("{address} is free")),
        Err(error) if error.kind() == ErrorKind::AddrInUse => Finding::warning(
            "listeners",
            format!("somebody listens on {address} already"),
            format!("Fine if that is Steward; otherwise choose another {name}."),
        ),
        Err(error) => Finding::failure(
            "listeners",
            format!("nobody may listen on {address} here: {}", error.kind()),
            format!("Choose another {name}."),
        ),
    };
    both.into_iter().map(look).collect()
}
