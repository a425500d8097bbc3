//! A canary in every secret, and no command that sings it, at any level of the log.

use super::shell::{MASTER_CANARY, Shell, organization};

const SECRETS: [(&str, &str); 8] = [
    ("STEWARD_MASTER_KEY", MASTER_CANARY),
    ("ANTHROPIC_ADMIN_KEY", "sk-ant-admin01-CANARY"),
    ("SLACK_BOT_TOKEN", "xoxb-CANARY"),
    ("SLACK_APP_TOKEN", "xapp-CANARY"),
    ("DISCORD_TOKEN", "CANARY.token"),
    ("DISCORD_APPLICATION_ID", "80351110224678912"),
    ("STEWARD_LEAK_SECRET", "CANARY-leak-secret"),
    ("DATABASE_URL", ""),
];

const COMMANDS: [&[&str]; 10] = [
    &["migrate"],
    &["doctor"],
    &["doctor", "--json"],
    &["verify"],
    &["verify", "--json"],
    &["audit", "verify"],
    &["audit", "export"],
    &["exec", "--", "help"],
    &["manifest"],
    &["completions", "bash"],
];

#[tokio::test]
async fn no_canary_sings() {
    let (_, url) = organization().await;
    for (levels, format) in
        [("trace,hyper=trace,sqlx::query=trace,reqwest=trace,rustls=trace", "text"), ("debug", "json")]
    {
        for (database, commands) in [
            ("", &COMMANDS[..]),
            ("postgres://ada:CANARY@127.0.0.1:1/steward", &COMMANDS[..1]),
            ("sqlite://CANARY/steward.db", &COMMANDS[..4]),
        ] {
            for in_files in [false, true] {
                let mut shell = Shell::new().with("STEWARD_LOG", levels).with("STEWARD_LOG_FORMAT", format);
                shell = shell.with("ANTHROPIC_BASE_URL", &url);
                let database = if database.is_empty() { shell.database() } else { database.to_owned() };
                let secrets = SECRETS
                    .map(|(name, value)| (name, if value.is_empty() { database.clone() } else { value.to_owned() }));
                if in_files {
                    std::fs::create_dir(shell.path("secrets")).unwrap();
                    let folder = shell.path("secrets");
                    shell = shell.with("STEWARD_SECRETS_DIR", folder.to_str().unwrap());
                }
                for (name, value) in &secrets {
                    if in_files {
                        use std::os::unix::fs::PermissionsExt;
                        let file = format!("secrets/{}", name.to_lowercase());
                        shell.write(&file, value);
                        std::fs::set_permissions(shell.path(&file), std::fs::Permissions::from_mode(0o600)).unwrap();
                    } else {
                        shell = shell.with(name, value);
                    }
                }
                for words in commands {
                    let said = shell.run(words, "").await;
                    assert!(!said.all().contains("CANARY"), "{words:?}: {}", said.all());
                    assert!(
                        !said.all().contains("panicked") && !said.all().contains("a fault of its own"),
                        "{}",
                        said.all()
                    );
                }
                for name in shell.names().iter().filter(|it| it.starts_with("steward.db")) {
                    let bytes = std::fs::read(shell.path(name)).unwrap();
                    assert!(!bytes.windows(6).any(|it| it == b"CANARY"), "{name}");
                }
            }
        }
    }
}
