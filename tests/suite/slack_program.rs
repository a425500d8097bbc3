//! `steward run` as it is built, between a fake Slack and the simulated organization of a `steward sandbox`: as a newcomer who
//! follows the README has it.

use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use steward::clock::Clock;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::bench::Folder;
use crate::fake::slack::{APP_TOKEN, BOT_TOKEN, Mode, SIGNING_SECRET, Slack, TEAM};
use crate::sandbox_program::Program;

/// A fast machine uses up what may be called in a minute, and waits for the next one.
const PATIENCE: Duration = Duration::from_secs(90);
/// Commands that are measured, and how many of them are said at a time.
const COMMANDS: usize = 100_000;
const AT_A_TIME: usize = 50;

/// A running `steward run`, with what it speaks to.
pub(crate) struct Bot {
    pub(crate) fake: Slack,
    pub(crate) organization: Program,
    pub(crate) child: Child,
    /// What it said first.
    pub(crate) said: String,
    /// From its start until commands come in.
    connected: Duration,
    pub(crate) ada: String,
    pub(crate) mira: String,
    pub(crate) general: String,
    approvals: String,
    pub(crate) folder: Folder,
    /// Of the organization.
    pub(crate) admin_key: String,
    /// Where health, readiness and metrics are.
    pub(crate) ops: String,
}

/// How the program is started.
#[derive(Clone, Copy)]
pub(crate) struct Start<'a> {
    pub(crate) mode: Mode,
    /// What stands at the end of its configuration.
    pub(crate) configuration: &'a str,
    /// Where it writes its log at every level; nowhere, and to where the test's own goes, if that is not said.
    pub(crate) log: Option<&'a std::path::Path>,
}

impl Bot {
    async fn start(mode: Mode) -> Self {
        Self::start_with(Start { mode, configuration: "", log: None }).await
    }

    pub(crate) async fn start_with(start: Start<'_>) -> Self {
        let mode = start.mode;
        let fake = Slack::open(mode, Arc::new(|| Clock::system().now().as_millisecond())).await;
        let person = |name: &str| fake.user(name, |it| it.email = Some(format!("{name}@example.com")));
        let (ada, mira) = (person("ada"), person("mira"));
        let (general, approvals) = (fake.channel("general", |_| {}), fake.channel("approvals", |_| {}));
        let organization = Program::start().await;
        let admin_key = organization.get("/api/state").await["admin_key"].as_str().unwrap().to_owned();
        let folder = Folder::new();
        let configuration = format!(
            "command = \"/claude\"\nverified_domains = [\"example.com\"]\nfirst_admins = [\"slack:{TEAM}/{ada}\"]\n\
             approvers_channel = \"slack:{approvals}\"\n{}",
            start.configuration
        );
        std::fs::write(folder.path().join("steward.toml"), configuration).unwrap();
        let mut command = program(&folder, &organization, &admin_key);
        // In HTTP mode the fake has to know where to, before the bot says so.
        let (listen, ops) = (free_address(), free_address());
        command
            .arg("run")
            .env("SLACK_BOT_TOKEN", BOT_TOKEN)
            .env("SLACK_API_URL", fake.api_url())
            .env("STEWARD_LISTEN", &listen)
            .env("STEWARD_OPS_LISTEN", &ops);
        match mode {
            Mode::Socket => command.env("SLACK_APP_TOKEN", APP_TOKEN),
            Mode::Http => command.env("SLACK_SIGNING_SECRET", SIGNING_SECRET),
        };
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        if let Some(log) = start.log {
            command.env("STEWARD_LOG", "trace").stderr(std::fs::File::create(log).unwrap());
        }
        let begun = Instant::now();
        let mut child = command.kill_on_drop(true).spawn().unwrap();
        if mode == Mode::Http {
            fake.delivers_to(&format!("http://{listen}"));
        }
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("it starts in time").unwrap();
        let said = first.expect("it says where it runs");
        if mode == Mode::Socket {
            until("it is connected", || fake.link_count() >= 1).await;
        }
        let connected = begun.elapsed();
        Self { fake, organization, child, said, connected, ada, mira, general, approvals, folder, admin_key, ops }
    }

    /// A command on the same database, beside it.
    pub(crate) fn beside(&self) -> Command {
        program(&self.folder, &self.organization, &self.admin_key)
    }

