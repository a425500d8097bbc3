//! `steward doctor`: good houses and bad ones, each mistake in one line that says what to do.

use serde_json::Value;
use steward::clock::Clock;
use steward::job::{recall_organization, remember_organization};
use steward::sandbox::Fault;
use steward::seal::MasterKey;
use steward::store::{Store, StoreMemory};

use super::shell::{MASTER_CANARY, Shell, nowhere, organization};

async fn opened(shell: &Shell) -> Store {
    Store::open(&shell.database(), &MasterKey::parse(&MASTER_CANARY.into()).unwrap()).await.unwrap()
}

/// The findings of `doctor --json` as `level check: found`, and how it ended.
async fn findings(shell: &Shell) -> (i32, Vec<String>) {
    let said = shell.run(&["doctor", "--json"], "").await;
    let answer: Value = serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{}", said.all()));
    assert_eq!(answer["ok"], said.code == 0);
    let line = |it: &Value| {
        let text = |name: &str| it[name].as_str().unwrap_or_default().to_owned();
        assert_eq!(it["level"] == "ok", it["todo"].is_null(), "what is not well says what to do: {it}");
        format!("{} {}: {}", text("level"), text("check"), text("found"))
    };
    (said.code, answer["findings"].as_array().unwrap().iter().map(line).collect())
}

#[track_caller]
fn holds(found: &[String], line: &str) {
    assert!(found.iter().any(|it| it.contains(line)), "{line}: {found:#?}");
}

#[tokio::test]
async fn nothing_is_set_up() {
    let shell = Shell::new();
    let (code, found) = findings(&shell).await;
    assert_eq!(code, 1);
    for line in [
        "ok configuration: there is no configuration file",
        "failure master key: STEWARD_MASTER_KEY is missing",
        "failure admin key: ANTHROPIC_ADMIN_KEY is missing",
        "warning secrets: STEWARD_SECRETS_DIR is not set",
        "warning platforms: no platform is configured: `steward run` would have nobody to talk to",
    ] {
        holds(&found, line);
    }
    assert!(shell.is_empty(), "who only looks makes nothing: {:?}", shell.names());
}

#[tokio::test]
async fn every_mistake_of_the_configuration_is_a_line() {
    let shell = Shell::new().with("STEWARD_LOG_FORMAT", "xml").with_master_key();
    shell.write("steward.toml", "comand = 1\nexpire_after = \"soon\"\n");
    let (code, found) = findings(&shell).await;
    assert_eq!((code, found.len()), (1, 3), "{found:#?}");
    assert!(found.iter().all(|it| it.starts_with("failure configuration: ")), "{found:#?}");
}

#[tokio::test]
async fn what_this_version_cannot_keep_is_a_mistake() {
    let shell = Shell::new().with_master_key();
    shell.write(
        "steward.toml",
        "[[policy]]\nchange = \"invite\"\nabove_usd = 200\ndecide = { approvals = 2, by = [\"admin\"] }\n",
    );
    let (code, found) = findings(&shell).await;
    assert_eq!(code, 1);
    holds(&found, "failure configuration: [[policy]] number 1");
}

#[tokio::test]
async fn a_database_on_its_way() {
    let shell = Shell::new().with_master_key();
    let (_, found) = findings(&shell).await;
    holds(&found, "warning database: there is none yet");
    let none = shell.run(&["verify"], "").await;
    assert!(none.code == 1 && none.err.contains("There is no database yet") && shell.is_empty(), "{}", none.all());

    let store = opened(&shell).await;
    store.close().await;
    let (code, found) = findings(&shell).await;
    assert_eq!(code, 1);
    holds(&found, "failure database: SQLite 3.");
    let empty = shell.run(&["audit", "verify"], "").await;
    assert!(empty.code == 1 && empty.err.contains("`steward migrate` makes its tables"), "{}", empty.all());

    let migrate = shell.run(&["migrate"], "").await;
    assert_eq!(migrate.code, 0, "{}", migrate.all());
    let applied = migrate.out.lines().filter(|it| it.starts_with("applied ")).count();
    assert_eq!(applied, Store::migrations().iter().count(), "{}", migrate.out);
    let newest = Store::migrations().iter().last().unwrap().version;
    assert!(migrate.out.ends_with(&format!("the schema is at version {newest}\n")), "{}", migrate.out);
    let (_, found) = findings(&shell).await;
    for line in
        [&format!("can be written, schema {newest}"), "ok audit trail: verifies, 0 entries", "ok outbox", "ok calls"]
    {
        holds(&found, line);
    }
}

#[tokio::test]
async fn a_server_that_is_down() {
    let (_organization, url) = organization().await;
    let shell = Shell::new()
        .with_master_key()
        .with("ANTHROPIC_BASE_URL", &url)
        .with("DATABASE_URL", "postgres://steward:CANARY@127.0.0.1:1/steward");
    let begun = std::time::Instant::now();
    let (code, found) = findings(&shell).await;
    assert!(begun.elapsed() < std::time::Duration::from_secs(9), "{:?}", begun.elapsed());
    assert_eq!(code, 1);
    assert!(found.contains(&"failure database: The database cannot be reached".to_owned()), "{found:#?}");
    assert!(!found.iter().any(|it| it.contains("CANARY")), "{found:#?}");
}

