//! Another configuration while Steward runs: taken whole or not at all, told, and kept in the trail.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use steward::cli::reload::{WatchedFile, keep_watching};
use steward::domain::{Permission, Right};
use steward::job::Reloaded;
use steward::store::Trail;
use tokio_util::sync::CancellationToken;

use crate::bench::{Folder, engines};
use crate::stage::{Stage, assert_snapshot};

/// What a running Steward started with.
const GOOD: &str = r#"
verified_domains = ["example.com"]
first_admins = ["slack:T01/U01ADA"]
remind_after = "2h"

[[role_map]]
from = "slack-group:S0PLATFORM"
role = "admin"
"#;

/// A configuration file that a house looks at.
struct Desk {
    folder: Folder,
    file: WatchedFile,
}

impl Desk {
    fn with(stage: &Stage, text: &str) -> Self {
        let folder = Folder::new();
        let path = folder.path().join("steward.toml");
        fs::write(&path, text).unwrap();
        let (file, now) = WatchedFile::new(path);
        stage.house.reload.starts_with(now.configuration.expect("the first one has no mistake"), now.digest);
        Self { folder, file }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("steward.toml")
    }

    fn writes(&self, text: impl AsRef<[u8]>) {
        fs::write(self.path(), text).unwrap();
    }

    /// Two looks, as the watch has them.
    async fn looked_at(&mut self, stage: &Stage) -> Reloaded {
        assert_eq!(self.file.look(false), None, "the first look waits whether somebody is still writing");
        match self.file.look(false) {
            Some(now) => stage.house.reload.take(now).await.unwrap_or_else(|it| panic!("{}", it.logged())),
            None => Reloaded::Unchanged,
        }
    }
}

/// The entries of the trail about the configuration, oldest first.
async fn kept(stage: &Stage) -> Vec<String> {
    let wanted = Trail { after_seq: Some(0), limit: 1_000, ..Trail::default() };
    let entries = stage.house.store.trail(&wanted).await.unwrap();
    let about = entries.iter().filter(|it| it.action.starts_with("configuration."));
    about.map(|it| format!("{} {} {}", it.action, it.about, it.detail)).collect()
}

#[tokio::test]
async fn another_configuration_is_taken_told_and_kept() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let ada = stage.person("ada");
        let mut desk = Desk::with(&stage, GOOD);
        assert_eq!(desk.looked_at(&stage).await, Reloaded::Unchanged, "nothing was written");
        desk.writes(format!("approvers_channel = \"slack:C0NEW\"\n{}\n[[policy]]\nchange = \"invite\"\nasked_by = \"member\"\ndecide = \"refuse\"\n", GOOD.replace("2h", "1h")));
        let taken = desk.looked_at(&stage).await;
        assert_eq!(taken, Reloaded::Accepted(vec!["approvers_channel", "remind_after", "policy"]), "{engine:?}");
        assert_snapshot!(stage.next_in("approvals").await.told(), @"");
        let kept = kept(&stage).await;
        assert_eq!(kept.len(), 1, "{engine:?}");
        assert!(kept[0].starts_with("configuration.accepted steward.toml {"), "{}", kept[0]);
        assert!(kept[0].contains(r#"{"after":"1h","at_next_start":false,"before":"2h","setting":"remind_after"}"#), "{}", kept[0]);
        assert!(kept[0].contains(r#""before":"[]","setting":"policy""#), "{}", kept[0]);
        // The rules that count are the new ones: the chat of this story is not named in them any more.
        assert_snapshot!(ada.says("/claude invite lea@example.com").await.told(), @"");
        assert_eq!(stage.right("ada", Permission::Admin).await, Right::Do, "by the rules of the story");
        desk.writes(fs::read(desk.path()).unwrap());
        assert_eq!(desk.looked_at(&stage).await, Reloaded::Unchanged, "written again, and the same");
        stage.close().await;
    }
}

#[tokio::test]
async fn what_waits_for_the_next_start_is_said() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let mut desk = Desk::with(&stage, GOOD);
        let audit = "[audit]\nwebhook = \"https://siem.example.com/steward?token=hunter2\"\n";
        desk.writes(format!("command = \"/steward\"\n{GOOD}{audit}"));
        assert_eq!(desk.looked_at(&stage).await, Reloaded::Accepted(vec!["command", "audit"]), "{engine:?}");
        let told = stage.next_in("approvals").await.told();
        assert_snapshot!(told, @"");
        assert_eq!(stage.house.dispatch.root(), "/claude");
        let kept = kept(&stage).await.join("\n");
        assert!(!kept.contains("hunter2") && !kept.contains("siem."), "{kept}");
        stage.close().await;
    }
}

