//! What platforms remember across restarts and replicas. A failing store answers the careful way.

use futures_util::future::BoxFuture;
use sqlx::Row;

use super::{Error, Store};
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
