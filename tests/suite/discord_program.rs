//! `steward init`, `doctor` and `run` as they are built, between a fake Discord and the simulated organization of a
//! `steward sandbox`: as a newcomer who follows the README has them.

use std::process::{Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use steward::clock::Clock;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};

use crate::bench::{Folder, is_full, measured};
use crate::fake::discord::{APPLICATION, Discord, Fault, Mode, TOKEN, hex, signing_key};
use crate::sandbox_program::Program;
use crate::slack_program::{free_address, until};

const PATIENCE: Duration = Duration::from_secs(90);

/// A house in a folder of its own, set up with `steward init`.
struct House {
    fake: Discord,
    mode: Mode,
    organization: Program,
    folder: Folder,
    listen: String,
    ada: String,
    mira: String,
    general: String,
    approvals: String,
}

impl House {
    async fn set_up(mode: Mode) -> Self {
        let fake = Discord::open(mode, Arc::new(|| Clock::system().now().as_millisecond())).await;
        let [ada, mira] = ["ada", "mira"].map(|name| fake.user(name, |_| {}));
        let [general, approvals] = [(); 2].map(|()| fake.channel(|_| {}));
        let organization = Program::start().await;
        let listen = free_address();
        let house = Self { fake, mode, organization, folder: Folder::new(), listen, ada, mira, general, approvals };
        let state = house.organization.get("/api/state").await;
        let key = if mode == Mode::Http { hex(signing_key().verifying_key().as_bytes()) } else { String::new() };
        // The key, yes, database, master key, domains, the first admin, zone, no Slack; Discord: application, token, public key.
        let answers = format!(
            "{}\ny\n\n\n\ndiscord:{}\nEurope/Berlin\n\n{APPLICATION}\n{TOKEN}\n{key}\n",
            state["admin_key"].as_str().unwrap(),
            house.ada
        );
        let init = house.runs(&["init"], &answers).await;
        let said = String::from_utf8_lossy(&init.stderr).into_owned();
        assert!(init.status.success(), "{said}");
        assert!(said.contains("https://discord.com/oauth2/authorize?client_id="), "the link that adds the bot: {said}");
        assert!(said.contains("The company's server is \"Meridian\".") && !said.contains(TOKEN), "{said}");
        let path = house.folder.path().join("steward.toml");
        let written = std::fs::read_to_string(&path).unwrap();
        let channel = format!("approvers_channel = \"discord:{}\"\n", house.approvals);
        std::fs::write(path, format!("{channel}{written}")).unwrap();
        house
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_steward"));
        command
            .env_clear()
            .env("STEWARD_LISTEN", &self.listen)
            .env("STEWARD_OPS_LISTEN", free_address())
            .env("ANTHROPIC_BASE_URL", format!("{}/anthropic", self.organization.address))
            .env("DISCORD_API_URL", self.fake.url())
            .current_dir(self.folder.path())
            .kill_on_drop(true);
        if self.folder.path().join("secrets").exists() {
            // Both addresses were written down.
            command.env_remove("ANTHROPIC_BASE_URL").env_remove("DISCORD_API_URL");
            command.env("STEWARD_SECRETS_DIR", self.folder.path().join("secrets"));
        }
        command
    }

    async fn runs(&self, words: &[&str], input: &str) -> Output {
        let mut command = self.command();
        command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input.as_bytes()).await.unwrap();
        drop(stdin);
        tokio::time::timeout(PATIENCE, child.wait_with_output()).await.expect("it ends in time").unwrap()
    }

    /// What the doctor finds, a line each.
    async fn doctor(&self) -> String {
        let said = self.runs(&["doctor"], "").await;
        String::from_utf8_lossy(&said.stdout).into_owned()
    }

    /// Starts `steward run`, and waits until commands come in.
    async fn starts(&self) -> (Child, String) {
        let mut command = self.command();
        command.arg("run").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = command.spawn().unwrap();
        self.fake.delivers_to(&format!("http://{}", self.listen));
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("it starts in time").unwrap();
        if self.mode == Mode::Gateway {
            until("it is connected", || self.fake.link_count() == 1).await;
        }
        let scope = format!("guilds/{}/commands", crate::fake::discord::GUILD);
        until("the commands are there", || self.fake.commands(&scope).is_some()).await;
        (child, first.expect("it says where it runs"))
    }

    /// Says a command, and answers what its person was told.
    async fn says(&self, who: &str, line: &str) -> String {
        let told = self.fake.says(who, &self.general, line).await.acknowledged();
        until("it is answered", || !self.fake.results(&told.id).is_empty()).await;
        self.fake.results(&told.id)[0].body.to_string()
    }

    async fn ends(self, mut child: Child) {
        let id = child.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().await.unwrap().success());
        let ended = tokio::time::timeout(PATIENCE, child.wait()).await.expect("it ends in time").unwrap();
        assert!(ended.success(), "{ended:?}");
        assert_eq!(self.fake.trouble(), Vec::<String>::new());
        self.organization.kill().await;
    }
}

