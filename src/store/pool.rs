//! Connections and transactions.

use std::sync::Arc;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::Migrator;
use sqlx::{Any, AnyConnection, AnyPool, Connection, Executor, Row};
use tokio::time::timeout;

use super::Error;
use super::migration::MIGRATOR;
use crate::seal::{Mac, MasterKey, Seal, Signer};

/// The transaction that a change, its audit entry and its messages share.
pub type Tx<'a> = sqlx::Transaction<'a, Any>;

/// Most rows of a SQLite pool read at once; one connection writes.
const READERS: u32 = 4;
/// Connections of each of the two pools to PostgreSQL.
const CONNECTIONS: u32 = 10;
/// How long a statement waits for a connection or a lock.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a server may take to let us in for the first time.
const FIRST_PATIENCE: Duration = Duration::from_secs(3);
/// The first SQLite without the write-ahead-log bug that could corrupt a file (F11 of the reliability notes).
const LEAST_SQLITE: (u32, u32, u32) = (3, 51, 3);

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// One file, one process that runs.
    Sqlite,
    /// A server, several replicas.
    Postgres,
}

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pub(super) writer: AnyPool,
    pub(super) reader: AnyPool,
    pub(super) engine: Engine,
    pub(super) keys: Arc<Keys>,
}

/// The keys that bind rows; none of them is in the database.
pub(super) struct Keys {
    pub(super) audit: Mac,
    pub(super) rows: Mac,
    pub(super) codes: Mac,
    pub(super) heads: Signer,
    pub(super) duplicates: Mac,
    pub(super) seal: Seal,
}

impl Store {
    /// Opens the database at `url` (`sqlite://file` or `postgres://…`). It is not migrated yet.
    ///
    /// # Errors
    ///
    /// [`Error::Address`] for another kind of database, [`Error::OldSqlite`], or why it lets nobody in: a server says so, or
    /// counts as [`Error::Unreachable`], within about three seconds.
    pub async fn open(url: &str, master: &MasterKey) -> Result<Self, Error> {
        sqlx::any::install_default_drivers();
        let keys = Arc::new(Keys {
            audit: Mac::audit(master),
            rows: Mac::rows(master),
            codes: Mac::codes(master),
            heads: Signer::audit_head(master),
            duplicates: Mac::duplicates(master),
            seal: Seal::new(master, &[]),
        });
        if url.starts_with("sqlite:") {
            let separator = if url.contains('?') { '&' } else { '?' };
            let options: AnyConnectOptions = format!("{url}{separator}mode=rwc").parse().map_err(|_| Error::Address)?;
            let writer = sqlite_pool(1).connect_with(options.clone()).await?;
            floor(&writer).await?;
            let reader = sqlite_pool(READERS).connect_with(options).await?;
            Ok(Self { writer, reader, engine: Engine::Sqlite, keys })
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let options: AnyConnectOptions = url.parse().map_err(|_| Error::Address)?;
            knock(&options).await?;
            // Two pools: whoever holds a transaction and looks something up meanwhile must not wait for itself.
            let writer = postgres_pool().connect_lazy_with(options.clone());
            let reader = postgres_pool().connect_lazy_with(options);
            Ok(Self { writer, reader, engine: Engine::Postgres, keys })
        } else {
            Err(Error::Address)
        }
    }

    /// Brings the schema up to date. PostgreSQL's migrators wait for each other; on SQLite the caller holds [`super::Lock`].
    ///
    /// # Errors
    ///
    /// [`Error::Schema`] if the database was made by a newer Steward.
    pub async fn migrate(&self) -> Result<(), Error> {
        Self::migrations().run(&self.writer).await?;
        Ok(())
    }

    /// The migrations, in their order. Tests run them one by one, on databases with rows in them.
    #[must_use]
    pub fn migrations() -> &'static Migrator {
        &MIGRATOR
    }

    /// Begins a transaction that writes. SQLite takes the write lock at once, so that nobody fails half-way.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn begin(&self) -> Result<Tx<'static>, Error> {
        Ok(match self.engine {
            Engine::Sqlite => self.writer.begin_with("BEGIN IMMEDIATE").await?,
            Engine::Postgres => self.writer.begin().await?,
        })
    }

    /// Commits a transaction of [`Store::begin`].
    ///
    /// # Errors
    ///
    /// [`Error`] if it could not be committed; then nothing of it is kept.
    pub async fn commit(&self, tx: Tx<'_>) -> Result<(), Error> {
        Ok(tx.commit().await?)
    }

    /// Which database it is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Asks the database for an answer, and whether it can write.
    ///
    /// # Errors
    ///
    /// [`Error`] if it cannot.
    pub async fn check(&self) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE counter SET value = value WHERE name = 'change'").execute(&mut *tx).await?;
        tx.rollback().await?;
        Ok(())
    }

    /// Closes all connections; SQLite folds its write-ahead log in.
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }

    /// The next number of a counter that has no gaps and never gives one twice.
    pub(super) async fn count(tx: &mut Tx<'_>, name: &str) -> Result<i64, Error> {
        let row = sqlx::query("UPDATE counter SET value = value + 1 WHERE name = $1 RETURNING value")
            .bind(name)
            .fetch_one(&mut **tx)
            .await?;
        Ok(row.try_get(0)?)
    }

    /// Gives back the number that [`Store::count`] gave in this transaction. Nobody can have taken the next one: the counter's
    /// row is ours until the transaction ends.
    pub(super) async fn uncount(tx: &mut Tx<'_>, name: &str) -> Result<(), Error> {
        sqlx::query("UPDATE counter SET value = value - 1 WHERE name = $1").bind(name).execute(&mut **tx).await?;
        Ok(())
    }
}

/// Makes one connection outside of any pool. A pool would try again for as long as it has patience, and then know no more
/// than that it ran out.
async fn knock(options: &AnyConnectOptions) -> Result<(), Error> {
    let connection = AnyConnection::connect_with(options);
    let connection = timeout(FIRST_PATIENCE, connection).await.map_err(|_| Error::Unreachable)??;
    // It let us in: whether it hears us leave does not matter.
    let _unheard = timeout(FIRST_PATIENCE, connection.close()).await;
    Ok(())
}

fn postgres_pool() -> AnyPoolOptions {
    AnyPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(PATIENCE).after_connect(|it, _| {
        Box::pin(async move {
            it.execute("SET statement_timeout = '10s'").await?;
            it.execute("SET lock_timeout = '10s'").await?;
            it.execute("SET synchronous_commit = on").await?;
            Ok(())
        })
    })
}

fn sqlite_pool(connections: u32) -> AnyPoolOptions {
    AnyPoolOptions::new().max_connections(connections).acquire_timeout(PATIENCE).after_connect(|it, _| {
        Box::pin(async move {
            it.execute("PRAGMA busy_timeout = 10000").await?;
            it.execute("PRAGMA journal_mode = WAL").await?;
            it.execute("PRAGMA synchronous = FULL").await?;
            it.execute("PRAGMA foreign_keys = ON").await?;
            it.execute("PRAGMA secure_delete = ON").await?;
            Ok(())
        })
    })
}

async fn floor(pool: &AnyPool) -> Result<(), Error> {
    let version: String = sqlx::query("SELECT sqlite_version()").fetch_one(pool).await?.try_get(0)?;
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    if (next(), next(), next()) < LEAST_SQLITE { Err(Error::OldSqlite) } else { Ok(()) }
}
