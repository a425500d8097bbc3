//! Federation is set up, or a rule is archived, with somebody's `org:admin` token. What is there already is found by its name, so
//! that it can be broken off and run again at any point, and nothing is made twice. Only ids are kept.

use std::collections::BTreeMap;

use anyhow::{Context, anyhow, bail};

use super::federation_plan::{Prepared, PreparedPlace, prepare};
use super::house::House;
use crate::claude::{self, Federation, FederationRule, WorkspaceRole};
use crate::clock::Clock;
use crate::random::Random;
use crate::store::{Act, TokenRule, TokenState, Tx};

/// How often an end is tried that somebody in the chat came before.
const TRIES: usize = 5;

/// Sets federation up.
pub struct Federating<'a> {
    /// Everything behind the doors.
    pub house: &'a House,
    /// The organization that the database belongs to.
    pub organization_id: &'a str,
    /// Who does it, for the trail.
    pub actor: &'a str,
    /// The time.
    pub clock: &'a Clock,
    /// Randomness.
    pub random: &'a Random,
}

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Federated {
    /// How many rules were made.
    pub made: usize,
    /// How many were archived.
    pub archived: usize,
}

/// What the organization has already, by name.
struct There {
    issuer_id: String,
    accounts: BTreeMap<String, String>,
    rules: BTreeMap<String, FederationRule>,
}

