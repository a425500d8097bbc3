//! What the database says of itself: its version, and which migrations it has.

use sqlx::Row;

use super::{Engine, Error, Store};

/// Which migrations a database has, and which this version knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    /// Those that were run, in order.
    pub applied: Vec<i64>,
    /// All that this version has, in order.
    pub known: Vec<i64>,
}

impl Schema {
    /// The newest that was run; none in an empty database.
    #[must_use]
    pub fn version(&self) -> Option<i64> {
        self.applied.last().copied()
    }

    /// Those that are still to be run.
    #[must_use]
    pub fn missing(&self) -> Vec<i64> {
        self.known.iter().copied().filter(|it| !self.applied.contains(it)).collect()
    }

    /// True if a newer Steward was here.
    #[must_use]
    pub fn is_newer(&self) -> bool {
        self.applied.iter().any(|it| !self.known.contains(it))
    }
}

impl Store {
    /// Reads which migrations were run.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked. An empty database is no error.
    pub async fn schema(&self) -> Result<Schema, Error> {
        let known = Self::migrations().iter().map(|it| it.version).collect();
        let query = sqlx::query("SELECT version FROM _sqlx_migrations WHERE success ORDER BY version");
        let applied = match query.fetch_all(&self.reader).await.map_err(Error::from) {
            Ok(rows) => rows.iter().map(|row| Ok(row.try_get(0)?)).collect::<Result<_, Error>>()?,
            // The table is not there: SQLite's and PostgreSQL's codes for that.
            Err(Error::Refused(code)) if code == "1" || code == "42P01" => Vec::new(),
            Err(error) => return Err(error),
        };
        Ok(Schema { applied, known })
    }

    /// The version of the database itself, such as `SQLite 3.51.3`.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn engine_version(&self) -> Result<String, Error> {
        let (name, query) = match self.engine {
            Engine::Sqlite => ("SQLite", "SELECT sqlite_version()"),
            Engine::Postgres => ("PostgreSQL", "SELECT current_setting('server_version')"),
        };
        let version: String = sqlx::query(query).fetch_one(&self.reader).await?.try_get(0)?;
        Ok(format!("{name} {version}"))
    }
}
