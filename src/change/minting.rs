//! A fresh token for whoever has access by tokens: Steward signs an assertion, Anthropic makes a token of it, its owner sees it once.

use secrecy::SecretString;

use super::asker::Asker;
use super::failure::Failure;
use super::pipeline::Pipeline;
use super::revealing::Revealing;
use super::token_switch::no_such_access;
use crate::chat::{SecretHandle, Text};
use crate::claude::{Minted, TokenOrder};
use crate::clock::moment;
use crate::store::{TokenIssuer, TokenRule, TokenState};
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
    /// [`Failure::Refused`] for everybody else, and if Anthropic denies it; [`Failure::Mistake`] if the access is off or over.
    pub async fn mint(&self, id: &str, by: &Asker) -> Result<Revealing, Failure> {
        let rule = self.store.token_rule(id).await?.ok_or_else(no_such_access)?;
        self.may_have(&rule, by).await?;
        let actor = by.account.to_string();
        let mut tx = self.store.begin().await?;
        self.note_token(&mut tx, ("token.asked", &actor), &rule, serde_json::json!({})).await?;
        self.store.commit(tx).await?;
        let place = self.store.workspace(&rule.workspace_id).await?.map_or(String::new(), |it| it.name);
        let lifetime_s = rule.lifetime_s.min(self.rules.now().place(&place).token_lifetime_s);
        let made = self.token_of(&rule, lifetime_s).await;
        // Whoever was revoked while Anthropic answered does not get it.
        let rule = self.store.token_rule(id).await?.ok_or_else(no_such_access)?;
        let minted = match made {
            Ok(minted) => minted,
            Err(failure) => {
                let mut tx = self.store.begin().await?;
                let detail = serde_json::json!({ "why": failure.logged() });
                self.note_token(&mut tx, ("token.denied", &actor), &rule, detail).await?;
                self.store.commit(tx).await?;
                return Err(failure);
            }
        };
        let now = self.clock.now();
        let lives_s = i64::try_from(minted.lives.as_secs()).unwrap_or(i64::MAX);
        let mut tx = self.store.begin().await?;
        let detail = serde_json::json!({ "lives_s": lives_s, "service_account": rule.account_id });
        self.note_token(&mut tx, ("token.issued", &actor), &rule, detail).await?;
        self.store.commit(tx).await?;
        self.may_have(&rule, by).await?;
        let handle = format!("{TOKEN_HANDLE}{}", self.random.short(20));
        self.tray.put(&handle, &by.account, minted.token, now);
        let until = moment(now.as_millisecond() + lives_s * 1_000);
        let beside = view::token::beside_the_token((&rule.id, rule.name()), lives_s, until);
        Ok(Revealing::Secret(SecretHandle(handle), Box::new(beside)))
    }

    /// Refuses whoever the access does not belong to, and everybody once it is off or over.
    async fn may_have(&self, rule: &TokenRule, by: &Asker) -> Result<(), Failure> {
        let own = by.person.as_ref().filter(|_| by.linked).map(|it| &it.id);
        let is_theirs = own.is_some() && own == rule.grant.as_ref().map(|it| &it.owner);
        if !is_theirs || !rule.is_genuine {
            let actor = by.account.to_string();
            let mut tx = self.store.begin().await?;
            let detail = serde_json::json!({ "genuine": rule.is_genuine });
            self.note_token(&mut tx, ("token.refused", &actor), rule, detail).await?;
            self.store.commit(tx).await?;
            return Err(Failure::refused(
                "This access is somebody else's.",
                "No token was made. Whoever it belongs to can get one.",
            ));
        }
        match rule.state {
            TokenState::Granted => Ok(()),
            TokenState::Off => Err(Failure::mistake(
                format!("The access {} is switched off, so no token is made.", rule.name()),
                Text::plain("To have it switched on again: ").command(format!("key enable {}", rule.id)).then("."),
            )),
            _ => Err(Failure::mistake(
                format!("The access {} was revoked, so no token is made.", rule.name()),
                Text::plain("Nothing brings it back. Ask for another one: ").command("key request").then("."),
            )),
        }
    }

    /// A token of a rule, good for `lifetime_s` seconds if the rule allows. Whoever is given it decides what becomes of it; nothing
    /// of it is kept here.
    ///
    /// # Errors
    ///
    /// [`Failure::Refused`] if Anthropic denies it, [`Failure::Upstream`] if Anthropic does not answer, [`Failure::Internal`] if there
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
                    return Err(denied());
                }
                // A token that was made unseen dies by itself.
                Err(error) if left > 0 && (error.is_ambiguous() || error.status().is_none()) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(denied())
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

fn denied() -> Failure {
    Failure::refused(
        "Anthropic denied the token. It does not say why: the rule, the service account or the workspace may be archived there.",
        Text::plain("No token was made. Ask an admin: ")
            .code("steward federation setup")
            .then(" on the server shows what should be there."),
    )
}