/// Each kind of mistake: refused with its place and its reason, and the running one stays.
#[tokio::test]
async fn a_mistake_leaves_everything_as_it_was() {
    let engine = engines()[0];
    let stage = Stage::open(engine).await;
    let [ada, mira] = stage.cast(["ada", "mira"]);
    let mut desk = Desk::with(&stage, GOOD);
    let mut told = Vec::new();
    for mistake in [
        "first_admins = [\"slack:T01/U01ADA\"",
        "first_admin = [\"slack:T01/U01ADA\"]",
        "first_admins = \"slack:T01/U01ADA\"",
        "first_admins = [\"ada@example.com\"]",
        "first_admins = []",
        "verified_domains = [\"example\"]",
        "time_zone = \"Mars/Olympus\"",
        "remind_after = \"soon\"",
        "remind_after = \"80h\"",
        "command = \"claude\"",
        "[[role_map]]\nfrom = \"slack-group:S0PLATFORM\"\nrole = \"amdin\"",
        "[[role_map]]\nfrom = \"everybody\"\nrole = \"admin\"",
        "[[role_map]]\nrole = \"admin\"",
        "[roles.admin]\npermissions = [\"audit\"]",
        "[roles.auditor]\npermissions = [\"everything\"]",
        "[[policy]]\nchange = \"invites\"\ndecide = \"refuse\"",
        "[[policy]]\nchange = \"invite\"\ndecide = \"at once\"",
        "[[policy]]\nchange = \"invite\"\ndecide = \"maybe\"",
        "[[policy]]\nchange = \"invite\"\ndecide = { approvals = 0, by = [\"admin\"] }",
        "[[policy]]\nchange = \"invite\"\ndecide = { approvals = 1, by = [] }",
        "[[policy]]\nchange = \"invite\"\ndecide = { approvals = 1, by = [\"member\"] }",
        "[[policy]]\nchange = \"invite\"\nasked_by = \"member\"\ndecide = \"at once\"\nat_most = 2",
        "[[policy]]\nchange = \"invite\"\nabove_usd = 5\ndecide = \"refuse\"",
        "[quotas]\npending_per_person = -1",
        "[workspaces.research]\nenvironment = \"prod\"",
        "[audit]\nwebhook = \"http://siem.example.com\"",
    ] {
        desk.writes(format!("{mistake}\n"));
        match desk.looked_at(&stage).await {
            Reloaded::Refused(mistakes) => told.extend(mistakes),
            other => panic!("this was taken: {mistake}: {other:?}"),
        }
    }
    desk.writes([0xff, 0xfe, b'\n']);
    assert!(matches!(desk.looked_at(&stage).await, Reloaded::Refused(why) if told.extend(why.clone()) == ()));
    fs::remove_file(desk.path()).unwrap();
    assert!(matches!(desk.looked_at(&stage).await, Reloaded::Refused(why) if told.extend(why.clone()) == ()));
    assert_snapshot!(told.join("\n"), @"");
    // The running one stays: nothing but the mistakes was told, each once, to each admin.
    assert!(mira.says("/claude invite lea@example.com").await.told().contains("waiting for a decision"));
    assert!(stage.next_in("approvals").await.told().starts_with("@mira asks to invite"));
    let accepted = kept(&stage).await.into_iter().filter(|it| it.starts_with("configuration.accepted")).count();
    assert_eq!(accepted, 0);
    assert_snapshot!(ada.was_told().await.told(), @"");
    stage.chat.forget_unheard();
    stage.close().await;
}

