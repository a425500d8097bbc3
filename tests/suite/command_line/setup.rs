//! `steward init`, from answers that are piped in.

use steward::claude::Organization;
use steward::clock::{Clock, moment};
use steward::job::remember_organization;
use steward::seal::MasterKey;
use steward::store::{Act, Store, StoreMemory};

use super::shell::{MASTER_CANARY, Shell, mode, nowhere, organization};

/// The answers after the key: yes, the usual database, a new master key, a domain, an admin, a zone, no Slack.
const REST: &str = "y\n\n\nexample.com, example.org\nslack:T01/U01ADA\nEurope/Berlin\n\n";

#[tokio::test]
async fn from_nothing_to_a_house_that_the_doctor_likes() {
    let (organization, url) = organization().await;
    let key = organization.admin_key();
    let shell = Shell::new().with("ANTHROPIC_BASE_URL", &url);
    let said = shell.run(&["init"], &format!("{key}\n{REST}")).await;
    assert_eq!(said.code, 0, "{}", said.all());
    assert!(said.err.contains(&format!("the organization \"Meridian Labs\", {:?}", organization.id())), "{}", said.err);
    assert!(!said.all().contains(&key), "{}", said.all());
    assert!(said.out.contains("export STEWARD_SECRETS_DIR=") && said.out.contains("steward doctor\n"), "{}", said.out);
    assert_eq!(mode(&shell.path("secrets")), 0o700);
    for secret in ["anthropic_admin_key", "steward_master_key", "anthropic_base_url"] {
        assert_eq!(mode(&shell.path("secrets").join(secret)), 0o600, "{secret}");
    }
    assert_eq!(mode(&shell.path("steward.db")), 0o600);
    let file = shell.read("steward.toml");
    assert!(
        file.contains("verified_domains = [\"example.com\", \"example.org\"]") && !file.contains("sk-ant"),
        "{file}"
    );
    assert!(!shell.names().iter().any(|it| it.starts_with('.')), "nothing is left beside: {:?}", shell.names());

    let secrets = shell.path("secrets");
    let shell = shell.with("STEWARD_SECRETS_DIR", secrets.to_str().unwrap());
    let doctor = shell.run(&["doctor"], "").await;
    assert_eq!(doctor.code, 0, "{}", doctor.all());
    assert!(doctor.out.contains("0 to mend, 3 to know"), "platforms, directory and head channel: {}", doctor.out);
    assert_eq!(shell.run(&["verify"], "").await.code, 0);
    let migrate = shell.run(&["migrate"], "").await;
    assert!(migrate.code == 0 && migrate.out.contains("as it was"), "{}", migrate.all());

    let again = shell.run(&["init"], &format!("{key}\n{REST}")).await;
    assert_eq!(again.code, 3);
    assert!(again.err.contains("steward.toml is there already") && shell.read("steward.toml") == file, "{}", again.err);
}

#[tokio::test]
async fn defaults_alone_are_enough() {
    let (organization, url) = organization().await;
    let shell = Shell::new().with("ANTHROPIC_BASE_URL", &url).with("TZ", "Europe/Lisbon");
    let said = shell.run(&["init", "--yes"], &format!("{}\n", organization.admin_key())).await;
    assert_eq!(said.code, 0, "{}", said.all());
    assert!(said.err.contains("Nobody is an admin yet"), "{}", said.err);
    assert!(shell.read("steward.toml").contains("time_zone = \"Europe/Lisbon\""));
    let secrets = shell.path("secrets");
    let shell = shell.with("STEWARD_SECRETS_DIR", secrets.to_str().unwrap());
    let doctor = shell.run(&["doctor"], "").await;
    assert!(doctor.code == 0 && doctor.out.contains("nobody is an admin"), "{}", doctor.all());
}

