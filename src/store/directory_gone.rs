//! What a re-read no longer found.

use super::{Error, Store};
use crate::clock::Moment;

impl Store {
    /// Marks a member as gone: a re-read did not find them.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn member_gone(&self, id: &str, at: Moment) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE member SET gone_at_ms = $1 WHERE id = $2 AND gone_at_ms IS NULL")
            .bind(at.as_millisecond())
            .bind(id)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Marks a workspace as gone: a re-read did not find it.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn workspace_gone(&self, id: &str, at: Moment) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE workspace SET gone_at_ms = $1 WHERE id = $2 AND gone_at_ms IS NULL")
            .bind(at.as_millisecond())
            .bind(id)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Marks an invitation as gone: a re-read did not find it.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn invite_gone(&self, id: &str, at: Moment) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE invite SET gone_at_ms = $1 WHERE id = $2 AND gone_at_ms IS NULL")
            .bind(at.as_millisecond())
            .bind(id)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }
}
