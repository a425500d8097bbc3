//! What becomes of a key of the stock after it was taken: offered, revealed, erased, or refused.

use sqlx::Row;

use super::stock_row::{StockRow, stock_columns};
use super::{Act, Error, Store, Tx};
use crate::clock::{Moment, moment};
use crate::domain::PersonId;

impl Store {
    /// Its owner may reveal it, until `until`. False if it was offered before.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn offer_stock(&self, tx: &mut Tx<'_>, claim: &str, until: Moment) -> Result<bool, Error> {
        let query =
            "UPDATE stock_key SET state = 'offered', offered_until_ms = $1 WHERE claim = $2 AND state = 'claimed'";
        let done = sqlx::query(query).bind(until.as_millisecond()).bind(claim).execute(&mut **tx).await?;
        Ok(done.rows_affected() == 1)
    }

    /// Its owner asks to reveal it. False if it is not offered, or not any more.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn press_stock(&self, tx: &mut Tx<'_>, key_id: &str, at: Moment) -> Result<bool, Error> {
        let done = sqlx::query(
            "UPDATE stock_key SET pressed_at_ms = COALESCE(pressed_at_ms, $1)
              WHERE key_id = $2 AND state = 'offered' AND (offered_until_ms > $1 OR pressed_at_ms IS NOT NULL)",
        )
        .bind(at.as_millisecond())
        .bind(key_id)
        .execute(&mut **tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// It works now, and its owner may look at it until `until`.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn reveal_stock(&self, tx: &mut Tx<'_>, key_id: &str, until: Moment) -> Result<bool, Error> {
        let query =
            "UPDATE stock_key SET state = 'revealed', look_until_ms = $1 WHERE key_id = $2 AND state = 'offered'";
        let done = sqlx::query(query).bind(until.as_millisecond()).bind(key_id).execute(&mut **tx).await?;
        Ok(done.rows_affected() == 1)
    }

    /// Its owner sees it: from the first time on they may look until `until`, and no longer. Answers until when they may.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn see_stock(&self, tx: &mut Tx<'_>, key_id: &str, at: Moment, until: Moment) -> Result<Moment, Error> {
        let row = sqlx::query(
            "UPDATE stock_key SET look_until_ms = CASE WHEN seen_at_ms IS NULL THEN $1 ELSE look_until_ms END,
                    seen_at_ms = COALESCE(seen_at_ms, $2)
              WHERE key_id = $3 AND state = 'revealed' RETURNING look_until_ms",
        )
        .bind(until.as_millisecond())
        .bind(at.as_millisecond())
        .bind(key_id)
        .fetch_optional(&mut **tx)
        .await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?.map_or(at, moment))
    }

    /// Its secret is no longer kept here. False if it was not any more.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn erase_stock(&self, tx: &mut Tx<'_>, key_id: &str) -> Result<bool, Error> {
        let done = sqlx::query(
            "UPDATE stock_key SET state = 'erased', sealed = NULL
              WHERE key_id = $1 AND state IN ('claimed', 'offered', 'revealed') AND sealed IS NOT NULL",
        )
        .bind(key_id)
        .execute(&mut **tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// A key that is not as it should be in the organization is never issued, and its secret is not kept. The trail says so.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn refuse_stock(&self, tx: &mut Tx<'_>, key_id: &str, trouble: &str, at: Moment) -> Result<bool, Error> {
        let done = sqlx::query(
            "UPDATE stock_key SET state = 'refused', sealed = NULL, trouble = $1
              WHERE key_id = $2 AND state IN ('parking', 'free', 'claimed')",
        )
        .bind(trouble)
        .bind(key_id)
        .execute(&mut **tx)
        .await?;
        if done.rows_affected() == 1 {
            let detail = serde_json::json!({ "trouble": trouble });
            let act = Act { at, actor: "steward", action: "stock.refused", about: key_id, detail };
            self.append(tx, &act).await?;
        }
        Ok(done.rows_affected() == 1)
    }

    /// The free keys that were last seen free before this moment, or never.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn stock_to_check(&self, seen_before: Moment) -> Result<Vec<StockRow>, Error> {
        let query = sqlx::query(concat!(
            "SELECT ",
            stock_columns!(),
            " FROM stock_key WHERE state = 'free' AND (checked_at_ms IS NULL OR checked_at_ms < $1) ORDER BY loaded_at_ms, key_id"
        ));
        let rows = query.bind(seen_before.as_millisecond()).fetch_all(&self.reader).await?;
        rows.iter().map(|row| self.stock_row(row)).collect()
    }

    /// The workspaces that ever had a stock, and how many keys can be issued in each.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn stock_left(&self) -> Result<Vec<(String, i64)>, Error> {
        let query = "SELECT workspace_id, COUNT(CASE WHEN state = 'free' THEN 1 END) FROM stock_key
                      GROUP BY workspace_id ORDER BY workspace_id";
        let rows = sqlx::query(query).fetch_all(&self.reader).await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }

    /// A free key was seen free in the organization.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn stock_seen(&self, key_ids: &[String], at: Moment) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        for key_id in key_ids {
            sqlx::query("UPDATE stock_key SET checked_at_ms = $1 WHERE key_id = $2 AND state = 'free'")
                .bind(at.as_millisecond())
                .bind(key_id)
                .execute(&mut *tx)
                .await?;
        }
        self.commit(tx).await
    }

    /// The keys whose secret is to be erased by now: looked at long enough, or taken by a request that came to another end.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn stock_to_erase(&self, now: Moment) -> Result<Vec<StockRow>, Error> {
        let query = sqlx::query(concat!(
            "SELECT ",
            stock_columns!(),
            " FROM stock_key WHERE sealed IS NOT NULL AND ((state = 'revealed' AND look_until_ms <= $1)
                OR (state IN ('claimed', 'offered') AND EXISTS (SELECT 1 FROM change c WHERE c.number = stock_key.change_number
                    AND c.state NOT IN ('asked', 'planned', 'waiting', 'approved', 'applying', 'applied'))))
              ORDER BY key_id"
        ));
        let rows = query.bind(now.as_millisecond()).fetch_all(&self.reader).await?;
        rows.iter().map(|row| self.stock_row(row)).collect()
    }

    /// The keys that wait for somebody to reveal them, or that they may still look at.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn offered_to(&self, owner: &PersonId) -> Result<Vec<StockRow>, Error> {
        let query = sqlx::query(concat!(
            "SELECT ",
            stock_columns!(),
            " FROM stock_key WHERE owner_id = $1 AND state IN ('offered', 'revealed') AND sealed IS NOT NULL
              ORDER BY change_number"
        ));
        let rows = query.bind(owner.as_str()).fetch_all(&self.reader).await?;
        let rows: Vec<StockRow> = rows.iter().map(|row| self.stock_row(row)).collect::<Result<_, _>>()?;
        Ok(rows.into_iter().filter(|it| it.is_genuine).collect())
    }

    /// The next moment at which a secret is to be erased.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn next_erasure(&self) -> Result<Option<Moment>, Error> {
        let query = "SELECT MIN(look_until_ms) FROM stock_key WHERE sealed IS NOT NULL AND state = 'revealed'";
        let row = sqlx::query(query).fetch_one(&self.reader).await?;
        Ok(row.try_get::<Option<i64>, _>(0)?.map(moment))
    }

    /// True for a key that lies in the stock, or that is on its way to somebody.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn is_in_stock(&self, key_id: &str) -> Result<bool, Error> {
        let query = "SELECT 1 FROM stock_key WHERE key_id = $1 AND state IN ('parking', 'free', 'claimed', 'offered')";
        Ok(sqlx::query(query).bind(key_id).fetch_optional(&self.reader).await?.is_some())
    }

    /// True if a key was ever loaded for this workspace.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn has_stock(&self, workspace_id: &str) -> Result<bool, Error> {
        let query = sqlx::query("SELECT 1 FROM stock_key WHERE workspace_id = $1 LIMIT 1").bind(workspace_id);
        Ok(query.fetch_optional(&self.reader).await?.is_some())
    }

    /// At how many keys left the admins were told of a workspace's stock; none if they were not, or it was filled since.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn low_stock_told(&self, workspace_id: &str) -> Result<Option<i64>, Error> {
        let query = sqlx::query("SELECT keys_left FROM low_stock WHERE workspace_id = $1").bind(workspace_id);
        Ok(query.fetch_optional(&self.reader).await?.map(|row| row.try_get(0)).transpose()?)
    }

    /// The admins are told that so many keys are left.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn tell_low_stock(
        &self,
        tx: &mut Tx<'_>,
        workspace_id: &str,
        left: i64,
        at: Moment,
    ) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO low_stock (workspace_id, keys_left, told_at_ms) VALUES ($1, $2, $3)
             ON CONFLICT (workspace_id) DO UPDATE SET keys_left = $2, told_at_ms = $3",
        )
        .bind(workspace_id)
        .bind(left)
        .bind(at.as_millisecond())
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// A stock was filled: when it is low again, that is told again.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn forget_low_stock(&self, workspace_id: &str) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM low_stock WHERE workspace_id = $1").bind(workspace_id).execute(&mut *tx).await?;
        self.commit(tx).await
    }
}