    pub(crate) async fn says(&self, who: &str, line: &str) {
        self.fake.says(who, &self.general, line).await.acknowledged();
    }

    /// Somebody says who they are, as soon as the members are known.
    pub(crate) async fn links(&self, who: &str) {
        for count in 1..1_000 {
            self.says(who, "/claude link").await;
            let told = self.whispered(who, count).await;
            if told.contains("@example.com") {
                return;
            }
            assert!(told.contains("has not been read yet"), "{told}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the members are never read");
    }

    /// What somebody alone was told last in the channel, once it was so often.
    pub(crate) async fn whispered(&self, who: &str, count: usize) -> String {
        until("it is answered", || self.fake.ephemerals(who).len() >= count).await;
        self.fake.ephemerals(who).last().unwrap().body.to_string()
    }

    fn resident_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id().unwrap())).unwrap();
        let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").trim().parse().unwrap()
    }

    /// Ends it as an operator does.
    pub(crate) async fn stop(mut self) {
        let id = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().await.unwrap().success());
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await.expect("it ends in time").unwrap();
        assert!(ended.success(), "{ended:?}");
        self.organization.kill().await;
    }
}

/// The program in this folder, for this organization.
fn program(folder: &Folder, organization: &Program, admin_key: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_steward"));
    command
        .env_clear()
        .env("STEWARD_MASTER_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
        .env("ANTHROPIC_ADMIN_KEY", admin_key)
        .env("ANTHROPIC_BASE_URL", format!("{}/anthropic", organization.address))
        .current_dir(folder.path());
    command
}

pub(crate) fn free_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

pub(crate) async fn until(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "never: {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test]
async fn the_program_in_slack_invites_somebody_after_an_admin_agreed() {
    for mode in [Mode::Socket, Mode::Http] {
        let bot = Bot::start(mode).await;
        let way = if mode == Mode::Socket { "(Socket Mode)" } else { "(HTTP mode, on " };
        assert!(bot.said.contains(way), "{}", bot.said);
        for who in [&bot.ada, &bot.mira] {
            bot.links(who).await;
        }
        bot.fake.forgets();
        bot.says(&bot.mira, "/claude invite lea@example.com").await;
        bot.whispered(&bot.mira, 1).await;
        // Beside it may stand what was changed in the organization before Steward came.
        let card = || {
            let all = bot.fake.messages(&bot.approvals);
            all.into_iter().find(|it| it.body.to_string().contains("lea@example.com"))
        };
        until("the card is there", || card().is_some()).await;
        bot.fake.press(&bot.ada, &card().unwrap().ts, "Approve").await.acknowledged();
        until("it is done", || card().unwrap().body["text"].as_str().unwrap().contains("Done")).await;
        assert_eq!(bot.fake.trouble(), Vec::<String>::new());
        bot.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement: tests/run --full"]
async fn measure_the_program_in_slack() {
    let mut starts = Vec::new();
    for _ in 0..4 {
        let bot = Bot::start(Mode::Socket).await;
        starts.push(bot.connected.as_millis());
        bot.stop().await;
    }
    let bot = Bot::start(Mode::Socket).await;
    starts.push(bot.connected.as_millis());
    starts.sort_unstable();
    crate::bench::measured("steward run, start to connected, ms, worst of 5", starts[4], "100", starts[4] < 100);
    bot.links(&bot.mira).await;
    crate::bench::measured("steward run, resident when idle, KiB", bot.resident_kib(), "-", true);
    let begun = Instant::now();
    for _ in 0..COMMANDS / AT_A_TIME {
        bot.fake.forgets();
        let lines = ["/claude help", "/claude member list", "/claude help member", "/claude status", "/claude whoami"];
        let said = (0..AT_A_TIME).map(|at| bot.says(&bot.mira, lines[at % lines.len()]));
        futures_util::future::join_all(said).await;
        until("all are answered", || bot.fake.ephemerals(&bot.mira).len() == AT_A_TIME).await;
    }
    let resident = bot.resident_kib();
    crate::bench::measured(
        "steward run, commands a second, Socket Mode",
        COMMANDS as u64 / begun.elapsed().as_secs().max(1),
        "-",
        true,
    );
    crate::bench::measured("steward run, resident after 100,000 commands, KiB", resident, "40960", resident < 40_960);
    bot.stop().await;
}
