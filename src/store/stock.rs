//! The stock: keys that an admin made in the Console and loaded here, until each is issued to exactly one person.

use data_encoding::HEXLOWER;
use secrecy::{ExposeSecret, SecretString};
use sqlx::Row;

use super::stock_row::{StockRow, StockState, covered, stock_columns};
use super::{Error, Store, Tx};
use crate::clock::Moment;
use crate::domain::PersonId;
use crate::random::Random;
use crate::seal::Context;

/// How often a claim looks for another key when somebody else was faster.
const MOST_TRIES: usize = 64;

/// A key to be loaded.
pub struct NewStock<'a> {
    /// `apikey_…`.
    pub key_id: &'a str,
    /// The organization that it belongs to.
    pub organization_id: &'a str,
    /// The workspace that it works in.
    pub workspace_id: &'a str,
    /// What it will be called there as long as it is free.
    pub pool_name: &'a str,
    /// What may be shown of it.
    pub hint: &'a str,
    /// The key itself.
    pub secret: &'a SecretString,
    /// Who loads it.
    pub by: &'a str,
}

/// Whom a key is taken for, and by which request.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// The request's mark.
    pub mark: &'a str,
    /// The request, by number.
    pub change: i64,
    /// Whom it is for.
    pub owner: &'a PersonId,
}

