//! What platforms remember across restarts and replicas. A failing store answers the careful way.

use futures_util::future::BoxFuture;
use sqlx::Row;

use super::{Error, Store, Tx};
use crate::chat::{LeaseAnswer, Memory};
use crate::clock::{Clock, Moment};

/// [`Memory`] in the database.
pub struct StoreMemory {
    store: Store,
    clock: Clock,
}

impl StoreMemory {
    /// A memory in `store`.
    #[must_use]
    pub fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock }
    }

    async fn put(&self, key: &str, value: &str, replace: bool) -> Result<bool, Error> {
        let mut tx = self.store.begin().await?;
        let query = if replace {
            sqlx::query(
                "INSERT INTO memory (key, value, at_ms) VALUES ($1, $2, $3) ON CONFLICT (key) DO UPDATE SET value = $2, at_ms = $3",
            )
        } else {
            sqlx::query("INSERT INTO memory (key, value, at_ms) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
        };
        let done = query.bind(key).bind(value).bind(self.clock.now().as_millisecond()).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    async fn get(&self, key: &str) -> Result<Option<String>, Error> {
        let row =
            sqlx::query("SELECT value FROM memory WHERE key = $1").bind(key).fetch_optional(&self.store.reader).await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }
}

impl Store {
    /// Keeps `value` under `key` as [`Memory::remember`] does, in the caller's transaction.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn remember_in(&self, tx: &mut Tx<'_>, key: &str, value: &str, at: Moment) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO memory (key, value, at_ms) VALUES ($1, $2, $3) ON CONFLICT (key) DO UPDATE SET value = $2, at_ms = $3",
        )
        .bind(format!("kept {key}"))
        .bind(value)
        .bind(at.as_millisecond())
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// True if [`Store::first_time`] was asked about `key`.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn was_first(&self, key: &str) -> Result<bool, Error> {
        let query = sqlx::query("SELECT 1 FROM memory WHERE key = $1").bind(format!("seen {key}"));
        Ok(query.fetch_optional(&self.reader).await?.is_some())
    }

    /// True the first time that it is asked about `key`, in the caller's transaction: for what is to be told once.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn first_time(&self, tx: &mut Tx<'_>, key: &str, at: Moment) -> Result<bool, Error> {
        let done = sqlx::query("INSERT INTO memory (key, value, at_ms) VALUES ($1, '', $2) ON CONFLICT DO NOTHING")
            .bind(format!("seen {key}"))
            .bind(at.as_millisecond())
            .execute(&mut **tx)
            .await?;
        Ok(done.rows_affected() == 1)
    }
}

impl Memory for StoreMemory {
    fn first_seen<'a>(&'a self, key: &'a str) -> BoxFuture<'a, bool> {
        Box::pin(async move { self.put(&format!("seen {key}"), "", false).await.unwrap_or(false) })
    }

    fn lease<'a>(&'a self, name: &'a str, holder: &'a str, until: Moment) -> BoxFuture<'a, LeaseAnswer> {
        Box::pin(
            async move { self.store.lease(name, holder, self.clock.now(), until).await.unwrap_or(LeaseAnswer::Taken) },
        )
    }

    fn remember<'a>(&'a self, key: &'a str, value: &'a str) -> BoxFuture<'a, bool> {
        Box::pin(async move { self.put(&format!("kept {key}"), value, true).await.is_ok() })
    }

    fn recall<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Option<String>> {
        Box::pin(async move { self.get(&format!("kept {key}")).await.ok().flatten() })
    }
}
