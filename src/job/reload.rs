//! Another configuration while Steward runs: taken whole or not at all.
//!
//! What is taken is written into the trail with before and after, and told where approvers are told; a file with a mistake leaves
//! everything as it was, and the admins hear of it once. Reading the file is the caller's.

use std::sync::{Arc, Mutex, PoisonError};

use super::audience::Audience;
use crate::change::Failure;
use crate::chat::Message;
use crate::clock::{Clock, Moment};
use crate::domain::{LiveRules, Rejected, Rules};
use crate::settings::{Configuration, Difference, FileNow};
use crate::store::{Act, Store};
use crate::view;

/// What became of a file that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reloaded {
    /// It says what counts already.
    Unchanged,
    /// It counts now; the settings that changed.
    Accepted(Vec<&'static str>),
    /// It has mistakes; what counted before goes on.
    Refused(Vec<String>),
}

/// Takes configurations.
#[derive(Clone)]
pub struct Reload {
    store: Store,
    clock: Clock,
    rules: Arc<LiveRules>,
    audience: Audience,
    running: Arc<Mutex<Running>>,
}

/// What counts now, as the file said it.
#[derive(Clone, Default)]
struct Running {
    configuration: Configuration,
    digest: String,
}

impl Reload {
    /// Puts rules into `rules`, and tells the `audience`.
    #[must_use]
    pub fn new(store: Store, clock: Clock, rules: Arc<LiveRules>, audience: Audience) -> Self {
        Self { store, clock, rules, audience, running: Arc::default() }
    }

    /// What the process started with, to compare with.
    pub fn starts_with(&self, configuration: Configuration, digest: String) {
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = Running { configuration, digest };
    }

    /// Takes what the file says now, whole or not at all.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] of the database; what counted before goes on then.
    pub async fn take(&self, file: FileNow) -> Result<Reloaded, Failure> {
        let FileNow { name, digest, configuration } = file;
        let ready = configuration.and_then(|it| it.rules().map(|rules| (it, rules)));
        match ready {
            Ok((configuration, rules)) => self.accept((name, digest), configuration, rules).await,
            Err(error) => {
                let mistakes = error.mistakes().to_vec();
                self.refuse(&digest, Rejected { at: self.clock.now(), file: name, mistakes }).await
            }
        }
    }

    async fn accept(
        &self,
        (name, digest): (String, String),
        configuration: Configuration,
        rules: Rules,
    ) -> Result<Reloaded, Failure> {
        let was = self.running.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let differences = was.configuration.differences(&configuration);
        let changed: Vec<&'static str> = differences.iter().map(|it| it.name).collect();
        if !differences.is_empty() {
            // Told by the rules of before: whoever watches there hears where it is told from now on.
            let targets = self.audience.targets().await?;
            let message = words(&name, &differences);
            let now = self.clock.now();
            let detail = serde_json::json!({
                "before": was.digest, "after": digest,
                "changed": differences.iter().map(as_json).collect::<Vec<_>>(),
            });
            let mut tx = self.store.begin().await?;
            self.store.append(&mut tx, &act(now, "configuration.accepted", &name, detail)).await?;
            // Several replicas read the same file at about the same time; one message is enough.
            let once = format!("configuration {digest} {}", now.as_second() / 600);
            if self.store.first_time(&mut tx, &once, now).await? {
                self.audience.tell(&mut tx, &targets, ("configuration", &message), now).await?;
            }
            self.store.commit(tx).await?;
        }
        let command = self.rules.now().command.clone();
        self.rules.replace(Rules { command, ..rules });
        self.rules.reject(None);
        // What waits for the next start is told each time that the file changes, until it comes.
        let keeps = Configuration {
            command: was.configuration.command.clone(),
            audit: was.configuration.audit.clone(),
            ..configuration
        };
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = Running { configuration: keeps, digest };
        if changed.is_empty() {
            tracing::info!(file = name, "the configuration was read; it says what counts already");
            return Ok(Reloaded::Unchanged);
        }
        tracing::info!(file = name, changed = changed.join(", "), "another configuration counts from now on");
        Ok(Reloaded::Accepted(changed))
    }

    async fn refuse(&self, digest: &str, rejected: Rejected) -> Result<Reloaded, Failure> {
        for mistake in &rejected.mistakes {
            tracing::warn!(file = rejected.file, mistake, "the configuration was not taken; the rules of before go on");
        }
        self.rules.reject(Some(rejected.clone()));
        let now = rejected.at;
        let admins = self.audience.admins().await?;
        let mut tx = self.store.begin().await?;
        if self.store.first_time(&mut tx, &format!("refused configuration {digest}"), now).await? {
            let detail = serde_json::json!({ "file": digest, "mistakes": rejected.mistakes });
            self.store.append(&mut tx, &act(now, "configuration.refused", &rejected.file, detail)).await?;
            let message = view::configuration::refused(&rejected);
            self.audience.tell(&mut tx, &admins, ("configuration", &message), now).await?;
            self.store.commit(tx).await?;
        }
        Ok(Reloaded::Refused(rejected.mistakes))
    }
}

fn act<'a>(at: Moment, action: &'a str, about: &'a str, detail: serde_json::Value) -> Act<'a> {
    Act { at, actor: "steward", action, about, detail }
}

fn as_json(it: &Difference) -> serde_json::Value {
    serde_json::json!({
        "setting": it.name, "before": it.before, "after": it.after, "at_next_start": it.at_next_start,
    })
}

fn words(name: &str, differences: &[Difference]) -> Message {
    let (later, now): (Vec<&Difference>, Vec<&Difference>) = differences.iter().partition(|it| it.at_next_start);
    let changed: Vec<_> = now.iter().map(|it| (it.name, it.before.clone(), it.after.clone())).collect();
    let later: Vec<_> = later.iter().map(|it| it.name).collect();
    view::configuration::accepted(name, &changed, &later)
}