impl Store {
    /// Seals a key into the stock. It cannot be issued before it was seen switched off in the organization.
    /// False if it was loaded before, whatever became of it.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn load_stock(
        &self,
        tx: &mut Tx<'_>,
        new: &NewStock<'_>,
        random: &Random,
        at: Moment,
    ) -> Result<bool, Error> {
        let context = sealed_at(new.organization_id, new.key_id);
        let sealed = self.keys.seal.close_text(&context, new.secret, random).to_text();
        let done = sqlx::query(
            "INSERT INTO stock_key (key_id, organization_id, workspace_id, pool_name, hint, digest, sealed, state, loaded_by, loaded_at_ms)
             VALUES ($1, $2, $3, $4, $5, $6, $7, 'parking', $8, $9) ON CONFLICT DO NOTHING",
        )
        .bind(new.key_id)
        .bind(new.organization_id)
        .bind(new.workspace_id)
        .bind(new.pool_name)
        .bind(new.hint)
        .bind(self.digest_of(new.secret))
        .bind(sealed)
        .bind(new.by)
        .bind(at.as_millisecond())
        .execute(&mut **tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// The row of this very secret, if it was loaded before.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn stocked(&self, secret: &SecretString) -> Result<Option<StockRow>, Error> {
        let query = sqlx::query(concat!("SELECT ", stock_columns!(), " FROM stock_key WHERE digest = $1"));
        let row = query.bind(self.digest_of(secret)).fetch_optional(&self.reader).await?;
        row.map(|row| self.stock_row(&row)).transpose()
    }

    /// A loaded key was switched off in the organization and has its pool name: it can be issued.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn stock_parked(&self, tx: &mut Tx<'_>, key_id: &str, at: Moment) -> Result<bool, Error> {
        let done = sqlx::query(
            "UPDATE stock_key SET state = 'free', checked_at_ms = $1 WHERE key_id = $2 AND state = 'parking'",
        )
        .bind(at.as_millisecond())
        .bind(key_id)
        .execute(&mut **tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Takes one free key of a workspace for `claim`; the same one again if it took one before. None if there is none that
    /// was seen free in the organization since `seen_since`.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn claim_stock(
        &self,
        tx: &mut Tx<'_>,
        workspace_id: &str,
        claim: Claim<'_>,
        seen_since: Moment,
    ) -> Result<Option<String>, Error> {
        let taken = sqlx::query("SELECT key_id FROM stock_key WHERE claim = $1").bind(claim.mark);
        if let Some(row) = taken.fetch_optional(&mut **tx).await? {
            return Ok(Some(row.try_get(0)?));
        }
        for _ in 0..MOST_TRIES {
            let free = sqlx::query(
                "SELECT key_id FROM stock_key WHERE workspace_id = $1 AND state = 'free' AND checked_at_ms >= $2
                  ORDER BY loaded_at_ms, key_id LIMIT 1",
            );
            let free = free.bind(workspace_id).bind(seen_since.as_millisecond()).fetch_optional(&mut **tx).await?;
            let Some(free) = free else { return Ok(None) };
            let key_id: String = free.try_get(0)?;
            let mac = self.fingerprint(&covered(&key_id, claim.mark, claim.owner, Some(claim.change)));
            let done = sqlx::query(
                "UPDATE stock_key SET state = 'claimed', claim = $1, change_number = $2, owner_id = $3, mac = $4
                  WHERE key_id = $5 AND state = 'free'",
            )
            .bind(claim.mark)
            .bind(claim.change)
            .bind(claim.owner.as_str())
            .bind(mac)
            .bind(&key_id)
            .execute(&mut **tx)
            .await?;
            if done.rows_affected() == 1 {
                return Ok(Some(key_id));
            }
        }
        Ok(None)
    }

    /// The key that a request took.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn claimed_stock(&self, mark: &str) -> Result<Option<StockRow>, Error> {
        let query = sqlx::query(concat!("SELECT ", stock_columns!(), " FROM stock_key WHERE claim = $1"));
        query.bind(mark).fetch_optional(&self.reader).await?.map(|row| self.stock_row(&row)).transpose()
    }

    /// The key that a request took, by the request's number.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn stock_of(&self, change: i64) -> Result<Option<StockRow>, Error> {
        let query = sqlx::query(concat!("SELECT ", stock_columns!(), " FROM stock_key WHERE change_number = $1"));
        query.bind(change).fetch_optional(&self.reader).await?.map(|row| self.stock_row(&row)).transpose()
    }

    /// All keys of the stock in these states, oldest first.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn stock(&self, states: &[StockState]) -> Result<Vec<StockRow>, Error> {
        let query = sqlx::query(concat!("SELECT ", stock_columns!(), " FROM stock_key ORDER BY loaded_at_ms, key_id"));
        let rows = query.fetch_all(&self.reader).await?;
        let rows: Vec<StockRow> = rows.iter().map(|row| self.stock_row(row)).collect::<Result<_, _>>()?;
        Ok(rows.into_iter().filter(|it| states.contains(&it.state)).collect())
    }

    /// How many keys of a workspace can be issued.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn free_stock(&self, workspace_id: &str) -> Result<i64, Error> {
        let query = sqlx::query("SELECT COUNT(*) FROM stock_key WHERE workspace_id = $1 AND state = 'free'");
        Ok(query.bind(workspace_id).fetch_one(&self.reader).await?.try_get(0)?)
    }

    /// Opens the secret of a key that its owner may see now; none once it is erased, or if its row is not as it was written.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked, or the secret does not open.
    pub async fn open_stock(&self, row: &StockRow) -> Result<Option<SecretString>, Error> {
        if !row.is_genuine || row.owner.is_none() {
            return Ok(None);
        }
        let query = sqlx::query("SELECT organization_id, sealed FROM stock_key WHERE key_id = $1");
        let Some(found) = query.bind(&row.key_id).fetch_optional(&self.reader).await? else { return Ok(None) };
        let organization: String = found.try_get(0)?;
        let Some(sealed) = found.try_get::<Option<String>, _>(1)? else { return Ok(None) };
        let sealed = crate::seal::Sealed::parse(&sealed).map_err(|_| Error::Corrupt("stock_key.sealed"))?;
        let opened = self.keys.seal.open_text(&sealed_at(&organization, &row.key_id), &sealed);
        opened.map(Some).map_err(|_| Error::Corrupt("stock_key.sealed"))
    }

    fn digest_of(&self, secret: &SecretString) -> String {
        HEXLOWER.encode(&self.keys.duplicates.sign(secret.expose_secret().as_bytes()))
    }
}

/// Where a key's secret lies: it opens in its own row alone.
fn sealed_at<'a>(organization: &'a str, key_id: &'a str) -> Context<'a> {
    Context { org: organization, table: "stock_key", row: key_id, column: "sealed" }
}
