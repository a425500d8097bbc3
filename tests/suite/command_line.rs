//! The program as an operator runs it: exit statuses, setting up, checking up, and no secret in anything it says.

mod audit;
mod backfill;
mod checking;
mod exec;
mod federation;
mod secrets;
mod setup;
mod shell;

use serde_json::Value;
pub(crate) use shell::{Shell, organization};

#[tokio::test]
async fn help_tells_all_there_is_and_nothing_that_is_not() {
    let shell = Shell::new();
    let said = shell.run(&["--help"], "").await;
    assert_eq!(said.code, 0);
    let listed: Vec<&str> = said.out.lines().filter_map(|line| line.strip_prefix("  ")?.split("  ").next()).collect();
    let commands: Vec<&str> =
        listed.into_iter().filter(|it| it.chars().all(|it| it.is_ascii_lowercase()) && !it.is_empty()).collect();
    assert_eq!(
        commands,
        [
            "sandbox",
            "run",
            "init",
            "doctor",
            "exec",
            "stock",
            "federation",
            "usage",
            "audit",
            "verify",
            "migrate",
            "manifest",
            "completions"
        ]
    );
    for absent in ["backup", "restore", "seal"] {
        assert!(!said.out.contains(absent), "{absent} comes later");
        assert_eq!(shell.run(&[absent], "").await.code, 2);
    }
    assert!(said.out.contains("0 done, 1 failed, 2 wrong usage or configuration, 3 refused"));
    assert_eq!(shell.run(&["--version"], "").await.out, format!("steward {}\n", env!("CARGO_PKG_VERSION")));
}

#[tokio::test]
async fn wrong_usage_is_2() {
    let shell = Shell::new();
    for wrong in [
        &["frobnicate"][..],
        &[],
        &["run", "--no-such-flag"],
        &["exec"],
        &["exec", "--dry-run"],
        &["exec", "invite", "ada@example.com"],
        &["audit"],
        &["audit", "export", "--since", "yesterday"],
        &["audit", "export", "--format", "xml"],
        &["sandbox", "--listen", "everywhere"],
        &["sandbox", "--seed", "seven"],
        &["completions", "tcsh"],
    ] {
        let said = shell.run(wrong, "").await;
        assert_eq!(said.code, 2, "{wrong:?}: {}", said.all());
        assert_eq!(said.out, "", "{wrong:?}");
    }
    assert!(shell.is_empty(), "a command that was not understood leaves nothing behind");
}

#[tokio::test]
async fn wrong_configuration_is_2_and_tells_every_mistake() {
    let shell = Shell::new().with("STEWARD_LOG", "shout");
    shell.write("steward.toml", "comand = \"/claude\"\ntime_zone = \"Mars\"\n");
    for command in [&["run"][..], &["verify"], &["migrate"], &["audit", "verify"], &["exec", "--", "help"]] {
        let said = shell.run(command, "").await;
        assert_eq!(said.code, 2, "{}", said.all());
        for mistake in ["`comand`", "did you mean `command`?", "`time_zone`", "`STEWARD_LOG`"] {
            assert!(said.err.contains(mistake), "{mistake}: {}", said.err);
        }
    }
    let named = shell.run(&["verify", "--config", "nowhere.toml"], "").await;
    assert_eq!(named.code, 2);
    assert!(named.err.contains("nowhere.toml is not there"), "{}", named.err);
}

#[tokio::test]
async fn a_secret_on_the_command_line_is_not_repeated() {
    let shell = Shell::new();
    for words in [&["init", "sk-ant-admin01-CANARY"][..], &["init", "--key=sk-ant-admin01-CANARY"], &["xoxb-CANARY"]] {
        let said = shell.run(words, "").await;
        assert_eq!(said.code, 2);
        assert!(!said.all().contains("CANARY"), "{}", said.all());
        assert!(said.err.contains("Replace it now"), "{}", said.err);
    }
}

#[tokio::test]
async fn every_shell_completes() {
    let shell = Shell::new();
    for name in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let said = shell.run(&["completions", name], "").await;
        assert_eq!((said.code, said.err.as_str()), (0, ""));
        assert!(said.out.contains("sandbox") && said.out.contains("doctor") && !said.out.contains("restore"), "{name}");
    }
}

#[tokio::test]
async fn manifests_are_written_and_checked() {
    let shell = Shell::new();
    let missing = shell.run(&["manifest", "--check"], "").await;
    assert_eq!(missing.code, 1);
    assert!(missing.err.contains("run `steward manifest`") && shell.is_empty(), "{}", missing.err);
    assert_eq!(shell.run(&["manifest"], "").await.code, 0);
    assert_eq!(shell.run(&["manifest", "--check"], "").await.code, 0);
    let discord: Value = serde_json::from_str(&shell.read("manifest/discord.json")).unwrap();
    assert_eq!(discord[0]["name"], "claude");
    assert!(shell.read("manifest/slack.yaml").contains("command: \"/claude\""));
    shell.write("steward.toml", "command = \"/ai\"\n");
    assert_eq!(shell.run(&["manifest", "--check"], "").await.code, 1, "another root command is another manifest");
}

#[test]
fn the_manifests_in_the_repository_are_those_of_the_grammar() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("manifest");
    let checked = steward::cli::manifest(steward::cli::ManifestArgs { check: true }, &folder, "/claude").unwrap();
    assert_eq!(checked, steward::cli::Exit::Done, "run `steward manifest`");
}
