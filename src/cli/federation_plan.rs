//! What federation needs in the organization: Steward as an issuer, and for each workspace whose issuer is `token` some rules, each
//! with a service account of its own, so that each person's access ends, and is counted, by itself.

use anyhow::{Context, bail};
use serde_json::{Value, json};

use super::exit::Misuse;
use crate::change::TOKEN_AUDIENCE;
use crate::claude::{NewIssuer, NewRule, WorkspaceRole};
use crate::clock::Clock;
use crate::domain::{Issuer, Rules};
use crate::random::Random;
use crate::store::{Act, Store, TokenIssuer, TokenRule, TokenState, WorkspaceRow};
use crate::view;

/// How far apart an assertion's `iat` and `exp` may be: half of the longest life of a token, and what clocks are off.
const LONGEST_ASSERTION_S: i64 = 43_500;
/// Letters of a rule's id: 80 bits.
const ID_LETTERS: usize = 16;

/// Everything that is wanted, as far as Steward's own books know.
pub struct Prepared {
    /// Steward as an issuer.
    pub issuer: TokenIssuer,
    /// The workspaces whose issuer is `token`, in the order of the configuration.
    pub places: Vec<PreparedPlace>,
    /// Workspaces whose issuer is `token` and that are not there, by name: archived, renamed, or never read.
    pub not_there: Vec<String>,
    /// Rules that were revoked here and are to be archived there.
    pub over: Vec<TokenRule>,
}

/// A workspace, and what is prepared for it.
pub struct PreparedPlace {
    /// The workspace.
    pub workspace: WorkspaceRow,
    /// How long its tokens live, in seconds.
    pub lifetime_s: i64,
    /// How many rules can be granted.
    pub free: usize,
    /// Rules that are to be made.
    pub making: Vec<TokenRule>,
}

/// Draws the signing key if there is none, and plans as many rules as are missing. Changes Steward's own books alone.
pub(super) async fn prepare(
    (store, rules): (&Store, &Rules),
    organization_id: &str,
    per_workspace: usize,
    (clock, random, actor): (&Clock, &Random, &str),
) -> anyhow::Result<Prepared> {
    let wanted: Vec<_> = rules.workspaces.iter().filter(|it| it.issuer == Issuer::Token).collect();
    let known = store.token_rules().await.context("the database cannot be read")?;
    let over: Vec<TokenRule> =
        known.iter().filter(|it| it.is_genuine && it.state == TokenState::Revoked).cloned().collect();
    if wanted.is_empty() && over.is_empty() {
        let told = "No workspace has `issuer = \"token\"` in the configuration, so there is nothing to set up.";
        bail!(Misuse(told.to_owned()));
    }
    let issuer = issuer(store, organization_id, (clock, random, actor)).await?;
    let (mut places, mut not_there) = (Vec::new(), Vec::new());
    for place in wanted {
        let found = store.workspaces_named(&place.name).await.context("the database cannot be read")?;
        let mut open = found.into_iter().filter(|it| it.archived_at.is_none());
        let (Some(workspace), None) = (open.next(), open.next()) else {
            not_there.push(place.name.clone());
            continue;
        };
        let here =
            known.iter().filter(|it| it.is_genuine && it.workspace_id == workspace.id && it.kid == issuer.key.kid());
        let free = here.clone().filter(|it| it.state == TokenState::Free).count();
        let mut making: Vec<TokenRule> = here.filter(|it| it.state == TokenState::Making).cloned().collect();
        let mut tx = store.begin().await.context("the database cannot be written")?;
        while free + making.len() < per_workspace {
            let rule = TokenRule {
                id: random.short(ID_LETTERS),
                organization_id: organization_id.to_owned(),
                workspace_id: workspace.id.clone(),
                kid: issuer.key.kid().to_owned(),
                account_id: None,
                rule_id: None,
                lifetime_s: place.token_lifetime_s,
                state: TokenState::Making,
                made_at: clock.now(),
                grant: None,
                ended_at: None,
                is_genuine: true,
            };
            store.plan_token_rule(&mut tx, &rule).await.context("the database cannot be written")?;
            making.push(rule);
        }
        store.commit(tx).await.context("the database cannot be written")?;
        // Always in the same order, so that what is shown twice is the same twice.
        making.sort_by(|one, other| one.id.cmp(&other.id));
        places.push(PreparedPlace { workspace, lifetime_s: place.token_lifetime_s, free, making });
    }
    Ok(Prepared { issuer, places, not_there, over })
}

