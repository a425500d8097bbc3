//! Loads keys into the stock: each is looked up by its hint, sealed, and put through the pipeline that names it and switches it off.

use std::collections::BTreeSet;

use anyhow::{Context, anyhow};
use secrecy::{ExposeSecret, SecretString};

use super::house::House;
use crate::change::{Asker, Failure, Proposal, Proposed, Request, StockKeys};
use crate::claude::{ApiKey, KeyFilter, Principal, Scope};
use crate::clock::Clock;
use crate::domain::{ChangeId, State, is_hint_of};
use crate::random::Random;
use crate::store::{NewStock, Pass, StockState, WorkspaceRow};

/// How many keys are put into the stock by one request.
const AT_ONCE: usize = 20;
/// How a key that may be stocked begins.
const KEY_BEGINNING: &str = "sk-ant-api";
/// No key is shorter.
const SHORTEST_KEY: usize = 40;

/// Loads keys for one workspace.
pub struct Loader<'a> {
    /// Everything behind the doors.
    pub house: &'a House,
    /// The organization, so that a sealed key opens in its own alone.
    pub organization_id: &'a str,
    /// Who loads them.
    pub asker: &'a Asker,
    /// The time.
    pub clock: &'a Clock,
    /// Randomness.
    pub random: &'a Random,
}

/// What became of a load.
#[derive(Debug, Default)]
pub struct Report {
    /// How many keys lie in the stock now.
    pub loaded: usize,
    /// Each key that was not taken: its line, from 1, and why.
    pub refused: Vec<(usize, String)>,
    /// Requests that are not done yet: somebody has to agree, or Anthropic did not answer. The keys are sealed and wait.
    pub waiting: Vec<ChangeId>,
}

/// A key that was found to be good.
struct Good {
    key: ApiKey,
    secret: SecretString,
    pool_name: String,
}

