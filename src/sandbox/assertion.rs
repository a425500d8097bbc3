//! A JWT as the exchange reads it: signed by a key that the issuer handed in, and only as long as it says.
//!
//! ES256 only: the other algorithms that the vendor takes are not simulated.

use super::federation::{FederationIssuer, FederationRule};
use crate::clock::Moment;
use data_encoding::BASE64URL_NOPAD;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde_json::{Map, Value};

/// No assertion is longer, in bytes.
const LONGEST: usize = 16 * 1024;
/// What `aud` must be where a rule does not say.
const USUAL_AUDIENCE: &str = "https://api.anthropic.com";
/// How far an issuer's clock may run ahead. Undocumented.
const SKEW_S: i64 = 60;

/// What an assertion says, once its signature was found to be good.
pub(super) struct Assertion(Map<String, Value>);

impl Assertion {
    /// Reads an assertion of this issuer. None if anything is wrong with its form, its signature or its time.
    pub(super) fn read(text: &str, issuer: &FederationIssuer, now: Moment) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let (said, signature) = text.rsplit_once('.')?;
        let (header, claims) = said.split_once('.')?;
        let header = object(header)?;
        if header.get("alg")? != "ES256" {
            return None;
        }
        let kid = header.get("kid")?.as_str().filter(|kid| !kid.is_empty())?;
        let key = issuer.jwks["keys"].as_array()?.iter().find(|key| key["kid"] == kid)?;
        let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).ok()?;
        let verifier = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point(key)?);
        verifier.verify(said.as_bytes(), &signature).ok()?;
        let assertion = Self(object(claims)?);
        let (issued, expires) = (assertion.0.get("iat")?.as_i64()?, assertion.expires()?);
        let is_now = issued <= now.as_second() + SKEW_S && expires > now.as_second();
        let is_short = expires > issued && expires - issued <= issuer.max_jwt_lifetime_seconds;
        let begins =
            assertion.0.get("nbf").is_none_or(|it| it.as_i64().is_some_and(|it| it <= now.as_second() + SKEW_S));
        (is_now && is_short && begins && assertion.text("iss")? == issuer.issuer_url).then_some(assertion)
    }

    /// Whether a rule takes it: everything that the rule says must hold.
    pub(super) fn meets(&self, rule: &FederationRule) -> bool {
        let audience = rule.audience.as_deref().unwrap_or(USUAL_AUDIENCE);
        let is_for_us = match self.0.get("aud") {
            Some(Value::String(one)) => one == audience,
            Some(Value::Array(several)) => several.iter().any(|it| it == audience),
            _ => false,
        };
        let subject = self.text("sub").unwrap_or_default();
        let is_subject = match rule.subject_prefix.as_deref() {
            None => true,
            Some(wanted) => match wanted.strip_suffix('*') {
                Some(beginning) => subject.starts_with(beginning),
                None => subject == wanted,
            },
        };
        is_for_us && is_subject && rule.claims.iter().all(|(name, value)| self.text(name) == Some(value))
    }

    /// When it is over, in seconds.
    pub(super) fn expires(&self) -> Option<i64> {
        self.0.get("exp")?.as_i64()
    }

    /// Its name, if it has one.
    pub(super) fn jti(&self) -> Option<&str> {
        self.text("jti")
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }
}

fn object(part: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).ok()?).ok()
}

/// A P-256 key's point, uncompressed. None for any other key.
pub(super) fn point(jwk: &Value) -> Option<Vec<u8>> {
    let coordinate = |name: &str| {
        let raw = BASE64URL_NOPAD.decode(jwk[name].as_str()?.as_bytes()).ok()?;
        (raw.len() == 32).then_some(raw)
    };
    let is_ours = jwk["kty"] == "EC" && jwk["crv"] == "P-256";
    is_ours.then(|| Some([vec![4], coordinate("x")?, coordinate("y")?].concat()))?
}
