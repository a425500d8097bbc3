//! Secrets and addresses: where they may come from, which shapes they must have, and that they are never repeated.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use insta::assert_snapshot;
use jiff::tz::TimeZone;
use secrecy::{ExposeSecret, SecretString};
use steward::random::Random;
use steward::seal::MasterKey;
use steward::settings::{DiscordMode, Environment, LogFormat, SandboxSettings, Settings, SlackMode};

use crate::settings::{CATALOGUE, EXAMPLE, Folder, account, channel, subject};

const CANARY: &str = "CANARY";
const BOT: (&str, &str) = ("SLACK_BOT_TOKEN", "xoxb-1");
const APP: (&str, &str) = ("SLACK_APP_TOKEN", "xapp-1");
const SIGNING: (&str, &str) = ("SLACK_SIGNING_SECRET", "0123456789abcdef0123456789abcdef");
const DISCORD: (&str, &str) = ("DISCORD_TOKEN", "abc.def.ghi");
const APPLICATION: (&str, &str) = ("DISCORD_APPLICATION_ID", "80351110224678912");
const PUBLIC_KEY: (&str, &str) =
    ("DISCORD_PUBLIC_KEY", "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F");

/// Every variable that holds a secret or an address, and a good value.
const ALL: [(&str, &str); 16] = [
    ("DATABASE_URL", "postgres://steward:word@db.example/steward"),
    ("STEWARD_LISTEN", "0.0.0.0:80"),
    ("STEWARD_OPS_LISTEN", "[::1]:9"),
    ("STEWARD_MASTER_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
    ("ANTHROPIC_ADMIN_KEY", "sk-ant-admin01-1"),
    ("ANTHROPIC_BASE_URL", "http://127.0.0.1:8080/anthropic"),
    BOT,
    APP,
    ("SLACK_API_URL", "http://localhost:9/api"),
    DISCORD,
    APPLICATION,
    PUBLIC_KEY,
    ("DISCORD_API_URL", "https://discord.example"),
    ("STEWARD_LEAK_SECRET", "0123456789abcdef"),
    ("STEWARD_LOG", "warn,steward::job=debug"),
    ("STEWARD_LOG_FORMAT", "json"),
];

/// What is read from these variables alone, with an empty file so that nothing else is looked for.
fn read(variables: &[(&str, &str)]) -> Result<Settings, String> {
    let folder = Folder::new().with("steward.toml", "");
    let environment = variables.iter().copied().collect();
    Settings::load(&environment, Some(&folder.path().join("steward.toml")), &CATALOGUE).map_err(|it| it.to_string())
}

/// What is said about these variables, which are not right.
fn told(variables: &[(&str, &str)]) -> String {
    read(variables).err().unwrap_or_else(|| panic!("this was accepted: {variables:?}"))
}

/// As [`told`], with a secrets folder.
fn told_with(folder: &Folder) -> String {
    told(&[("STEWARD_SECRETS_DIR", folder.as_str())])
}

fn exposed(secret: Option<&SecretString>) -> &str {
    secret.map_or("nothing", ExposeSecret::expose_secret)
}

#[test]
fn without_any_variable_the_defaults_hold() {
    let settings = read(&[]).unwrap();
    assert_eq!(settings.database_url.expose_secret(), "sqlite://steward.db");
    assert_eq!(settings.listeners.webhooks.to_string(), "127.0.0.1:8081");
    assert_eq!(settings.listeners.ops.to_string(), "127.0.0.1:9090");
    assert_eq!((settings.log.filter.as_str(), settings.log.format), ("info", LogFormat::Text));
    assert_eq!(settings.claude.base_url.as_str(), "https://api.anthropic.com/");
    assert!(settings.slack.is_none() && settings.discord.is_none() && settings.leak_secret.is_none());
    assert!(settings.exposed_secrets.is_empty());
    assert_snapshot!(settings.master_key().err().unwrap(), @"`STEWARD_MASTER_KEY` is missing: set it, or put it into the secrets folder");
    assert_snapshot!(settings.admin_key().err().unwrap(), @"`ANTHROPIC_ADMIN_KEY` is missing: set it, or put it into the secrets folder");
}

#[test]
fn every_variable_is_read() {
    let settings = read(&ALL).unwrap();
    assert_eq!(settings.database_url.expose_secret(), "postgres://steward:word@db.example/steward");
    assert_eq!(settings.listeners.webhooks.to_string(), "0.0.0.0:80");
    assert_eq!(settings.listeners.ops.to_string(), "[::1]:9");
    assert_eq!(settings.master_key().unwrap().to_base64().expose_secret(), ALL[3].1);
    assert_eq!(settings.admin_key().unwrap().expose_secret(), "sk-ant-admin01-1");
    assert_eq!(settings.claude.base_url.as_str(), "http://127.0.0.1:8080/anthropic");
    assert_eq!((settings.log.filter.as_str(), settings.log.format), ("warn,steward::job=debug", LogFormat::Json));
    assert_eq!(exposed(settings.leak_secret.as_ref()), "0123456789abcdef");

    let slack = settings.slack.unwrap();
    assert_eq!((slack.api_url.as_str(), slack.bot_token.expose_secret()), ("http://localhost:9/api", "xoxb-1"));
    assert!(matches!(slack.mode, SlackMode::Socket { app_token } if app_token.expose_secret() == "xapp-1"));
    let discord = settings.discord.unwrap();
    assert_eq!((discord.api_url.as_str(), discord.token.expose_secret()), ("https://discord.example/", "abc.def.ghi"));
    assert_eq!(discord.application_id, 80_351_110_224_678_912);
    assert_eq!(discord.mode, DiscordMode::Http { public_key: std::array::from_fn(|at| u8::try_from(at).unwrap()) });

    let exposed = [
        "DATABASE_URL",
        "STEWARD_MASTER_KEY",
        "ANTHROPIC_ADMIN_KEY",
        "SLACK_BOT_TOKEN",
        "SLACK_APP_TOKEN",
        "DISCORD_TOKEN",
        "STEWARD_LEAK_SECRET",
    ];
    assert_eq!(settings.exposed_secrets, exposed);
}

#[test]
fn platforms_are_set_completely_or_not_at_all() {
    assert_snapshot!(told(&[BOT, APP, SIGNING]), @"`SLACK_APP_TOKEN` (Socket Mode) and `SLACK_SIGNING_SECRET` (HTTP mode) are both set: choose one");
    assert_snapshot!(told(&[BOT]), @"`SLACK_APP_TOKEN` (Socket Mode) or `SLACK_SIGNING_SECRET` is missing: `SLACK_BOT_TOKEN` is set, and needs it");
    assert_snapshot!(told(&[APP]), @"`SLACK_BOT_TOKEN` is missing: `SLACK_APP_TOKEN` is set, and needs it");
    assert_snapshot!(told(&[SIGNING]), @"`SLACK_BOT_TOKEN` is missing: `SLACK_SIGNING_SECRET` is set, and needs it");
    assert_snapshot!(told(&[DISCORD]), @"`DISCORD_APPLICATION_ID` is missing: `DISCORD_TOKEN` is set, and needs it");
    assert_snapshot!(told(&[APPLICATION]), @"`DISCORD_TOKEN` is missing: `DISCORD_APPLICATION_ID` is set, and needs it");
    assert_snapshot!(told(&[PUBLIC_KEY]), @"`DISCORD_TOKEN` is missing: `DISCORD_PUBLIC_KEY` is set, and needs it");
    let slack = read(&[BOT, SIGNING]).unwrap().slack.unwrap();
    assert!(matches!(slack.mode, SlackMode::Http { .. }));
    assert_eq!(slack.api_url.as_str(), "https://slack.com/api");
    let discord = read(&[DISCORD, APPLICATION]).unwrap().discord.unwrap();
    assert_eq!((discord.mode, discord.api_url.as_str()), (DiscordMode::Gateway, "https://discord.com/"));
}

#[test]
fn this_machine_may_be_answered_only_if_slack_is_simulated_on_it() {
    let here = "http://127.0.0.1:9/x";
    assert!(read(&[BOT, APP]).unwrap().slack.unwrap().response_hosts().check(here).is_err());
    let simulated = read(&[BOT, APP, ("SLACK_API_URL", "http://127.0.0.1:9/api")]).unwrap().slack.unwrap();
    assert!(simulated.response_hosts().check(here).is_ok());
    assert!(simulated.response_hosts().check("https://hooks.slack.com/x").is_ok());
}

#[test]
fn shapes_are_checked() {
    assert_snapshot!(told(&[("ANTHROPIC_ADMIN_KEY", "CANARY")]), @"`ANTHROPIC_ADMIN_KEY` must begin with `sk-ant-`: this is another kind of token");
    assert_snapshot!(told(&[APP, ("SLACK_BOT_TOKEN", "xoxp-CANARY")]), @"`SLACK_BOT_TOKEN` must begin with `xoxb-` or `xoxe.xoxb-`: this is another kind of token");
    assert_snapshot!(told(&[BOT, ("SLACK_APP_TOKEN", "xoxb-CANARY")]), @"`SLACK_APP_TOKEN` must begin with `xapp-` or `xoxe.xapp-`: this is another kind of token");
    assert_snapshot!(told(&[BOT, ("SLACK_SIGNING_SECRET", "CANARY")]), @"`SLACK_SIGNING_SECRET` must be at least 16 characters, without spaces or line breaks");
    assert_snapshot!(told(&[APPLICATION, ("DISCORD_TOKEN", "Bot CANARY")]), @"`DISCORD_TOKEN` must be the token alone, without spaces or line breaks");
    assert_snapshot!(told(&[DISCORD, ("DISCORD_APPLICATION_ID", "CANARY")]), @"`DISCORD_APPLICATION_ID` must be the application's id, a number of 17 digits or more");
    assert_snapshot!(told(&[DISCORD, APPLICATION, ("DISCORD_PUBLIC_KEY", "CANARY")]), @"`DISCORD_PUBLIC_KEY` must be the application's public key, 64 hexadecimal digits");
    assert_snapshot!(told(&[("STEWARD_MASTER_KEY", "CANARY")]), @"`STEWARD_MASTER_KEY` must be 32 random bytes in base64, 44 characters: `steward init` makes one");
    assert_snapshot!(told(&[("STEWARD_LEAK_SECRET", "CANARY")]), @"`STEWARD_LEAK_SECRET` must be at least 16 characters, without spaces or line breaks");
    assert_snapshot!(told(&[("DATABASE_URL", "mysql://CANARY")]), @"`DATABASE_URL` must begin with `sqlite:` or `postgres://`");
    assert_snapshot!(told(&[("STEWARD_LOG", "inof")]), @"`STEWARD_LOG` must be a level (`off`, `error`, `warn`, `info`, `debug`, `trace`) or levels of modules, as in `info,steward::job=debug`");
    assert_snapshot!(told(&[("STEWARD_LOG_FORMAT", "yaml")]), @"`STEWARD_LOG_FORMAT` must be `text` or `json`");
    assert_snapshot!(told(&[("STEWARD_LISTEN", "localhost:8081")]), @"`STEWARD_LISTEN` must be an IP address and a port, such as `127.0.0.1:8081`");
    assert_snapshot!(told(&[("STEWARD_LISTEN", "127.0.0.1:9090")]), @"`STEWARD_LISTEN` and `STEWARD_OPS_LISTEN` must be two different addresses");
    assert_snapshot!(told(&[("STEWARD_MASTER_KEY", " "), ("STEWARD_LOG", "")]), @"
    `STEWARD_MASTER_KEY` is set but empty: give it a value, or unset it
    `STEWARD_LOG` is set but empty: give it a value, or unset it
    ");
}

#[test]
fn secrets_are_sent_over_tls_or_to_this_machine() {
    for name in ["ANTHROPIC_BASE_URL", "SLACK_API_URL", "DISCORD_API_URL"] {
        for good in [
            "https://api.example.com",
            "https://10.0.0.1:8443/x/",
            "http://localhost:1",
            "http://127.0.0.1",
            "http://[::1]:1/x",
        ] {
            assert!(read(&[(name, good)]).is_ok(), "{name} {good}");
        }
        for bad in [
            "http://CANARY.example.com",
            "http://10.0.0.1",
            "http://localhost.CANARY.example",
            "http://127.0.0.1.CANARY.example",
            "http://0.0.0.0",
            "http://127.0.0.1@CANARY.example",
            "ftp://localhost",
            "ws://127.0.0.1",
            "CANARY",
            "//CANARY",
            "https://",
            "https://CANARY@api.example.com",
            "https://u:CANARY@api.example.com",
            "https://api.example.com?CANARY",
            "https://api.example.com#CANARY",
            "file:///CANARY",
        ] {
            let said = told(&[(name, bad)]);
            assert!(said.starts_with(&format!("`{name}` must b")) && !said.contains(CANARY), "{bad}: {said}");
        }
    }
}

#[test]
fn a_file_wins_over_its_variable() {
    let folder = Folder::new().with("anthropic_admin_key", "sk-ant-file\n").with("database_url", "sqlite:x\r\n\n");
    let variables = [
        ("STEWARD_SECRETS_DIR", folder.as_str()),
        ("ANTHROPIC_ADMIN_KEY", "sk-ant-variable"),
        ("STEWARD_LEAK_SECRET", "0123456789abcdef"),
    ];
    let settings = read(&variables).unwrap();
    assert_eq!(settings.admin_key().unwrap().expose_secret(), "sk-ant-file");
    assert_eq!(settings.database_url.expose_secret(), "sqlite:x");
    assert_eq!(settings.exposed_secrets, ["STEWARD_LEAK_SECRET"], "what lies in a file is not exposed");
    // A file that cannot be used is a mistake; the variable does not quietly take its place.
    let broken = Folder::new().with("anthropic_admin_key", "\n");
    let said = told(&[("STEWARD_SECRETS_DIR", broken.as_str()), ("ANTHROPIC_ADMIN_KEY", "sk-ant-variable")]);
    assert_snapshot!(said, @"the file `anthropic_admin_key` in the secrets folder is empty: write the value into it, or remove it");
}

#[test]
fn files_that_are_no_secret_any_more_are_refused() {
    for mode in [0o644, 0o604, 0o666, 0o602, 0o601, 0o777] {
        let folder = Folder::new().with("anthropic_admin_key", "sk-ant-CANARY").mode("anthropic_admin_key", mode);
        assert_eq!(
            told_with(&folder),
            "the file `anthropic_admin_key` in the secrets folder is open to every user of this machine: `chmod o= ` it",
            "{mode:o}"
        );
    }
    for mode in [0o400, 0o600, 0o440, 0o640] {
        let folder = Folder::new().with("anthropic_admin_key", "sk-ant-1").mode("anthropic_admin_key", mode);
        assert!(read(&[("STEWARD_SECRETS_DIR", folder.as_str())]).is_ok(), "{mode:o}");
    }
}

#[test]
fn odd_things_in_the_secrets_folder_are_told() {
    let folder = Folder::new();
    fs::create_dir(folder.path().join("steward_master_key")).unwrap();
    symlink("nowhere-CANARY", folder.path().join("anthropic_admin_key")).unwrap();
    let folder = folder
        .with("steward_leak_secret", [0xff, 0xfe])
        .with("slack_bot_token", vec![b'x'; 70_000])
        .with("unrelated", "");
    assert_snapshot!(told_with(&folder), @"
    the file `steward_master_key` in the secrets folder is no file
    the file `anthropic_admin_key` in the secrets folder cannot be looked at
    the file `slack_bot_token` in the secrets folder is too long
    `SLACK_APP_TOKEN` (Socket Mode) or `SLACK_SIGNING_SECRET` is missing: `SLACK_BOT_TOKEN` is set, and needs it
    the file `steward_leak_secret` in the secrets folder cannot be read as text
    ");
    assert_snapshot!(told(&[("STEWARD_SECRETS_DIR", "/nowhere/CANARY")]), @"`STEWARD_SECRETS_DIR` must name a folder that exists");
}

#[test]
fn mounted_secrets_are_links_and_are_followed() {
    let real = Folder::new().with("key", "sk-ant-1");
    let folder = Folder::new();
    symlink(real.path().join("key"), folder.path().join("anthropic_admin_key")).unwrap();
    let settings = read(&[("STEWARD_SECRETS_DIR", folder.as_str())]).unwrap();
    assert_eq!(settings.admin_key().unwrap().expose_secret(), "sk-ant-1");
}

#[test]
fn the_configuration_file_is_the_one_that_was_named() {
    let one = Folder::new().with("one.toml", "command = \"/one\"").with("two.toml", "command = \"/two\"");
    let path = |name: &str| one.path().join(name);
    let two = path("two.toml");
    let environment: Environment = [("STEWARD_CONFIG", two.to_str().unwrap())].into_iter().collect();
    let command = |named: Option<&Path>| Settings::load(&environment, named, &CATALOGUE).unwrap().configuration.command;
    assert_eq!(command(Some(&path("one.toml"))), "/one", "the command line wins");
    assert_eq!(command(None), "/two");

    let told = |name: &str| Settings::load(&environment, Some(&path(name)), &CATALOGUE).err().unwrap().to_string();
    assert_snapshot!(told("three.toml"), @"the configuration file three.toml is not there, or cannot be looked at");
    assert!(told(".").ends_with(" is no file"));
    let _ = fs::write(path("binary.toml"), [0xff]);
    assert_snapshot!(told("binary.toml"), @"the configuration file binary.toml is not text in UTF-8");
    let one = one.with("open.toml", "").mode("open.toml", 0o666);
    let told = Settings::load(&environment, Some(&one.path().join("open.toml")), &CATALOGUE).err().unwrap();
    assert_snapshot!(told, @"the configuration file open.toml can be written by every user of this machine, who could make themselves an admin: `chmod o-w` it");
}

#[test]
fn all_mistakes_are_told_at_once_and_none_quotes_a_value() {
    let folder = Folder::new()
        .with("steward.toml", "command = \"CANARY\"\n[quota]\nx = \"CANARY\"\n[money]\nthresholds = [\"CANARY\"]");
    let environment = [("ANTHROPIC_ADMIN_KEY", CANARY), ("STEWARD_LISTEN", CANARY)].into_iter().collect();
    let error = Settings::load(&environment, Some(&folder.path().join("steward.toml")), &CATALOGUE).err().unwrap();
    assert_eq!(error.mistakes().len(), 5);
    assert_snapshot!(error, @"
    `STEWARD_LISTEN` must be an IP address and a port, such as `127.0.0.1:8081`
    `ANTHROPIC_ADMIN_KEY` must begin with `sk-ant-`: this is another kind of token
    `command` in steward.toml line 1 must be a slash and up to 31 small letters, digits, `-` and `_`, such as `/claude`
    unknown name `quota` in steward.toml line 2: did you mean `quotas`?
    item 1 of `money.thresholds` in steward.toml line 5 must be a whole number, not text
    ");
}

/// Each variable in turn holds the canary, in a variable and in a file, alone and as the end of what would be right.
#[test]
fn no_secret_is_repeated() {
    let mut mistakes = 0;
    for (name, good) in ALL.into_iter().chain([SIGNING]) {
        for value in [
            CANARY.to_owned(),
            format!("{good}{CANARY}"),
            format!("{good} {CANARY}"),
            format!("{good}\n{CANARY}"),
            format!("{CANARY}{good}"),
        ] {
            let folder = Folder::new().with(&name.to_lowercase(), &value);
            let others = || ALL.into_iter().filter(|(it, _)| *it != name);
            let in_variable: Vec<_> = others().chain([(name, value.as_str())]).collect();
            let in_file: Vec<_> = others().chain([("STEWARD_SECRETS_DIR", folder.as_str())]).collect();
            for variables in [in_variable, in_file] {
                if let Err(said) = read(&variables) {
                    assert!(!said.contains(CANARY) && !said.contains("word@") && said.contains(name), "{name}: {said}");
                    mistakes += 1;
                }
            }
        }
    }
    assert!(mistakes >= 100, "{mistakes}");
}

/// Each value of the example in turn is replaced by the canary in every shape that TOML has, or broken.
#[test]
fn no_value_of_the_file_is_repeated() {
    let lines: Vec<&str> = EXAMPLE.lines().collect();
    let mut mistakes = 0;
    for (at, line) in lines.iter().enumerate() {
        let Some((name, _)) = line.split_once('=').filter(|_| !line.starts_with('#')) else { continue };
        for value in [
            "\"CANARY\"",
            "'''CANARY'''",
            "\"\"\"\nCANARY\"\"\"",
            "[\"CANARY\"]",
            "[[\"CANARY\"]]",
            "\"CANARY",
            "CANARY",
            "[CANARY",
            "{ a = \"CANARY\" }",
            "{ approvals = \"CANARY\", by = [\"CANARY\"], in_order = \"CANARY\" }",
            "\"slack:CANARY\"",
            "\"sk-ant-CANARY\"",
            "\"a\" \"CANARY\"",
            "1 # CANARY",
            "\"\\CANARY\"",
            "\"x\"\nCANARY",
            "\"x\"\n[CANARY",
        ] {
            let mut changed = lines.clone();
            let line = format!("{name}= {value}");
            changed[at] = &line;
            let folder = Folder::new().with("steward.toml", changed.join("\n"));
            let loaded = Settings::load(&Environment::default(), Some(&folder.path().join("steward.toml")), &CATALOGUE);
            if let Err(error) = loaded {
                let said = format!("{error} {error:?}");
                assert!(!said.contains(CANARY) && said.contains("steward.toml line"), "{line}: {said}");
                mistakes += 1;
            }
        }
    }
    assert!(mistakes >= 400, "{mistakes}");
}

#[test]
fn the_sandbox_has_settings_of_its_own() {
    let settings = Settings::for_sandbox(SandboxSettings {
        listen: "127.0.0.1:8080".parse().unwrap(),
        database_url: "sqlite::memory:".into(),
        base_url: "http://127.0.0.1:8080/anthropic".parse().unwrap(),
        admin_key: "sk-ant-admin01-sandbox".into(),
        master_key: MasterKey::generate(&Random::seeded(1)),
        first_admins: vec![account("browser:ada")],
        approvers_channel: channel("browser:approvals"),
        time_zone: TimeZone::get("Europe/Berlin").unwrap(),
    });
    let configuration = &settings.configuration;
    assert_eq!(configuration.command, "/claude");
    assert_eq!(configuration.verified_domains, ["example.com"]);
    assert_eq!(configuration.first_admins, [account("browser:ada")]);
    assert_eq!(configuration.approvers_channel, Some(channel("browser:approvals")));
    let map: Vec<_> = configuration.role_map.iter().map(|it| (it.from.clone(), it.role.as_str())).collect();
    let expected =
        [("browser-group:admins", "admin"), ("browser-group:finance", "billing"), ("browser-group:everyone", "member")];
    assert_eq!(map, expected.map(|(from, role)| (subject(from), role)));
    assert_eq!(configuration.workspace("any").environment, steward::domain::Environment::Production);
    assert!(settings.slack.is_none() && settings.discord.is_none() && settings.config_path.is_none());
    assert_eq!(settings.admin_key().unwrap().expose_secret(), "sk-ant-admin01-sandbox");
    assert_eq!(settings.listeners.webhooks.to_string(), "127.0.0.1:8080");
    let rules = settings.rules().unwrap();
    let environments =
        ["research", "evals", "Production", "sandbox-playground"].map(|it| rules.place(it).environment.as_str());
    assert_eq!(environments, ["dev", "staging", "production", "production"], "what is not named is guarded");
}