#[tokio::test]
async fn nobody_migrates_below_a_running_steward() {
    let shell = Shell::new().with_master_key();
    let _running = steward::store::Lock::take(&shell.database()).unwrap();
    let said = shell.run(&["migrate"], "").await;
    assert_eq!(said.code, 1);
    assert!(said.err.contains("Another Steward runs on this database. Stop the other one first."), "{}", said.err);
}

#[tokio::test]
async fn a_newer_steward_was_here() {
    let shell = Shell::new().with_master_key();
    assert_eq!(shell.run(&["migrate"], "").await.code, 0);
    let pool = sqlx::SqlitePool::connect(&shell.database()).await.unwrap();
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (29990101000000, 'x', 1, x'00', 0)",
    )
    .execute(&pool)
    .await
    .unwrap();
    pool.close().await;
    let (code, found) = findings(&shell).await;
    assert_eq!(code, 1);
    holds(&found, "failure database: SQLite");
    assert_eq!(shell.run(&["migrate"], "").await.code, 1);
    let said = shell.run(&["verify"], "").await;
    assert!(said.code == 1 && said.err.contains("made by a newer Steward"), "{}", said.all());
}

#[tokio::test]
async fn whose_key_it_is() {
    let (organization, url) = organization().await;
    let key = organization.admin_key();
    let shell = Shell::beside(&organization, &url).await;
    let (code, found) = findings(&shell).await;
    assert_eq!(code, 0, "{found:#?}");
    holds(&found, "ok admin key: accepted, it is of \"Meridian Labs\"");
    holds(&found, "this database was not used with any yet");
    holds(&found, "warning secrets: ANTHROPIC_ADMIN_KEY comes from a variable");
    holds(&found, "ok clock: within 30 seconds");

    let store = opened(&shell).await;
    let memory = StoreMemory::new(store.clone(), Clock::system());
    assert_eq!(recall_organization(&memory).await, None);
    assert_eq!(remember_organization(&memory, "another").await.as_deref(), Some("another"));
    assert_eq!(
        remember_organization(&memory, &organization.id()).await.as_deref(),
        Some("another"),
        "the first one holds"
    );
    store.close().await;
    let (code, found) = findings(&shell).await;
    assert_eq!(code, 1);
    let told = format!(
        "failure organization: the admin key is of organization {}, but this database belongs to another",
        organization.id()
    );
    holds(&found, &told);

    let wrong = shell.with("ANTHROPIC_ADMIN_KEY", &format!("{}x", &key[..key.len() - 1]));
    let (code, found) = findings(&wrong).await;
    assert_eq!(code, 1);
    holds(&found, "failure admin key: The Admin API does not accept the admin key.");
    let (code, found) = findings(&wrong.with("ANTHROPIC_BASE_URL", &nowhere())).await;
    assert_eq!(code, 1);
    holds(&found, "failure admin key: The Admin API cannot be reached.");
}

/// A Steward that runs beside the doctor may have used up the organization's minute: nothing is wrong then.
#[tokio::test]
async fn an_organization_that_asks_for_a_pause() {
    let (organization, url) = organization().await;
    let shell = Shell::beside(&organization, &url).await;
    organization.misbehave("", Fault::TooMany, 100);
    let (code, found) = findings(&shell).await;
    assert_eq!(code, 0, "{found:#?}");
    holds(&found, "warning admin key: The Admin API answers, but asks for a pause");
}

#[tokio::test]
async fn who_may_open_what() {
    use std::fs::{Permissions, create_dir, set_permissions};
    use std::os::unix::fs::PermissionsExt;
    let shell = Shell::new().with_master_key();
    create_dir(shell.path("secrets")).unwrap();
    let folder = shell.path("secrets");
    let shell = shell.with("STEWARD_SECRETS_DIR", folder.to_str().unwrap());
    shell.write("secrets/steward_master_key", MASTER_CANARY);
    let set = |path: &str, mode: u32| set_permissions(shell.path(path), Permissions::from_mode(mode)).unwrap();
    set("secrets", 0o777);
    set("secrets/steward_master_key", 0o640);
    assert_eq!(shell.run(&["migrate"], "").await.code, 0);
    set("steward.db", 0o644);
    let (_, found) = findings(&shell).await;
    holds(&found, "failure secrets: every user of this machine may put files into");
    holds(&found, "steward_master_key may open it");
    holds(&found, "warning files: every user of this machine may open");
    set("secrets", 0o750);
    let (_, found) = findings(&shell).await;
    holds(&found, "warning secrets: others may enter");
    set("secrets", 0o700);
    set("secrets/steward_master_key", 0o600);
    set("steward.db", 0o600);
    let (_, found) = findings(&shell).await;
    assert!(found.iter().any(|it| it.starts_with("ok secrets: ")), "{found:#?}");
    assert!(!found.iter().any(|it| it.contains("may open")), "{found:#?}");
}

#[tokio::test]
async fn addresses_that_are_taken() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = listener.local_addr().unwrap().to_string();
    let shell = Shell::new().with("STEWARD_LISTEN", &taken).with("STEWARD_OPS_LISTEN", "192.0.2.1:9");
    let (_, found) = findings(&shell).await;
    holds(&found, &format!("warning listeners: somebody listens on {taken} already"));
    holds(&found, "failure listeners: nobody may listen on 192.0.2.1:9 here");
}
