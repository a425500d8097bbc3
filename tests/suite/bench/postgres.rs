//! A new, empty database for each test, on both engines, gone when the test is.
//!
//! PostgreSQL is the server that `STEWARD_TEST_POSTGRES` names, an address that may create databases; `tests/run`
//! starts one. SQLite is a file in a folder of its own.

use std::{env, thread};

use sqlx::{Connection, postgres::PgConnection};
use steward::random::Random;
use url::Url;

use super::folder::Folder;
use super::words::is_in_part;

/// A kind of database that Steward runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

/// The engines of this run: both, unless it was told to do without PostgreSQL.
pub(crate) fn engines() -> Vec<Engine> {
    if is_in_part("postgres") {
        return vec![Engine::Sqlite];
    }
    server();
    vec![Engine::Sqlite, Engine::Postgres]
}

/// The address of the server, with the rights to create databases.
fn server() -> Url {
    let address = env::var("STEWARD_TEST_POSTGRES").unwrap_or_else(|_| {
        panic!(
            "these tests need PostgreSQL: run them by `tests/run`, which starts one, or set STEWARD_TEST_POSTGRES to \
             the address of a server where databases may be created, or STEWARD_TEST_WITHOUT=postgres to do without"
        )
    });
    address.parse().expect("STEWARD_TEST_POSTGRES is an address such as postgres://postgres:secret@127.0.0.1:5432")
}

/// A database of one test.
pub(crate) struct Database {
    /// What `DATABASE_URL` would be.
    pub(crate) url: String,
    keeper: Keeper,
}

/// What goes away with the database.
enum Keeper {
    File { _folder: Folder },
    Server { name: String },
}

impl Database {
    /// A new one without any table.
    pub(crate) async fn fresh(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => {
                let folder = Folder::new();
                let url = format!("sqlite://{}", folder.path().join("steward.db").display());
                Self { url, keeper: Keeper::File { _folder: folder } }
            }
            Engine::Postgres => {
                let name = Random::system().id("steward_test");
                // The pristine template: the other one refuses while a neighbour is being made from it.
                run(format!("create database {name} template template0")).await.expect("a database can be created");
                let mut url = server();
                url.set_path(&name);
                Self { url: url.into(), keeper: Keeper::Server { name } }
            }
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Keeper::Server { name } = &self.keeper {
            let statement = format!("drop database if exists {name} with (force)");
            // A test's own runtime cannot be waited for while it is being left: another thread has another one.
            let dropped = thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                runtime.expect("a runtime can be made").block_on(run(statement))
            });
            let is_dropped = dropped.join().is_ok_and(|it| it.is_ok());
            assert!(is_dropped || thread::panicking(), "the test's database could not be dropped");
        }
    }
}

/// Runs one statement of the server's own, which takes no placeholders.
#[expect(clippy::disallowed_methods, reason = "databases cannot be named by a placeholder; the name is made above")]
async fn run(statement: String) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect(server().as_str()).await?;
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut connection).await?;
    connection.close().await
}

#[cfg(test)]
mod tests {
    use sqlx::{AnyConnection, Connection};

    use crate::bench::{Database, Engine, engines};

    async fn tables(url: &str) -> Result<i64, sqlx::Error> {
        sqlx::any::install_default_drivers();
        let mut connection = AnyConnection::connect(url).await?;
        sqlx::raw_sql("create table seen (id text)").execute(&mut connection).await?;
        sqlx::query_scalar("select count(*) from seen").fetch_one(&mut connection).await
    }

    #[tokio::test]
    async fn each_test_has_a_database_of_its_own() {
        for engine in engines() {
            let create = if engine == Engine::Sqlite { "?mode=rwc" } else { "" };
            let (one, two) = (Database::fresh(engine).await, Database::fresh(engine).await);
            let [first, second] = [&one, &two].map(|it| format!("{}{create}", it.url));
            assert_eq!(tables(&first).await.unwrap(), 0, "{engine:?}");
            assert_eq!(tables(&second).await.unwrap(), 0, "{engine:?}: a neighbour's table was found");
            drop(one);
            assert!(tables(&first).await.is_err(), "{engine:?}: it outlived its test");
        }
    }
}