impl Federating<'_> {
    /// Plans what is missing, in Steward's own books.
    ///
    /// # Errors
    ///
    /// If the configuration names no workspace for it, or the database could not be asked.
    pub async fn prepare(&self, per_workspace: usize) -> anyhow::Result<Prepared> {
        let rules = self.house.rules.now();
        let with = (self.clock, self.random, self.actor);
        prepare((&self.house.store, &rules), self.organization_id, per_workspace, with).await
    }

    /// Makes what is missing and archives what is over. `progress` hears how many of how many are done.
    ///
    /// # Errors
    ///
    /// Whatever stopped it; what was done stays, and the next run goes on from there.
    pub async fn perform(
        &self,
        federation: &Federation,
        prepared: &Prepared,
        mut progress: impl FnMut(usize, usize),
    ) -> anyhow::Result<Federated> {
        self.check(federation).await?;
        let (total, mut done) = (prepared.open(), Federated::default());
        if !prepared.places.is_empty() {
            let there = self.look(federation, prepared).await?;
            for (place, rule) in prepared.places.iter().flat_map(|it| it.making.iter().map(move |rule| (it, rule))) {
                self.make(federation, &there, (place, rule)).await?;
                done.made += 1;
                progress(done.made, total);
            }
        }
        for rule in &prepared.over {
            self.archive(federation, rule).await?;
            done.archived += 1;
            progress(done.made + done.archived, total);
        }
        Ok(done)
    }

    /// The token must open the organization that this database belongs to.
    pub(super) async fn check(&self, federation: &Federation) -> anyhow::Result<()> {
        let found = federation.organization().await.map_err(sentence)?;
        if found.id != self.organization_id {
            bail!("The token opens another organization than the one this database belongs to. Nothing was changed.");
        }
        Ok(())
    }

    async fn look(&self, federation: &Federation, prepared: &Prepared) -> anyhow::Result<There> {
        let issuers = federation.federation_issuers().collect_all().await.map_err(sentence)?;
        let url = prepared.issuer.url();
        let issuer_id = match issuers.into_iter().find(|it| it.issuer_url == url) {
            Some(known) if prepared.new_issuer().keys.iter().all(|key| known.trusts(key)) => known.id,
            Some(_) => {
                bail!("The issuer {url} is registered with other keys. Archive it in the Console, then run this again.")
            }
            None => federation.create_federation_issuer(&prepared.new_issuer()).await.map_err(sentence)?.id,
        };
        if prepared.issuer.issuer_id.as_deref() != Some(&*issuer_id) {
            let store = &self.house.store;
            let mut tx = store.begin().await.context("the database cannot be written")?;
            store.token_issuer_registered(&mut tx, &issuer_id).await.context("the database cannot be written")?;
            let detail = serde_json::json!({ "kid": prepared.issuer.key.kid() });
            let action = "federation.issuer_registered";
            let act = Act { at: self.clock.now(), actor: self.actor, action, about: &issuer_id, detail };
            store.append(&mut tx, &act).await.context("the database cannot be written")?;
            store.commit(tx).await.context("the database cannot be written")?;
        }
        let accounts = federation.service_accounts().collect_all().await.map_err(sentence)?;
        let rules = federation.federation_rules(Some(&issuer_id)).collect_all().await.map_err(sentence)?;
        Ok(There {
            issuer_id,
            accounts: accounts.into_iter().map(|it| (it.name, it.id)).collect(),
            rules: rules.into_iter().map(|it| (it.name.clone(), it)).collect(),
        })
    }

    async fn make(
        &self,
        federation: &Federation,
        there: &There,
        (place, rule): (&PreparedPlace, &TokenRule),
    ) -> anyhow::Result<()> {
        let slug = rule.slug();
        let account_id = match there.accounts.get(&slug) {
            Some(known) => known.clone(),
            None => federation.create_service_account(&slug, &place.description()).await.map_err(sentence)?.id,
        };
        let workspace_id = &place.workspace.id;
        federation
            .seat_service_account(&account_id, workspace_id, &WorkspaceRole::Developer)
            .await
            .map_err(sentence)?;
        let wanted = place.new_rule(rule, &there.issuer_id, &account_id);
        let made = match there.rules.get(&slug) {
            Some(known) if wanted.is(known) => known.clone(),
            Some(_) => bail!(
                "The rule {slug} is there and is not as it should be. Archive it in the Console, then run this again."
            ),
            None => federation.create_federation_rule(&wanted).await.map_err(sentence)?,
        };
        self.keep_made(rule, &account_id, &made.id).await
    }

    /// Writes down that a rule is made.
    pub(super) async fn keep_made(&self, rule: &TokenRule, account_id: &str, rule_id: &str) -> anyhow::Result<()> {
        let made = TokenRule {
            account_id: Some(account_id.to_owned()),
            rule_id: Some(rule_id.to_owned()),
            state: TokenState::Free,
            ..rule.clone()
        };
        self.keep_or_stop(&made, TokenState::Making, "federation.rule_made").await
    }

    /// Ends somebody's access here, whatever is done with it in the chat at the same time. Answers the rule as it is then.
    ///
    /// # Errors
    ///
    /// If the database could not be asked, or the rule is not as it was and cannot be ended.
    pub async fn end(&self, rule: TokenRule) -> anyhow::Result<TokenRule> {
        let mut rule = rule;
        for _ in 0..TRIES {
            if rule.state == TokenState::Revoked {
                return Ok(rule);
            }
            let ended_at = rule.ended_at.or(Some(self.clock.now()));
            let over = TokenRule { state: TokenState::Revoked, ended_at, ..rule.clone() };
            if self.keep(&over, rule.state, "token.revoked").await? {
                return Ok(over);
            }
            // Somebody was faster: what they made of it is ended.
            let now = self.house.store.token_rule(&rule.id).await.context("the database cannot be read")?;
            let is_somebodys =
                |it: &TokenRule| matches!(it.state, TokenState::Granted | TokenState::Off | TokenState::Revoked);
            rule = now.filter(|it| it.is_genuine && is_somebodys(it)).context("Somebody has archived it meanwhile.")?;
        }
        bail!("It is switched to and fro at the same time, and was not ended. Run this again.")
    }

    /// Writes down that a rule is tried out, before a token is made by it.
    pub(super) async fn note_trial(&self, rule: &TokenRule) -> anyhow::Result<()> {
        let store = &self.house.store;
        let mut tx = store.begin().await.context("the database cannot be written")?;
        self.note(&mut tx, rule, "federation.rule_tried").await?;
        store.commit(tx).await.context("the database cannot be written")
    }

    /// Archives a rule and its service account, and writes that down.
    pub(super) async fn archive(&self, federation: &Federation, rule: &TokenRule) -> anyhow::Result<()> {
        if let Some(id) = &rule.rule_id {
            federation.archive_federation_rule(id).await.map_err(sentence)?;
        }
        if let Some(id) = &rule.account_id {
            federation.archive_service_account(id).await.map_err(sentence)?;
        }
        let archived = TokenRule { state: TokenState::Archived, ..rule.clone() };
        self.keep_or_stop(&archived, TokenState::Revoked, "federation.rule_archived").await
    }

    async fn keep_or_stop(&self, rule: &TokenRule, was: TokenState, action: &str) -> anyhow::Result<()> {
        if !self.keep(rule, was, action).await? {
            bail!(
                "Somebody else works on the rule {} at the same time. What was done before stays; run this again, and nothing is \
                 made twice.",
                rule.slug()
            );
        }
        Ok(())
    }

    /// Writes a rule as it is now. False if it is not in the state `was` any more: nothing was written then.
    async fn keep(&self, rule: &TokenRule, was: TokenState, action: &str) -> anyhow::Result<bool> {
        let store = &self.house.store;
        let mut tx = store.begin().await.context("the database cannot be written")?;
        store.hold_trail(&mut tx).await.context("the database cannot be written")?;
        if !store.move_token_rule(&mut tx, rule, was).await.context("the database cannot be written")? {
            return Ok(false);
        }
        self.note(&mut tx, rule, action).await?;
        store.commit(tx).await.context("the database cannot be written")?;
        Ok(true)
    }

    async fn note(&self, tx: &mut Tx<'_>, rule: &TokenRule, action: &str) -> anyhow::Result<()> {
        let detail = serde_json::json!({
            "access": rule.id, "service_account": rule.account_id, "workspace": rule.workspace_id,
        });
        let act = Act { at: self.clock.now(), actor: self.actor, action, about: rule.about(), detail };
        self.house.store.append(tx, &act).await.context("the database cannot be written")?;
        Ok(())
    }
}

/// What went wrong with a call, and what to do.
#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
fn sentence(error: claude::Error) -> anyhow::Error {
    let what = match error.status() {
        Some(401) => "The token is not accepted: it is wrong, or its time is over. Get a new one.".to_owned(),
        Some(403) => "The token may not do this: it needs the scope org:admin, of an admin.".to_owned(),
        Some(429) => "Anthropic asks for a pause.".to_owned(),
        _ => format!("It stopped: {error}."),
    };
    anyhow!("{what} What was done before stays; run it again, and nothing is made twice.")
}