#[tokio::test]
async fn an_answer_that_cannot_be_leaves_nothing_behind() {
    let (organization, url) = organization().await;
    let key = organization.admin_key();
    let wrong_key = format!("{}x", &key[..key.len() - 1]);
    for (answers, code, told) in [
        (String::new(), 2, "The answers ended"),
        ("hunter2\n".to_owned(), 2, "An admin key begins with `sk-ant-`"),
        (format!("{wrong_key}\n{REST}"), 1, "does not accept the admin key"),
        (format!("{key}\n"), 2, "The answers ended"),
        (format!("{key}\nn\n"), 3, "it is another key that is needed"),
        (format!("{key}\nperhaps\n"), 2, "answered with yes or no"),
        (format!("{key}\ny\nmysql://CANARY@host/db\n"), 1, "DATABASE_URL must begin with"),
        (format!("{key}\ny\npostgres://ada:CANARY@127.0.0.1:1/x\n"), 1, "cannot be reached"),
        (format!("{key}\ny\nsqlite://no/such/folder/CANARY.db\n"), 2, "The folder of that file is not there"),
        (format!("{key}\ny\n\nCANARY\n"), 2, "32 random bytes in base64"),
        (format!("{key}\ny\n\n\nnot a domain\n"), 2, "`verified_domains`"),
        (format!("{key}\ny\n\n\n\nada\n"), 2, "must be an account"),
        (format!("{key}\ny\n\n\n\n\nMars/Olympus\n"), 2, "must be a time zone"),
        (format!("{key}\ny\n\n\n\n"), 2, "The answers ended"),
    ] {
        let shell = Shell::new().with("ANTHROPIC_BASE_URL", &url);
        let said = shell.run(&["init"], &answers).await;
        assert_eq!(said.code, code, "{told}: {}", said.all());
        assert!(said.err.contains(told), "{told}: {}", said.all());
        for secret in [&key, &wrong_key, "CANARY", "hunter2"] {
            assert!(!said.all().contains(secret), "{told}: {}", said.all());
        }
        assert!(shell.is_empty(), "{told}: {:?}", shell.names());
    }
}

#[tokio::test]
async fn nobody_answers() {
    let shell = Shell::new().with("ANTHROPIC_BASE_URL", &nowhere());
    let said = shell.run(&["init"], "sk-ant-admin01-CANARY\n").await;
    assert_eq!(said.code, 1);
    assert!(said.err.contains("The Admin API cannot be reached. Check the network"), "{}", said.err);
    assert!(!said.all().contains("CANARY") && shell.is_empty());
    let plain = Shell::new().with("ANTHROPIC_BASE_URL", "http://api.example.com");
    let said = plain.run(&["init"], "sk-ant-admin01-CANARY\n").await;
    assert!(said.code == 1 && said.err.contains("must be https"), "the key goes nowhere in the clear: {}", said.all());
}

#[tokio::test]
async fn what_is_there_is_not_overwritten() {
    let (organization, url) = organization().await;
    let answers = format!("{}\n{REST}", organization.admin_key());
    let shell = Shell::new().with("ANTHROPIC_BASE_URL", &url);
    std::fs::create_dir(shell.path("secrets")).unwrap();
    shell.write("secrets/slack_bot_token", "xoxb-precious");
    assert_eq!(shell.run(&["init"], &answers).await.code, 3);
    assert_eq!(
        (shell.names(), shell.read("secrets/slack_bot_token").as_str()),
        (vec!["secrets".to_owned()], "xoxb-precious")
    );
    std::fs::remove_file(shell.path("secrets/slack_bot_token")).unwrap();
    assert_eq!(shell.run(&["init"], &answers).await.code, 0, "an empty folder is nothing");
}

/// A database that was used already, under the canary's master key.
async fn used_database(shell: &Shell, belongs_to: Option<&Organization>) {
    let master = MasterKey::parse(&MASTER_CANARY.into()).unwrap();
    let store = Store::open(&shell.database(), &master).await.unwrap();
    store.migrate().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let act = Act { at: moment(0), actor: "steward", action: "test", about: "test", detail: serde_json::json!({}) };
    store.append(&mut tx, &act).await.unwrap();
    store.commit(tx).await.unwrap();
    if let Some(organization) = belongs_to {
        let memory = StoreMemory::new(store.clone(), Clock::system());
        remember_organization(&memory, &organization.id).await.unwrap();
    }
    store.close().await;
}

#[tokio::test]
async fn a_database_that_is_somebody_elses_is_not_taken() {
    let (organization, url) = organization().await;
    let key = organization.admin_key();
    let shell = Shell::new().with("ANTHROPIC_BASE_URL", &url);
    used_database(&shell, None).await;
    let said = shell.run(&["init"], &format!("{key}\n{REST}")).await;
    assert!(said.code == 3 && said.err.contains("used with another master key"), "{}", said.all());
    assert!(!shell.path("steward.toml").exists() && !shell.path("secrets").exists());
    let with_key = format!("{key}\ny\n\n{MASTER_CANARY}\n\n\n\n\n");
    let said = shell.run(&["init"], &with_key).await;
    assert!(said.code == 0 && !said.all().contains("CANARY"), "{}", said.all());

    let other = Shell::new().with("ANTHROPIC_BASE_URL", &url);
    used_database(&other, Some(&Organization { id: "another".into(), name: "Another".into() })).await;
    let said = other.run(&["init"], &with_key).await;
    assert!(said.code == 3 && said.err.contains("belongs to another organization"), "{}", said.all());
    assert!(!other.path("steward.toml").exists());
}