#[tokio::test]
async fn a_broken_file_is_told_once_and_seen_until_it_is_mended() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, grace, mira] = stage.cast(["ada", "grace", "mira"]);
        let mut desk = Desk::with(&stage, GOOD);
        for _ in 0..2 {
            desk.writes("first_admin = []\nremind_after = \"soon\"\n");
            assert!(matches!(desk.looked_at(&stage).await, Reloaded::Refused(_)));
            desk.writes(format!("# {engine:?}"));
            let _half_way = desk.file.look(false);
        }
        desk.writes("first_admin = []\nremind_after = \"soon\"\n");
        let now = desk.file.look(true).expect("whoever says so has it looked at");
        assert!(matches!(stage.house.reload.take(now).await, Ok(Reloaded::Refused(_))));
        assert_snapshot!(ada.was_told().await.told(), @"");
        grace.was_told().await;
        assert!(!ada.has_news().await && !grace.has_news().await, "{engine:?}: once");
        let status = mira.says("/claude status").await.told();
        let line = status.lines().find(|it| it.starts_with("Configuration:")).unwrap().to_owned();
        assert_snapshot!(line, @"");
        assert!(status.starts_with("Something needs a look."), "{status}");
        desk.writes(GOOD);
        assert_eq!(desk.looked_at(&stage).await, Reloaded::Unchanged, "{engine:?}");
        assert!(!mira.says("/claude status").await.told().contains("Configuration:"), "{engine:?}");
        let kept = kept(&stage).await;
        assert_eq!(kept.len(), 1, "{kept:?}");
        assert!(kept[0].starts_with("configuration.refused steward.toml {"), "{kept:?}");
        stage.close().await;
    }
}

/// Half of a file that somebody is writing may allow more than the whole: only what two looks find the same is taken.
#[tokio::test]
async fn half_a_file_is_not_taken() {
    let stage = Stage::open(engines()[0]).await;
    let mut desk = Desk::with(&stage, &format!("{GOOD}\n[[policy]]\nchange = \"invite\"\ndecide = \"refuse\"\n"));
    desk.writes(GOOD);
    assert_eq!(desk.file.look(false), None);
    desk.writes(format!("{GOOD}\n[[policy]]\nchange = \"invite\"\ndecide = {{ approvals = 1, by = [\"admin\"] }}\n"));
    assert_eq!(desk.file.look(false), None, "it has changed since");
    let now = desk.file.look(false).expect("the same twice");
    assert_eq!(now.configuration.unwrap().policy.len(), 1);
    stage.close().await;
}

/// The watch itself, with a signal and without.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_watch_hears_of_a_signal() {
    // From here on, the signal no longer ends this process, whoever hears it first.
    let _heard = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).unwrap();
    let stage = Stage::open(engines()[0]).await;
    let Desk { folder, file } = Desk::with(&stage, GOOD);
    let (stop, path) = (CancellationToken::new(), folder.path().join("steward.toml"));
    let watch = tokio::spawn(keep_watching(file, stage.house.reload.clone(), stop.clone()));
    fs::write(&path, GOOD.replace("2h", "1h")).unwrap();
    // Long before the file would be looked at by itself twice.
    for _ in 0..200 {
        let own = std::process::id().to_string();
        tokio::process::Command::new("kill").args(["-HUP", &own]).status().await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
        if !kept(&stage).await.is_empty() {
            break;
        }
    }
    assert_eq!(kept(&stage).await.len(), 1);
    stop.cancel();
    watch.await.unwrap();
    stage.settle().await;
    stage.chat.forget_unheard();
    stage.close().await;
}
