//! A new database for each test, on both engines, gone when the test is: empty, or with the schema of this version.
//!
//! PostgreSQL is the server that `STEWARD_TEST_POSTGRES` names, an address that may create databases; `tests/run`
//! starts one. SQLite is a file in a folder of its own.
//!
//! The schema is made once and copied then: making it takes longer than many a test. On a server, what it is copied from
//! stays there under the name that the migrations give it, for the next run; that of other migrations is nobody's to remove.

use std::{env, fs, thread};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use sqlx::{Connection, postgres::PgConnection};
use steward::random::Random;
use steward::seal::MasterKey;
use steward::store::Store;
use tokio::sync::OnceCell;
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
            // The pristine template: the other one refuses while a neighbour is being made from it.
            Engine::Postgres => Self::copied("template0").await,
        }
    }

    /// A new one with all tables, and nothing in them but what the migrations put there.
    pub(crate) async fn migrated(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => {
                static FILE: OnceCell<Vec<u8>> = OnceCell::const_new();
                let made = async || {
                    let whole = Self::fresh(Engine::Sqlite).await;
                    migrate(&whole.url).await;
                    fs::read(whole.url.trim_start_matches("sqlite://")).expect("the migrated file can be read")
                };
                let database = Self::fresh(Engine::Sqlite).await;
                let file = database.url.trim_start_matches("sqlite://");
                fs::write(file, FILE.get_or_init(made).await).expect("a file can be written");
                database
            }
            Engine::Postgres => {
                static NAME: OnceCell<String> = OnceCell::const_new();
                Self::copied(NAME.get_or_init(template).await).await
            }
        }
    }

    /// A database of the server that begins as another one is.
    async fn copied(template: &str) -> Self {
        let name = Random::system().id("steward_test");
        run(format!("create database {name} template {template}")).await.expect("a database can be created");
        let url = address(&name);
        Self { url, keeper: Keeper::Server { name } }
    }
}

/// The address of a database of the server.
fn address(name: &str) -> String {
    let mut url = server();
    url.set_path(name);
    url.into()
}

/// Gives a database the schema, and leaves it: whoever copies it must be the only one there.
async fn migrate(url: &str) {
    let store = Store::open(url, &MasterKey::generate(&Random::seeded(1))).await.expect("a new database can be opened");
    store.migrate().await.expect("a new database can be migrated");
    store.close().await;
}

/// The name of the server's database to copy, which is made if no run of these migrations has made it yet.
async fn template() -> String {
    let mut all = Sha256::new();
    for migration in Store::migrations().iter() {
        all.update(migration.version.to_le_bytes());
        all.update(&migration.checksum);
    }
    let digest = HEXLOWER.encode(&all.finalize()[..6]);
    let name = format!("steward_template_{digest}");
    if is_there(&name).await {
        return name;
    }
    // Under another name until it is whole: another run may look at the same time.
    let Database { url, keeper: Keeper::Server { name: made } } = &Database::copied("template0").await else {
        unreachable!("it is the server's")
    };
    migrate(url).await;
    if run(format!("alter database {made} rename to {name}")).await.is_err() {
        assert!(is_there(&name).await, "the database to copy can be named");
    }
    name
}

async fn is_there(name: &str) -> bool {
    let mut connection = PgConnection::connect(server().as_str()).await.expect("the server lets us in");
    let query = sqlx::query_scalar("select count(*) from pg_database where datname = $1");
    let count: i64 = query.bind(name).fetch_one(&mut connection).await.expect("the server knows its databases");
    connection.close().await.expect("the server hears us leave");
    count > 0
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
    use steward::random::Random;
    use steward::seal::MasterKey;
    use steward::store::Store;

    use crate::bench::{Database, Engine, engines};

    async fn tables(url: &str) -> Result<i64, sqlx::Error> {
        sqlx::any::install_default_drivers();
        let mut connection = AnyConnection::connect(url).await?;
        sqlx::raw_sql("create table seen (id text)").execute(&mut connection).await?;
        sqlx::query_scalar("select count(*) from seen").fetch_one(&mut connection).await
    }

    #[tokio::test]
    async fn a_copied_schema_is_whole_and_each_copy_its_own() {
        for engine in engines() {
            let (one, two) = (Database::migrated(engine).await, Database::migrated(engine).await);
            for database in [&one, &two] {
                let store = Store::open(&database.url, &MasterKey::generate(&Random::seeded(2))).await.unwrap();
                assert!(store.schema().await.unwrap().missing().is_empty(), "{engine:?}");
                store.close().await;
                assert_eq!(tables(&database.url).await.unwrap(), 0, "{engine:?}: a neighbour's table was found");
            }
        }
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
