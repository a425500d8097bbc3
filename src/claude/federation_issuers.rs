//! `/v1/organizations/federation_issuers`: whose signatures the organization trusts.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::Call;
use super::error::Error;
use super::federation::Federation;
use super::page::{self, Pages};
use super::row::Row;
use super::service_accounts::ROWS_PER_PAGE;

/// An issuer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct FederationIssuer {
    /// `fdis_…`
    pub id: String,
    /// A slug that no other has.
    pub name: String,
    /// What the claim `iss` of its assertions is, letter for letter.
    pub issuer_url: String,
    /// Where its keys come from. `{"type": "inline", "keys": […]}` if they were handed in.
    #[serde(default)]
    pub jwks: Value,
    /// Whether each assertion is taken once only.
    pub check_jti: Option<bool>,
    /// How far apart an assertion's `iat` and `exp` may be, in seconds.
    pub max_jwt_lifetime_seconds: Option<i64>,
    /// Since when it is archived, if it is.
    pub archived_at: Option<Timestamp>,
}

impl Row for FederationIssuer {
    const TYPE: &'static str = "federation_issuer";

    fn id(&self) -> &str {
        &self.id
    }
}

impl FederationIssuer {
    /// Whether it trusts this public key, a JWK that was handed in, and no other.
    #[must_use]
    pub fn trusts(&self, key: &Value) -> bool {
        let is_ours = |it: &Value| {
            ["kty", "crv", "x", "y", "kid"].iter().all(|part| it[part].is_string() && it[part] == key[part])
        };
        let keys = self.jwks.pointer("/keys").and_then(Value::as_array);
        self.jwks["type"] == "inline" && keys.is_some_and(|keys| !keys.is_empty() && keys.iter().all(is_ours))
    }
}

/// An issuer to be registered, with its keys in the request: no address of it is ever asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewIssuer {
    /// A slug.
    pub name: String,
    /// What the claim `iss` will be.
    pub issuer_url: String,
    /// Its public keys, each a JWK.
    pub keys: Vec<Value>,
    /// How far apart an assertion's `iat` and `exp` may be, in seconds: 1 to 176,400.
    pub max_jwt_lifetime_seconds: i64,
}

impl NewIssuer {
    /// The request's body, as it is sent.
    #[must_use]
    pub fn body(&self) -> Value {
        json!({
            "name": self.name,
            "issuer_url": self.issuer_url,
            "jwks": { "type": "inline", "keys": self.keys },
            "max_jwt_lifetime_seconds": self.max_jwt_lifetime_seconds,
            "check_jti": true,
        })
    }
}

impl Federation {
    /// Lists those that are not archived, a hundred a page.
    pub fn federation_issuers(&self) -> Pages<FederationIssuer> {
        let call = Call::get("federation issuers", &["federation_issuers"]).with("limit", ROWS_PER_PAGE);
        page::by_token(self.http.clone(), call)
    }

    /// Registers one. Sent once, whatever happens: a second try is refused with 409.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of a change.
    pub async fn create_federation_issuer(&self, new: &NewIssuer) -> Result<FederationIssuer, Error> {
        let call = Call::post("a new federation issuer", &["federation_issuers"], new.body());
        let made = self.http.object(&call).await?;
        made.agreeing(|it: &FederationIssuer| it.name == new.name && it.issuer_url == new.issuer_url)
    }
}