#[tokio::test]
async fn the_program_in_discord_is_set_up_and_invites_somebody() {
    for mode in [Mode::Gateway, Mode::Http] {
        let house = House::set_up(mode).await;
        let before = house.doctor().await;
        assert!(before.contains("the bot is in the server \"Meridian\""), "{before}");
        assert!(before.contains("not registered: claude, Report leaked key"), "{before}");
        assert!(before.contains(&format!("the bot sees discord:{}", house.approvals)), "{before}");
        if mode == Mode::Http {
            house.fake.fault("PUT /api/v10/applications", Fault::Status(502), 1);
        }
        let (child, said) = house.starts().await;
        let way = if mode == Mode::Gateway { "(gateway)" } else { "(HTTP mode, on " };
        assert!(said.contains("the Discord server \"Meridian\"") && said.contains(way), "{said}");
        let after = house.doctor().await;
        assert!(after.contains("they are registered") && after.contains("0 to mend"), "{after}");
        let attest = format!("/claude link --attest @discord:{} --as mira@example.com", house.mira);
        for turn in 0.. {
            let told = house.says(&house.ada, &attest).await;
            if told.contains("is linked to Mira Chen") {
                break;
            }
            assert!(turn < 500 && told.contains("has not been read yet"), "{told}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let told = house.says(&house.mira, "/claude invite lea@example.com").await;
        assert!(told.contains("Asked: invite lea@example.com"), "{told}");
        // Beside it stands what was changed in the organization before Steward came.
        let card = || {
            let all = house.fake.messages(&house.approvals);
            all.into_iter().find(|it| it.body.to_string().contains("lea@example.com"))
        };
        until("the card is there", || card().is_some()).await;
        let card = card().unwrap();
        house.fake.press(&house.ada, &card.id, "Approve").await.acknowledged();
        let done = || house.fake.message(&card.id).unwrap().body.to_string().contains("Done");
        until("it is done", done).await;
        house.ends(child).await;
    }
}

/// The memory that the program costs: what it shares with others counts in part.
fn proportional_kib(child: &Child, field: &str) -> u64 {
    let rollup = std::fs::read_to_string(format!("/proc/{}/smaps_rollup", child.id().unwrap())).unwrap();
    let line = rollup.lines().find_map(|it| it.strip_prefix(field)).unwrap();
    line.trim().trim_end_matches(" kB").trim().parse().unwrap()
}

#[tokio::test]
#[ignore = "a measurement: tests/run --full"]
async fn measure_the_program_in_discord() {
    for mode in [Mode::Gateway, Mode::Http] {
        let house = House::set_up(mode).await;
        let (child, _) = house.starts().await;
        house.says(&house.ada, "/claude help").await;
        tokio::time::sleep(Duration::from_secs(5)).await;
        let [used, own] = ["Pss:", "Pss_Anon:"].map(|field| proportional_kib(&child, field));
        measured(&format!("steward run in Discord, {mode:?}, of that its own, KiB"), own, "-", true);
        // A program with its debug information is larger.
        let is_kept = used < 20_480 || !is_full();
        measured(&format!("steward run in Discord, {mode:?}, proportional when idle, KiB"), used, "20480", is_kept);
        house.ends(child).await;
    }
}
