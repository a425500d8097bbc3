//! Tokens: what their stories share. The assertions here are made without Steward's own hand, so that it can be judged by them.

mod canary;
mod client;
mod guarding;
mod leaving;
mod simulation;
mod story;

use data_encoding::BASE64URL_NOPAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::sandbox_stage::{Heard, Sandbox, hear};

pub(crate) const AUDIENCE: &str = "https://api.anthropic.com";
pub(crate) const ISSUER: &str = "https://issuer.invalid/one";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// An issuer's key, as somebody else would have it.
pub(crate) struct Hand(EcdsaKeyPair);

impl Hand {
    pub(crate) fn new() -> Self {
        let (algorithm, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let made = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        Self(EcdsaKeyPair::from_pkcs8(algorithm, made.as_ref(), &random).unwrap())
    }

    pub(crate) fn jwk(&self, kid: &str) -> Value {
        let point = self.0.public_key().as_ref();
        let part = |at: std::ops::Range<usize>| BASE64URL_NOPAD.encode(&point[at]);
        json!({ "kty": "EC", "crv": "P-256", "x": part(1..33), "y": part(33..65), "kid": kid, "alg": "ES256" })
    }

    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        let encode = |it: &Value| BASE64URL_NOPAD.encode(it.to_string().as_bytes());
        let said = format!("{}.{}", encode(header), encode(claims));
        let signature = self.0.sign(&SystemRandom::new(), said.as_bytes()).unwrap();
        format!("{said}.{}", BASE64URL_NOPAD.encode(signature.as_ref()))
    }
}

/// An organization that trusts a hand: one issuer, one account in evals, one rule for `sub: one`.
pub(crate) struct Trust {
    pub(crate) it: Sandbox,
    pub(crate) hand: Hand,
    pub(crate) token: String,
    pub(crate) issuer: String,
    pub(crate) account: String,
    pub(crate) rule: String,
    pub(crate) evals: String,
}

impl Trust {
    pub(crate) async fn new() -> Self {
        Self::living(3_600).await
    }

    /// The same with a rule whose tokens live so long, in seconds.
    pub(crate) async fn living(lifetime_s: i64) -> Self {
        let it = Sandbox::seeded().await;
        it.org.lift_rate_limit();
        let token = it.org.sign_in("ada").unwrap().expose_secret().to_owned();
        let (hand, evals) = (Hand::new(), it.workspace("evals"));
        let mut trust =
            Self { it, hand, token, issuer: String::new(), account: String::new(), rule: String::new(), evals };
        let issuer = json!({
            "name": "one", "issuer_url": ISSUER, "jwks": { "type": "inline", "keys": [trust.hand.jwk("k1")] },
        });
        trust.issuer = trust.post("/federation_issuers", issuer).await.ok().text("/id");
        trust.account = trust.post("/service_accounts", json!({ "name": "worker" })).await.ok().text("/id");
        let seat = json!({ "workspace_id": trust.evals, "workspace_role": "workspace_developer" });
        trust.post(&format!("/service_accounts/{}/workspaces", trust.account), seat).await.ok();
        trust.rule = trust.post("/federation_rules", trust.rule_for("one", lifetime_s)).await.ok().text("/id");
        trust
    }

    pub(crate) fn rule_for(&self, name: &str, lifetime_s: i64) -> Value {
        json!({
            "name": name, "issuer_id": self.issuer, "match": { "subject_prefix": name, "audience": AUDIENCE },
            "target": { "type": "service_account", "service_account_id": self.account },
            "oauth_scope": "workspace:developer", "workspace_id": self.evals, "token_lifetime_seconds": lifetime_s,
        })
    }

    /// A request with the `org:admin` token.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Heard {
        let request = self.it.bare(method, &format!("/anthropic/v1/organizations{path}"));
        let request = request.bearer_auth(&self.token).header("anthropic-version", "2023-06-01");
        hear(match body {
            Some(body) => request.json(&body),
            None => request,
        })
        .await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Heard {
        self.ask("POST", path, Some(body)).await
    }

    pub(crate) async fn get(&self, path: &str) -> Heard {
        self.ask("GET", path, None).await
    }

    /// Claims that pass, for an assertion that lives half an hour.
    pub(crate) fn claims(&self, jti: &str) -> Value {
        let now = self.it.clock.now().as_second();
        json!({ "iss": ISSUER, "sub": "one", "aud": AUDIENCE, "iat": now, "exp": now + 1_800, "jti": jti })
    }

    pub(crate) fn assertion(&self, claims: &Value) -> String {
        self.hand.sign(&json!({ "alg": "ES256", "typ": "JWT", "kid": "k1" }), claims)
    }

    /// An exchange that passes, but for what `claims` say.
    pub(crate) fn order(&self, claims: &Value) -> Value {
        json!({
            "grant_type": GRANT, "assertion": self.assertion(claims), "federation_rule_id": self.rule,
            "organization_id": self.it.org.id(), "service_account_id": self.account, "workspace_id": self.evals,
        })
    }

    pub(crate) async fn exchange(&self, order: &Value) -> Heard {
        hear(self.it.bare("POST", "/anthropic/v1/oauth/token").json(order)).await
    }

    /// A token, by an assertion with this name.
    pub(crate) async fn minted(&self, jti: &str) -> Heard {
        self.exchange(&self.order(&self.claims(jti))).await
    }

    /// One tiny message with this token.
    pub(crate) async fn message(&self, token: &str) -> Heard {
        let body = json!({
            "model": "claude-haiku-5-5", "max_tokens": 16, "messages": [{ "role": "user", "content": "hello" }],
        });
        let request = self.it.bare("POST", "/anthropic/v1/messages").header("anthropic-version", "2023-06-01");
        hear(request.bearer_auth(token).json(&body)).await
    }
}
