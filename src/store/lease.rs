//! Who does what at the moment, among replicas.

use sqlx::Row;

use super::{Error, Store};
use crate::chat::LeaseAnswer;
use crate::clock::Moment;

impl Store {
    /// Takes or renews the lease `name` until `until`. The fence grows with each change of holder.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn lease(&self, name: &str, holder: &str, now: Moment, until: Moment) -> Result<LeaseAnswer, Error> {
        let mut tx = self.begin().await?;
        let row = sqlx::query(
            "INSERT INTO lease (name, holder, fence, until_ms) VALUES ($1, $2, 1, $3)
             ON CONFLICT (name) DO UPDATE SET
                fence = CASE WHEN lease.holder = $2 THEN lease.fence ELSE lease.fence + 1 END,
                holder = $2, until_ms = $3
             WHERE lease.holder = $2 OR lease.until_ms < $4
             RETURNING fence",
        )
        .bind(name)
        .bind(holder)
        .bind(until.as_millisecond())
        .bind(now.as_millisecond())
        .fetch_optional(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(match row {
            Some(row) => LeaseAnswer::Held { fence: row.try_get(0)? },
            None => LeaseAnswer::Taken,
        })
    }

    /// Hands a lease back, if it is still ours.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn release(&self, name: &str, holder: &str) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE lease SET until_ms = 0 WHERE name = $1 AND holder = $2")
            .bind(name)
            .bind(holder)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }
}
