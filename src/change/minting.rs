//! A fresh token for whoever has access by tokens: Steward signs an assertion, Anthropic makes a token of it, its owner sees it once.

use secrecy::SecretString;

use super::asker::Asker;
use super::failure::Failure;
use super::pipeline::Pipeline;
use super::revealing::Revealing;
use super::token_right::ASKED;
use super::token_switch::no_such_access;
use crate::chat::{SecretHandle, Text};
use crate::claude::{Minted, TokenOrder};
use crate::clock::moment;
use crate::store::{TokenIssuer, TokenRule};
use crate::view;

/// What an assertion is for. The rules ask for exactly this.
pub const TOKEN_AUDIENCE: &str = "https://api.anthropic.com";
/// How far an assertion's beginning lies back, so that a clock of ours that runs ahead does no harm.
const BACK_S: i64 = 30;
/// No assertion lives shorter: it has to arrive.
const LEAST_S: i64 = 30;
/// How often an assertion is signed for one token, where Anthropic is down.
const TRIES: usize = 2;
/// What a handle of the tray begins with.
pub(super) const TOKEN_HANDLE: &str = "token ";

impl Pipeline {
    /// Makes a token for whoever the access belongs to.
    ///
    /// # Errors
    ///
    /// [`Failure::Refused`] for everybody else, for whoever has had very many, and if Anthropic denies it; [`Failure::Mistake`] if
    /// the access is off or over.
    pub async fn mint(&self, id: &str, by: &Asker) -> Result<Revealing, Failure> {
        let rule = self.store.token_rule(id).await?.ok_or_else(no_such_access)?;
        let actor = by.account.to_string();
        if let Some(objection) = self.objection(&rule, &by.account).await? {
            if objection.is_refusal() {
                let detail = serde_json::json!({ "why": objection.code(), "genuine": rule.is_genuine });
                self.keep_note(("token.refused", &actor), &rule, detail).await?;
            }
            return Err(objection.told(&rule));
        }
        let owner = rule.grant.as_ref().map(|it| it.owner.clone()).ok_or_else(no_such_access)?;
        self.within_the_hour(&owner).await?;
        self.keep_note((ASKED, &actor), &rule, serde_json::json!({})).await?;
        let place = self.store.workspace(&rule.workspace_id).await?.map_or(String::new(), |it| it.name);
        let lifetime_s = rule.lifetime_s.min(self.rules.now().place(&place).token_lifetime_s);
        let minted = match self.token_of(&rule, lifetime_s).await {
            Ok(minted) => minted,
            Err(failure) => {
                let detail = serde_json::json!({ "why": failure.logged() });
                self.keep_note(("token.denied", &actor), &rule, detail).await?;
                return Err(failure);
            }
        };
        let now = self.clock.now();
        let lives_s = i64::try_from(minted.lives.as_secs()).unwrap_or(i64::MAX);
        let until = moment(now.as_millisecond().saturating_add(lives_s.saturating_mul(1_000)));
        let detail = serde_json::json!({ "lives_s": lives_s, "service_account": rule.account_id });
        self.keep_note(("token.issued", &actor), &rule, detail).await?;
        // Whoever lost it while Anthropic answered does not get it.
        let rule = self.store.token_rule(id).await?.ok_or_else(no_such_access)?;
        if let Some(objection) = self.objection(&rule, &by.account).await? {
            let detail = serde_json::json!({ "why": objection.code() });
            self.keep_note(("token.withheld", &actor), &rule, detail).await?;
            return Err(objection.told_after(&rule, until));
        }
        let handle = format!("{TOKEN_HANDLE}{}", self.random.short(20));
        self.tray.put(&handle, (&by.account, &owner), minted.token, now);
        let beside = view::token::beside_the_token((&rule.id, rule.name()), lives_s, until);
        Ok(Revealing::Secret(SecretHandle(handle), Box::new(beside)))
    }

    /// A line about a rule, in a transaction of its own.
    async fn keep_note(&self, line: (&str, &str), rule: &TokenRule, detail: serde_json::Value) -> Result<(), Failure> {
        let mut tx = self.store.begin().await?;
        self.note_token(&mut tx, line, rule, detail).await?;
        Ok(self.store.commit(tx).await?)
    }

    /// A token of a rule, good for `lifetime_s` seconds if the rule allows. Whoever is given it decides what becomes of it; nothing
    /// of it is kept here.
    ///
    /// # Errors
    ///
    /// [`Failure::Refused`] if Anthropic denies it; [`Failure::Upstream`] if Anthropic does not answer, [`Failure::Internal`] if there
    /// is nothing to sign with.
    pub async fn token_of(&self, rule: &TokenRule, lifetime_s: i64) -> Result<Minted, Failure> {
        let issuer = self.store.token_issuer().await?.filter(|it| it.key.kid() == rule.kid);
        let issuer = issuer.ok_or_else(|| Failure::internal("the key that a rule trusts is not here"))?;
        let (Some(rule_id), Some(account_id)) = (&rule.rule_id, &rule.account_id) else {
            return Err(Failure::internal("a rule was granted that is not made yet"));
        };
        for left in (0..TRIES).rev() {
            let assertion = self.assertion(&issuer, rule, lifetime_s)?;
            let order = TokenOrder {
                assertion: &assertion,
                rule_id,
                organization_id: &rule.organization_id,
                service_account_id: account_id,
                workspace_id: &rule.workspace_id,
            };
            match self.exchange.token(&order).await {
                Ok(minted) => return Ok(minted),
                Err(error) if error.status().is_some_and(|it| matches!(it, 400 | 401 | 403 | 404)) => {
                    tracing::warn!(rule = %rule_id, %error, "a token was denied");
                    return Err(denied(rule));
                }
                // A token that was made unseen dies by itself.
                Err(error) if left > 0 && (error.is_ambiguous() || error.status().is_none()) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(denied(rule))
    }

    /// Signed anew each time: an assertion is taken once. A token lives twice as long as its assertion has left.
    fn assertion(&self, issuer: &TokenIssuer, rule: &TokenRule, lifetime_s: i64) -> Result<SecretString, Failure> {
        let now = self.clock.now().as_second();
        let left = lifetime_s.div_euclid(2).max(LEAST_S);
        let claims = serde_json::json!({
            "iss": issuer.url(), "sub": rule.subject(), "aud": TOKEN_AUDIENCE, "iat": now - BACK_S, "exp": now + left,
            "jti": self.random.id("jti"),
        });
        issuer.key.sign(&claims.to_string()).map_err(|_| Failure::internal("an assertion could not be signed"))
    }
}

fn denied(rule: &TokenRule) -> Failure {
    Failure::refused(
        "Anthropic denied the token. It does not say why: the rule, the service account or the workspace may be archived there.",
        Text::plain("No token was made. An admin sees in the Claude Console what is archived; the ids are in ")
            .command(format!("key show {}", rule.id))
            .then("."),
    )
}
