//! `steward doctor`: everything that can be wrong, one line each, and what to do about it. It changes nothing.

use std::path::Path;

use serde_json::json;

use super::arguments::DoctorArgs;
use super::checkup::{self, Finding, Level};
use super::configured::load_settings;
use super::exit::Exit;
use super::logging::start_logging;
use super::output::say;
use crate::clock::Clock;
use crate::settings::{Environment, Error, Settings};

/// Looks, tells, and fails if anything has to be mended.
///
/// # Errors
///
/// If standard output does not take the answer.
pub async fn doctor(args: DoctorArgs, config: Option<&Path>) -> anyhow::Result<Exit> {
    let environment = Environment::of_process();
    let findings = match load_settings(&environment, config) {
        Ok(settings) => {
            start_logging(&settings.log)?;
            let beyond_this_version = settings.rules().err().map(|error| mistakes(&error)).unwrap_or_default();
            beyond_this_version.into_iter().chain(examine(&settings).await).collect()
        }
        Err(error) => mistakes(&error),
    };
    let failures = findings.iter().filter(|it| it.level == Level::Failure).count();
    let warnings = findings.iter().filter(|it| it.level == Level::Warning).count();
    if args.json {
        say(json!({ "ok": failures == 0, "findings": findings }))?;
    } else {
        for finding in &findings {
            say(finding)?;
        }
        say(format_args!("{failures} to mend, {warnings} to know"))?;
    }
    Ok(if failures == 0 { Exit::Done } else { Exit::Failed })
}

fn mistakes(error: &Error) -> Vec<Finding> {
    error.mistakes().iter().map(|it| Finding::failure("configuration", it, "Correct it.")).collect()
}

async fn examine(settings: &Settings) -> Vec<Finding> {
    let clock = Clock::system();
    let mut findings = checkup::configuration(settings);
    findings.extend(checkup::files(settings, std::env::var_os("STEWARD_SECRETS_DIR").as_deref().map(Path::new)));
    let (store, of_database) = checkup::database(settings, &clock).await;
    findings.extend(of_database);
    if let Some(store) = &store {
        findings.extend(checkup::trail(settings, store, &clock).await);
    }
    findings.extend(checkup::upstream(settings, store.as_ref(), &clock).await);
    findings.extend(checkup::platforms(settings));
    findings.extend(checkup::slack(settings, store.as_ref(), &clock).await);
    findings.extend(checkup::discord(settings, store.as_ref(), &clock).await);
    findings.extend(checkup::listeners(settings));
    if let Some(store) = store {
        store.close().await;
    }
    findings
}