/// The issuer of this organization, drawn now if there is none.
async fn issuer(
    store: &Store,
    organization_id: &str,
    (clock, random, actor): (&Clock, &Random, &str),
) -> anyhow::Result<TokenIssuer> {
    if store.token_issuer().await.context("the signing key cannot be read")?.is_none() {
        let mut tx = store.begin().await.context("the database cannot be written")?;
        let at = clock.now();
        if store.make_token_issuer(&mut tx, organization_id, random, at).await.context("no signing key was made")? {
            let act = Act { at, actor, action: "federation.key_made", about: organization_id, detail: json!({}) };
            store.append(&mut tx, &act).await.context("the database cannot be written")?;
        }
        store.commit(tx).await.context("the database cannot be written")?;
    }
    let issuer = store.token_issuer().await.context("the signing key cannot be read")?;
    let issuer = issuer.context("the signing key vanished")?;
    if issuer.organization_id != organization_id {
        bail!("The signing key belongs to another organization. Nothing was changed.");
    }
    Ok(issuer)
}

impl Prepared {
    /// How Steward is registered.
    pub(super) fn new_issuer(&self) -> NewIssuer {
        // It is our own text, which always has a JSON form.
        let key = serde_json::from_str(&self.issuer.key.jwk()).unwrap_or(Value::Null);
        NewIssuer {
            name: self.issuer.slug(),
            issuer_url: self.issuer.url(),
            keys: vec![key],
            max_jwt_lifetime_seconds: LONGEST_ASSERTION_S,
        }
    }

    /// How many rules are to be made or archived.
    pub(super) fn open(&self) -> usize {
        self.places.iter().map(|it| it.making.len()).sum::<usize>() + self.over.len()
    }

    /// Every call, for a program or for the Console.
    pub(super) fn as_json(&self) -> Value {
        let issuer = self.new_issuer();
        json!({
            "issuer": {
                "id": self.issuer.issuer_id, "kid": self.issuer.key.kid(), "jwks": { "keys": issuer.keys },
                "request": request("/federation_issuers", &issuer.body()),
            },
            "workspaces": self.places.iter().map(|it| it.as_json(self.issuer.issuer_id.as_deref())).collect::<Vec<_>>(),
            "not_there": self.not_there,
            "to_archive": self.over.iter().map(|it| json!({
                "id": it.id, "name": it.name(), "federation_rule_id": it.rule_id, "service_account_id": it.account_id,
            })).collect::<Vec<_>>(),
        })
    }
}

impl PreparedPlace {
    /// What the service account of a rule is made with.
    pub(super) fn description(&self) -> String {
        format!("Steward: tokens for {}", self.workspace.name)
    }

    /// A rule as it is made.
    pub(super) fn new_rule(&self, rule: &TokenRule, issuer_id: &str, account_id: &str) -> NewRule {
        NewRule {
            name: rule.slug(),
            description: self.description(),
            issuer_id: issuer_id.to_owned(),
            subject: rule.subject(),
            audience: TOKEN_AUDIENCE.to_owned(),
            service_account_id: account_id.to_owned(),
            workspace_id: self.workspace.id.clone(),
            token_lifetime_seconds: rule.lifetime_s,
        }
    }

    fn as_json(&self, issuer_id: Option<&str>) -> Value {
        let rules = self.making.iter().map(|rule| {
            let account = json!({
                "name": rule.slug(), "description": self.description(), "organization_role": "developer",
            });
            let seat =
                json!({ "workspace_id": self.workspace.id, "workspace_role": WorkspaceRole::Developer.as_str() });
            let body = self.new_rule(rule, issuer_id.unwrap_or("fdis_…"), "svac_…").body();
            json!({
                "id": rule.id,
                "requests": [
                    request("/service_accounts", &account),
                    request("/service_accounts/svac_…/workspaces", &seat),
                    request("/federation_rules", &body),
                ],
            })
        });
        json!({
            "workspace": self.workspace.name, "workspace_id": self.workspace.id, "token_lifetime_s": self.lifetime_s,
            "free": self.free, "to_make": rules.collect::<Vec<_>>(),
        })
    }

    /// In words.
    pub(super) fn told(&self) -> String {
        format!(
            "{}: {} free, {} to make; a token lives for {}",
            self.workspace.name,
            self.free,
            self.making.len(),
            view::token::lifetime(self.lifetime_s)
        )
    }
}

fn request(path: &str, body: &Value) -> Value {
    json!({ "method": "POST", "path": format!("/v1/organizations{path}"), "body": body })
}
