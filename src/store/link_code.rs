//! Codes that join accounts: kept as keyed hashes, good for one entry, and not to be guessed.

use data_encoding::HEXLOWER;
use sqlx::Row;

use super::{Error, Store, Tx};
use crate::chat::Account;
use crate::clock::{Moment, moment};
use crate::domain::LinkCode;

/// A code that was asked for, without its letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeRow {
    /// The account that asked for it, and is to be joined.
    pub account: Account,
    /// Until when.
    pub expires_at: Moment,
    /// The account that entered it, if one has.
    pub entered_by: Option<Account>,
}

impl Store {
    fn code_hash(&self, code: &LinkCode) -> String {
        HEXLOWER.encode(&self.keys.codes.sign(format!("link code {}", code.letters()).as_bytes()))
    }

    /// Keeps a code for `account`, in place of any earlier one. False if the same code is another account's at this moment.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn keep_code(
        &self,
        tx: &mut Tx<'_>,
        account: &Account,
        code: &LinkCode,
        expires_at: Moment,
    ) -> Result<bool, Error> {
        sqlx::query("DELETE FROM link_code WHERE account = $1").bind(account.to_string()).execute(&mut **tx).await?;
        let done = sqlx::query(
            "INSERT INTO link_code (account, hash, expires_at_ms) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        )
        .bind(account.to_string())
        .bind(self.code_hash(code))
        .bind(expires_at.as_millisecond())
        .execute(&mut **tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Enters a code for `by`. Answers the account that asked for it; none if there is no such code, its time is over, or it
    /// was entered before.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn enter_code(
        &self,
        tx: &mut Tx<'_>,
        code: &LinkCode,
        by: &Account,
        now: Moment,
    ) -> Result<Option<Account>, Error> {
        let row = sqlx::query(
            "UPDATE link_code SET entered_by = $1 WHERE hash = $2 AND entered_by IS NULL AND expires_at_ms > $3
             RETURNING account",
        )
        .bind(by.to_string())
        .bind(self.code_hash(code))
        .bind(now.as_millisecond())
        .fetch_optional(&mut **tx)
        .await?;
        let account = row.map(|it| it.try_get::<String, _>(0)).transpose()?;
        account.map(|it| it.parse().map_err(|_| Error::Corrupt("link_code.account"))).transpose()
    }

    /// Uses up the code that `account` asked for and `by` entered. False if there is none, or its time is over.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn use_code(&self, tx: &mut Tx<'_>, account: &Account, by: &Account, now: Moment) -> Result<bool, Error> {
        let done = sqlx::query("DELETE FROM link_code WHERE account = $1 AND entered_by = $2 AND expires_at_ms > $3")
            .bind(account.to_string())
            .bind(by.to_string())
            .bind(now.as_millisecond())
            .execute(&mut **tx)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// The code that `account` asked for, if it is still good.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn open_code(&self, account: &Account, now: Moment) -> Result<Option<CodeRow>, Error> {
        let row =
            sqlx::query("SELECT expires_at_ms, entered_by FROM link_code WHERE account = $1 AND expires_at_ms > $2")
                .bind(account.to_string())
                .bind(now.as_millisecond())
                .fetch_optional(&self.reader)
                .await?;
        let Some(row) = row else { return Ok(None) };
        let by: Option<String> = row.try_get(1)?;
        let entered_by = by.map(|it| it.parse().map_err(|_| Error::Corrupt("link_code.entered_by"))).transpose()?;
        Ok(Some(CodeRow { account: account.clone(), expires_at: moment(row.try_get(0)?), entered_by }))
    }

    /// Counts one try of `account`, before it is known whether it is right. Answers how many there were since `since`, this
    /// one included. Tries of before are forgotten. Two at the same moment are two.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn count_try(
        &self,
        tx: &mut Tx<'_>,
        account: &Account,
        (since, now): (Moment, Moment),
    ) -> Result<i64, Error> {
        let row = sqlx::query(
            "INSERT INTO link_try (account, wrong, since_ms) VALUES ($1, 1, $2)
             ON CONFLICT (account) DO UPDATE SET
                wrong = CASE WHEN link_try.since_ms <= $3 THEN 1 ELSE link_try.wrong + 1 END,
                since_ms = CASE WHEN link_try.since_ms <= $3 THEN $2 ELSE link_try.since_ms END
             RETURNING wrong",
        )
        .bind(account.to_string())
        .bind(now.as_millisecond())
        .bind(since.as_millisecond())
        .fetch_one(&mut **tx)
        .await?;
        Ok(row.try_get(0)?)
    }

    /// A try was right after all.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn uncount_try(&self, tx: &mut Tx<'_>, account: &Account) -> Result<(), Error> {
        sqlx::query("UPDATE link_try SET wrong = wrong - 1 WHERE account = $1 AND wrong > 0")
            .bind(account.to_string())
            .execute(&mut **tx)
            .await?;
        Ok(())
    }

    /// Forgets codes and tries whose time was over before `before`.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn forget_codes(&self, before: Moment) -> Result<u64, Error> {
        let mut tx = self.begin().await?;
        let codes = sqlx::query("DELETE FROM link_code WHERE expires_at_ms < $1")
            .bind(before.as_millisecond())
            .execute(&mut *tx)
            .await?;
        let tries = sqlx::query("DELETE FROM link_try WHERE since_ms < $1")
            .bind(before.as_millisecond())
            .execute(&mut *tx)
            .await?;
        self.commit(tx).await?;
        Ok(codes.rows_affected() + tries.rows_affected())
    }
}
