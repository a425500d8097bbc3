//! What a process that delivers keys keeps of them: nothing, in its memory, its log, its files, or anywhere else that is looked at.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::FileExt as _;
use std::process::Stdio;
use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncWriteExt as _;

use super::scanning::Scan;
use crate::bench::{Folder, client, is_full, measured};
use crate::fake::slack::{Mode, Slack};
use crate::slack_program::{Bot, Start, until};

const STOCK: &str = "[workspaces.research]\nenvironment = \"dev\"\nissuer = \"stock\"\nlow_stock = 0\n\
                     [quotas]\nkeys_per_person = 1000\n";
/// How long after the last reveal the memory is looked at.
const LATER: Duration = Duration::from_secs(5);

/// Makes keys in the Console and loads them by the command line. Answers them.
async fn stocked(bot: &Bot, count: usize) -> Vec<String> {
    let mut secrets = Vec::new();
    for at in 0..count {
        let order =
            json!({ "as": "ada", "workspace": "research", "name": format!("by hand {at}"), "kind": "workspace" });
        let made = bot.organization.post("/api/console/key", &order).await;
        secrets.push(made["secret"].as_str().unwrap().to_owned());
    }
    let mut load = bot.beside();
    load.args(["stock", "add", "--workspace", "research", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut load = load.stderr(Stdio::inherit()).spawn().unwrap();
    load.stdin.take().unwrap().write_all(secrets.join("\n").as_bytes()).await.unwrap();
    let done = load.wait_with_output().await.unwrap();
    let said = String::from_utf8(done.stdout).unwrap();
    assert!(said.contains(&format!("{count} loaded, 0 refused, 0 waiting")), "{said}");
    secrets
}

/// Ada asks for a key, presses "Reveal", and reads it. Answers the key.
async fn delivered(bot: &Bot, number: usize) -> String {
    bot.says(&bot.ada, &format!("/claude key request --workspace research --purpose load --name k{number}")).await;
    until("the key is offered", || offer(&bot.fake, &bot.ada, number).is_some()).await;
    let offer = offer(&bot.fake, &bot.ada, number).unwrap();
    bot.fake.press(&bot.ada, &offer, "Reveal").await.acknowledged();
    until("the key is shown", || shown(&bot.fake, &bot.ada).is_some()).await;
    let key = shown(&bot.fake, &bot.ada).unwrap();
    bot.fake.closes(&bot.ada).await;
    key
}

/// The direct message that offers the key of this number.
pub(super) fn offer(fake: &Slack, to: &str, number: usize) -> Option<String> {
    let name = format!("k{number} for research is ready");
    let all = fake.messages(&fake.direct(to));
    all.into_iter().rev().find(|it| it.body.to_string().contains(&name)).map(|it| it.ts)
}

/// The key in the dialog that somebody has open.
pub(super) fn shown(fake: &Slack, to: &str) -> Option<String> {
    let view = fake.views(to).pop()?.to_string();
    let key = &view[view.find("sk-ant-api03-")?..];
    Some(key.chars().take_while(|it| it.is_ascii_alphanumeric() || "-_".contains(*it)).collect())
}

/// The memory of a process, one writable mapping after the other. None: this machine does not let us look.
fn memory(process: u32) -> Option<BTreeMap<String, Vec<u8>>> {
    let memory = match File::open(format!("/proc/{process}/mem")) {
        Ok(memory) => memory,
        Err(error) if error.kind() == ErrorKind::PermissionDenied => return None,
        Err(error) => panic!("{error}"),
    };
    let maps = std::fs::read_to_string(format!("/proc/{process}/maps")).unwrap();
    let mut all = BTreeMap::new();
    for line in maps.lines() {
        let mut words = line.split_whitespace();
        let (range, may) = (words.next().unwrap(), words.next().unwrap());
        let (from, to) = range.split_once('-').unwrap();
        let [from, to] = [from, to].map(|it| u64::from_str_radix(it, 16).unwrap());
        if !may.starts_with("rw") {
            continue;
        }
        let mut bytes = vec![0; usize::try_from(to - from).unwrap()];
        // A mapping may have gone since it was listed.
        if memory.read_exact_at(&mut bytes, from).is_ok() {
            all.insert(format!("{range} {}", words.last().unwrap_or_default()), bytes);
        }
    }
    Some(all)
}

/// What is around a place, for whoever has to find out what left it there.
fn around(bytes: &[u8], at: usize) -> String {
    let part = &bytes[at.saturating_sub(160)..(at + 160).min(bytes.len())];
    part.iter().map(|it| if (32..127).contains(it) { char::from(*it) } else { '.' }).collect()
}

/// In both modes: the fake, the organization and this test are other processes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivered_key_is_in_one_dialog_and_in_no_memory() {
    // Not much more than what the organization lets an admin key call in a minute.
    let count = if is_full() { 8 } else { 1 };
    for mode in [Mode::Socket, Mode::Http] {
        let logs = Folder::new();
        let log = logs.path().join("log");
        let bot = Bot::start_with(Start { mode, configuration: STOCK, log: Some(&log) }).await;
        bot.links(&bot.ada).await;
        let secrets = stocked(&bot, count).await;
        let mut keys = Vec::new();
        for number in 0..count {
            keys.push(delivered(&bot, number).await);
        }
        assert!(keys.iter().all(|it| secrets.contains(it)), "they are the ones that were made");
        let scan = Scan::of(secrets.iter().map(String::as_str));
        tokio::time::sleep(LATER).await;

        let process = bot.child.id().unwrap();
        look_at_memory(&scan, &bot, mode);
        for what in ["environ", "cmdline"] {
            scan.is_not_in(what, &std::fs::read(format!("/proc/{process}/{what}")).unwrap());
        }
        let metrics = client().get(format!("http://{}/metrics", bot.ops)).send().await.unwrap().bytes().await.unwrap();
        assert!(!metrics.is_empty());
        scan.is_not_in("the metrics", &metrics);
        let logged = std::fs::read(&log).unwrap();
        assert!(logged.len() > 1_000, "the log is written");
        scan.is_not_in("the log", &logged);
        look_at_files(&scan, &bot);
        look_at_slack(&scan, &bot.fake, count);
        bot.stop().await;
    }
}

fn look_at_memory(scan: &Scan, bot: &Bot, mode: Mode) {
    let process = bot.child.id().unwrap();
    let way = if mode == Mode::Socket { "Socket Mode" } else { "HTTP mode" };
    let told = format!("delivered keys in memory after {} s, {way}", LATER.as_secs());
    let Some(memory) = memory(process) else {
        measured(&told, "not measurable: this user may not read the memory of another process", 0, true);
        return;
    };
    // What it has to hold is found, so what it does not hold would be.
    let held = Scan::of([bot.admin_key.as_str()]);
    assert!(memory.values().any(|bytes| held.find(bytes).is_some()), "the admin key is found");
    let mut found = Vec::new();
    for (place, bytes) in &memory {
        let mut from = 0;
        while let Some((at, form)) = scan.find(&bytes[from..]) {
            found.push(format!("{form} in {place}: {}", around(bytes, from + at)));
            from += at + 1;
        }
    }
    let size: usize = memory.values().map(Vec::len).sum();
    found.iter().take(12).for_each(|it| eprintln!("{it}"));
    measured(&told, format!("{} in {} MiB", found.len(), size >> 20), 0, found.is_empty() && size > 1 << 20);
}

/// The database with its write-ahead log, and whatever else lies where it was started.
fn look_at_files(scan: &Scan, bot: &Bot) {
    let mut names = Vec::new();
    for file in std::fs::read_dir(bot.folder.path()).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            scan.is_not_in(&name, &std::fs::read(&path).unwrap());
            names.push(name);
        }
    }
    assert!(names.iter().any(|it| it.ends_with("-wal")), "the database is there: {names:?}");
}

/// Everything that went to Slack and came back: the key is in one kind of call, and in what answers that.
pub(super) fn look_at_slack(scan: &Scan, fake: &Slack, count: usize) {
    let mut shown = 0;
    for said in fake.said() {
        if said.path == "/api/views.update" {
            shown += usize::from(said.is_in && scan.find(&said.bytes).is_some());
        } else {
            scan.is_not_in(&said.path, &said.bytes);
        }
    }
    assert_eq!(shown, count, "each key was shown once");
}