impl Loader<'_> {
    /// Loads `secrets`, in order; empty lines are skipped. `progress` hears how many of how many are done.
    ///
    /// # Errors
    ///
    /// If the organization or the database could not be asked. What was loaded before stays loaded, and loading the same keys
    /// again is harmless.
    pub async fn load(
        &self,
        workspace: &WorkspaceRow,
        secrets: Vec<SecretString>,
        mut progress: impl FnMut(usize, usize),
    ) -> anyhow::Result<Report> {
        let keys = self.house.reader.api_keys(&KeyFilter::default()).collect_all().await;
        let keys = keys.map_err(|error| anyhow!("the keys cannot be listed: {error}. Nothing was changed."))?;
        let (mut report, mut seen, mut batch) = (Report::default(), BTreeSet::new(), Vec::new());
        let total = secrets.len();
        for (at, secret) in secrets.into_iter().enumerate() {
            if secret.expose_secret().trim().is_empty() {
                continue;
            }
            let secret = SecretString::from(secret.expose_secret().trim());
            match self.judge(workspace, &keys, &secret).await? {
                Ok((key, _)) if !seen.insert(key.id.clone()) => {
                    report.refused.push((at + 1, "is in the list twice".into()));
                }
                Ok((key, pool_name)) => {
                    batch.push(Good { key: key.clone(), secret, pool_name });
                }
                Err(why) => report.refused.push((at + 1, why)),
            }
            if batch.len() == AT_ONCE {
                self.put(workspace, std::mem::take(&mut batch), &mut report).await?;
            }
            progress(at + 1, total);
        }
        if !batch.is_empty() {
            self.put(workspace, batch, &mut report).await?;
        }
        Ok(report)
    }

    /// The one key of the organization that this is, and what it is called while it is free, if it may be issued to anybody in this
    /// workspace; else why not.
    async fn judge<'k>(
        &self,
        workspace: &WorkspaceRow,
        keys: &'k [ApiKey],
        secret: &SecretString,
    ) -> anyhow::Result<Result<(&'k ApiKey, String), String>> {
        let text = secret.expose_secret();
        let is_plain = text.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_".contains(&it));
        if !text.starts_with(KEY_BEGINNING) || text.len() < SHORTEST_KEY || !is_plain {
            return Ok(Err("is no API key".into()));
        }
        let store = &self.house.store;
        // A load that was broken off left it sealed, and not switched off in the organization yet: that is made up for.
        let before = store.stocked(secret).await.context("the database cannot be read")?;
        if before.as_ref().is_some_and(|it| it.state != StockState::Parking) {
            return Ok(Err("was loaded before".into()));
        }
        let mut found =
            keys.iter().filter(|it| it.partial_key_hint.as_deref().is_some_and(|hint| is_hint_of(hint, text)));
        let (Some(key), None) = (found.next(), found.next()) else {
            return Ok(Err("is unknown in the organization, or its hint is that of several keys".into()));
        };
        if store.key_record(&key.id).await.context("the database cannot be read")?.is_some() {
            return Ok(Err("belongs to somebody already".into()));
        }
        let is_over = key.expires_at.is_some_and(|at| at <= self.clock.now());
        Ok(match (&key.principal, &key.scope, key.status.as_str()) {
            (Some(Principal::User(_)), ..) => Err("is a personal key: it acts as whoever made it".into()),
            (Some(_), ..) => Err("acts as a service account".into()),
            (None, Some(Scope::Workspace(id)), _) if *id != workspace.id => Err("belongs to another workspace".into()),
            (None, Some(Scope::Workspace(_)), "active" | "inactive") if !is_over => {
                Ok((key, before.map_or_else(|| format!("steward-stock-{}", self.random.short(12)), |it| it.pool_name)))
            }
            (None, Some(Scope::Workspace(_)), status) => Err(format!("is {status}")),
            _ => Err("reaches the whole organization, or does not say what it reaches".into()),
        })
    }

    /// Seals the keys, then asks for what makes them wait in the organization.
    async fn put(&self, workspace: &WorkspaceRow, batch: Vec<Good>, report: &mut Report) -> anyhow::Result<()> {
        let store = &self.house.store;
        let (now, by) = (self.clock.now(), self.asker.account.to_string());
        let mut tx = store.begin().await.context("the database cannot be written")?;
        let mut keys = Vec::new();
        for it in &batch {
            let new = NewStock {
                key_id: &it.key.id,
                organization_id: self.organization_id,
                workspace_id: &workspace.id,
                pool_name: &it.pool_name,
                hint: it.key.partial_key_hint.as_deref().unwrap_or_default(),
                secret: &it.secret,
                by: &by,
            };
            store.load_stock(&mut tx, &new, self.random, now).await.context("the database cannot be written")?;
            keys.push((it.key.id.clone(), it.pool_name.clone()));
        }
        store.commit(tx).await.context("the database cannot be written")?;
        let page = Pass::ApiKeys(batch.into_iter().map(|it| it.key.into()).collect());
        store.write_page(&page, now).await.context("the database cannot be written")?;
        let count = keys.len();
        let proposal = Proposal::KeyStock(StockKeys { workspace_id: workspace.id.clone(), keys });
        let proposed = self.house.pipeline.propose(Request::of(proposal), self.asker).await.map_err(sentence)?;
        while self.house.pipeline.go_on().await.map_err(sentence)? > 0 {}
        if let Proposed::Stands(change) | Proposed::Open(change) = proposed {
            let now = store.change(&change.id).await.context("the database cannot be read")?.unwrap_or(change);
            if now.state == State::Applied {
                report.loaded += count;
            } else {
                report.waiting.push(now.id);
            }
        }
        Ok(())
    }
}

fn sentence(failure: Failure) -> anyhow::Error {
    let told = failure.told("");
    anyhow!("{} {}", told.text.to_plain(), told.hint.as_ref().map(crate::chat::Text::to_plain).unwrap_or_default())
}
