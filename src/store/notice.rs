//! Where the cards are of what is no request: a difference that was found, somebody who has left.

use sqlx::Row;

use super::{Error, Store, Tx};
use crate::chat::{Receipt, Target};
use crate::clock::Moment;

impl Store {
    /// Keeps where a card about `about` went, so that it can be changed.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn keep_notice_receipt(
        &self,
        tx: &mut Tx<'_>,
        (about, to): (&str, &Target),
        receipt: &Receipt,
        at: Moment,
    ) -> Result<(), Error> {
        let json = |it: Result<String, serde_json::Error>| it.map_err(|_| Error::Corrupt("notice_receipt"));
        sqlx::query(
            "INSERT INTO notice_receipt (about, target, receipt, sent_at_ms) VALUES ($1, $2, $3, $4)
             ON CONFLICT (about, target) DO UPDATE SET receipt = $3, sent_at_ms = $4",
        )
        .bind(about)
        .bind(json(serde_json::to_string(to))?)
        .bind(json(serde_json::to_string(receipt))?)
        .bind(at.as_millisecond())
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// Where the cards about `about` are.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn notice_receipts(&self, about: &str) -> Result<Vec<Receipt>, Error> {
        let rows = sqlx::query("SELECT receipt FROM notice_receipt WHERE about = $1 ORDER BY sent_at_ms, target")
            .bind(about)
            .fetch_all(&self.reader)
            .await?;
        let read = |row: &sqlx::any::AnyRow| {
            serde_json::from_str(&row.try_get::<String, _>(0)?).map_err(|_| Error::Corrupt("notice_receipt"))
        };
        rows.iter().map(read).collect()
    }
}
