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

impl Desk {
    /// The mistakes of a file that is not taken.
    async fn refused(&mut self, stage: &Stage, what: &str) -> Vec<String> {
        match self.looked_at(stage).await {
            Reloaded::Refused(mistakes) => mistakes,
            other => panic!("this was taken: {what}: {other:?}"),
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
        assert_snapshot!(stage.next_in("approvals").await.told(), @r"
        The configuration steward.toml was read anew and counts from now on: approvers_channel, remind_after, policy changed.
        approvers_channel: none → slack:C0NEW
        remind_after: 2h → 1h
        All of it, before and after: /claude audit --action configuration --limit 1.
        ");
        let kept = kept(&stage).await;
        assert_eq!(kept.len(), 1, "{engine:?}");
        assert!(kept[0].starts_with("configuration.accepted steward.toml {"), "{}", kept[0]);
        assert!(
            kept[0].contains(r#"{"setting":"remind_after","before":"2h","after":"1h","at_next_start":false}"#),
            "{}",
            kept[0]
        );
        assert!(kept[0].contains(r#""setting":"policy","before":"[]","after":"[PolicyRule"#), "{}", kept[0]);
        // The rules that count are the new ones: the chat of this story is not named in them any more.
        assert_snapshot!(ada.says("/claude invite lea@example.com").await.told(), @r"
        Policy does not let you invite lea@example.com as user.
        Nothing was changed. An admin can ask for it.
        ");
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
        assert_snapshot!(told, @r"
        The configuration steward.toml was changed, and nothing of it counts before the next start.
        Counts from the next start of Steward only: command, audit.
        All of it, before and after: /claude audit --action configuration --limit 1.
        ");
        assert_eq!(stage.house.dispatch.root(), "/claude");
        let kept = kept(&stage).await.join("\n");
        assert!(!kept.contains("hunter2") && !kept.contains("siem."), "{kept}");
        stage.close().await;
    }
}

/// Files with one mistake each.
const MISTAKES: &[&str] = &[
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
    "[[policy]]\nchange = \"key.status\"\nasked_by = \"steward\"\ndecide = { approvals = 1, by = [\"admin\"] }",
    "[quotas]\npending_per_person = -1",
    "[workspaces.research]\nenvironment = \"prod\"",
    "[workspaces.research]\nkey_name = \"{who}-{purpose}\"",
    "[audit]\nwebhook = \"http://siem.example.com\"",
];

/// Each kind of mistake: refused with its place and its reason, and the running one stays.
#[tokio::test]
async fn a_mistake_leaves_everything_as_it_was() {
    let engine = engines()[0];
    let stage = Stage::open(engine).await;
    let [ada, mira] = stage.cast(["ada", "mira"]);
    let mut desk = Desk::with(&stage, GOOD);
    let mut told = Vec::new();
    for mistake in MISTAKES {
        desk.writes(format!("{mistake}\n"));
        told.extend(desk.refused(&stage, mistake).await);
    }
    desk.writes([0xff, 0xfe, b'\n']);
    told.extend(desk.refused(&stage, "what is no file of text").await);
    fs::remove_file(desk.path()).unwrap();
    told.extend(desk.refused(&stage, "what is no file of text").await);
    assert_snapshot!(told.join("\n"), @r#"
    steward.toml line 1 is not valid TOML: a quote or bracket is missing, or a name is given twice
    unknown name `first_admin` in steward.toml line 1: did you mean `first_admins`?
    `first_admins` in steward.toml line 1 must be a list in brackets, not text
    item 1 of `first_admins` in steward.toml line 1 must be an account: `slack:TEAM/USER`, `discord:USER` or `browser:NAME`, with the platform's ids
    `first_admins` in steward.toml line 1 must not be an empty list: leave it out, or name somebody or something
    item 1 of `verified_domains` in steward.toml line 1 must be a mail domain in small letters, such as `example.com`, without `@` or `*`
    `time_zone` in steward.toml line 1 must be a time zone of the IANA database, such as `Europe/Berlin` or `UTC`
    `remind_after` in steward.toml line 1 must be a length of time above 0 and below ten years, such as `30m`, `2h` or `90d`
    `remind_after` in steward.toml line 1 must be shorter than `expire_after`
    `command` in steward.toml line 1 must be a slash and up to 31 small letters, digits, `-` and `_`, such as `/claude`
    `role_map.role` in steward.toml line 3 names no role: did you mean `admin`?
    `role_map.from` in steward.toml line 2 must be a group or a person: `slack-group:`, `discord-role:`, `browser-group:`, `claude-role:`, `slack:TEAM/USER`, `discord:USER` or `browser:NAME`, with the platform's ids
    `role_map.from` in steward.toml line 1 is missing
    `roles.admin` in steward.toml line 1 has a name that is taken already: the built-in roles cannot be changed
    item 1 of `roles.auditor.permissions` in steward.toml line 2 names no permission: known here: member.see, invite, member.manage, workspace.manage, workspace.join, key.get, key.own, key.manage, limit.manage, limit.raise, usage.own, usage.totals, usage.others, report.subscribe, approve, audit, admin
    `policy.change` in steward.toml line 2 names no kind of change: did you mean `invite`?
    `policy.decide` in steward.toml line 3 lets everybody do this at once: say in `asked_by` for whom it is meant
    `policy.decide` in steward.toml line 3 must be `"at once"`, `"refuse"` or `{ approvals = 1, by = ["admin"] }`
    `policy.decide.approvals` in steward.toml line 3 must be from 1 to 9
    `policy.decide.by` in steward.toml line 3 must not be an empty list: leave it out, or name somebody or something
    item 1 of `policy.decide.by` in steward.toml line 3 must not be a role that everybody has
    `policy.at_most` in steward.toml line 5 and `within` go together: so many, in so long
    [[policy]] number 1: an amount in `above_usd`, which nothing of the kind invite has, cannot be kept by this version
    [[policy]] number 1: what Steward switches off waits for nobody; a rule that says otherwise cannot be kept by this version
    `quotas.pending_per_person` in steward.toml line 2 must be from 0 to 1000
    `workspaces.research.environment` in steward.toml line 2 must be one of `dev`, `staging`, `production`
    `workspaces.research.key_name` in steward.toml line 2 must be letters, digits, dashes and dots around `{person}`, `{purpose}`, `{workspace}` or `{environment}`
    `audit.webhook` in steward.toml line 2 must be an https address of a host by its name, on port 443, without user or password
    the configuration file steward.toml is not text in UTF-8
    the configuration file steward.toml is not there, or cannot be looked at
    "#);
    // The running one stays: nothing but the mistakes was told, each once, to each admin.
    assert!(mira.says("/claude invite lea@example.com").await.told().contains("waiting for a decision"));
    assert!(stage.next_in("approvals").await.told().starts_with("@mira asks to invite"));
    let accepted = kept(&stage).await.into_iter().filter(|it| it.starts_with("configuration.accepted")).count();
    assert_eq!(accepted, 0);
    assert_snapshot!(ada.was_told().await.told(), @r"
    The configuration steward.toml has a mistake, so nothing of it was taken. The rules of before go on.
    steward.toml line 1 is not valid TOML: a quote or bracket is missing, or a name is given twice.
    Correct the file; it is looked at again by itself. `steward doctor` shows all mistakes.
    ");
    stage.settle().await;
    stage.chat.forget_unheard();
    stage.close().await;
}

#[tokio::test]
async fn a_broken_file_is_told_once_and_seen_until_it_is_mended() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, grace, mira] = stage.cast(["ada", "grace", "mira"]);
        let mut desk = Desk::with(&stage, GOOD);
        desk.writes("first_admin = []\nremind_after = \"soon\"\n");
        assert!(matches!(desk.looked_at(&stage).await, Reloaded::Refused(_)));
        desk.writes("first_admin = []\nremind_after = \"soon\"\n");
        let now = desk.file.look(true).expect("whoever says so has it looked at");
        assert!(matches!(stage.house.reload.take(now).await, Ok(Reloaded::Refused(_))));
        assert_snapshot!(ada.was_told().await.told(), @r"
        The configuration steward.toml has a mistake, so nothing of it was taken. The rules of before go on.
        unknown name `first_admin` in steward.toml line 1: did you mean `first_admins`?
        `remind_after` in steward.toml line 2 must be a length of time above 0 and below ten years, such as `30m`, `2h` or `90d`.
        Correct the file; it is looked at again by itself. `steward doctor` shows all mistakes.
        ");
        grace.was_told().await;
        assert!(!ada.has_news().await && !grace.has_news().await, "{engine:?}: once");
        let status = mira.says("/claude status").await.told();
        let line = status.lines().find(|it| it.starts_with("Configuration:")).unwrap().to_owned();
        assert_snapshot!(line, @"Configuration: steward.toml has 2 mistakes since 2026-12-01 09:00 UTC; the rules of before go on. The first: unknown name `first_admin` in steward.toml line 1: did you mean `first_admins`?");
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
