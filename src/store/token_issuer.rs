//! The key by which Steward is an issuer. Drawn once, sealed; its public half is registered with Anthropic.

use sqlx::Row;

use super::{Error, Store, Tx};
use crate::clock::Moment;
use crate::random::Random;
use crate::seal::{AssertionKey, Context, Sealed};
use secrecy::ExposeSecret;

/// There is one.
const ID: &str = "current";

/// Steward as an issuer.
pub struct TokenIssuer {
    /// The organization that it is registered with.
    pub organization_id: String,
    /// `fdis_…`, once it is known to be registered.
    pub issuer_id: Option<String>,
    /// Signs.
    pub key: AssertionKey,
}

impl TokenIssuer {
    /// The claim `iss` of its assertions. No address: nobody can ever answer at `.invalid`, and another key is another issuer.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://steward.invalid/{}", self.key.kid())
    }

    /// What it is called in the organization: a slug, made of the key's name.
    #[must_use]
    pub fn slug(&self) -> String {
        let letters = self.key.kid().chars().filter(char::is_ascii_alphanumeric).take(12);
        format!("steward-{}", letters.collect::<String>().to_lowercase())
    }
}

impl Store {
    /// The issuer, if there is one yet.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked, or the key does not open.
    pub async fn token_issuer(&self) -> Result<Option<TokenIssuer>, Error> {
        let query = sqlx::query("SELECT kid, organization_id, issuer_id, sealed FROM token_issuer WHERE id = $1");
        let Some(row) = query.bind(ID).fetch_optional(&self.reader).await? else { return Ok(None) };
        let (kid, organization_id): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        let corrupt = |_| Error::Corrupt("token_issuer.sealed");
        let sealed = Sealed::parse(row.try_get(3)?).map_err(corrupt)?;
        let private = self.keys.seal.open(&sealed_at(&organization_id), &sealed).map_err(corrupt)?;
        let key = AssertionKey::open(&private).map_err(corrupt)?;
        if key.kid() != kid {
            return Err(Error::Corrupt("token_issuer.kid"));
        }
        Ok(Some(TokenIssuer { organization_id, issuer_id: row.try_get(2)?, key }))
    }

    /// Draws the key, unless there is one. False if there is.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn make_token_issuer(
        &self,
        tx: &mut Tx<'_>,
        organization_id: &str,
        random: &Random,
        at: Moment,
    ) -> Result<bool, Error> {
        let corrupt = |_| Error::Corrupt("token_issuer.sealed");
        let private = AssertionKey::generate().map_err(corrupt)?;
        let key = AssertionKey::open(&private).map_err(corrupt)?;
        let sealed = self.keys.seal.close(&sealed_at(organization_id), private.expose_secret(), random);
        let done = sqlx::query(
            "INSERT INTO token_issuer (id, kid, organization_id, issuer_id, sealed, made_at_ms)
             VALUES ($1, $2, $3, NULL, $4, $5) ON CONFLICT DO NOTHING",
        )
        .bind(ID)
        .bind(key.kid())
        .bind(organization_id)
        .bind(sealed.to_text())
        .bind(at.as_millisecond())
        .execute(&mut **tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// It is registered under this id.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn token_issuer_registered(&self, tx: &mut Tx<'_>, issuer_id: &str) -> Result<(), Error> {
        let query = sqlx::query("UPDATE token_issuer SET issuer_id = $1 WHERE id = $2").bind(issuer_id);
        query.bind(ID).execute(&mut **tx).await?;
        Ok(())
    }
}

/// Where the private key lies: it opens there alone.
fn sealed_at(organization_id: &str) -> Context<'_> {
    Context { org: organization_id, table: "token_issuer", row: ID, column: "sealed" }
}
