//! A million rows of usage, read by `steward usage backfill` from an organization in another process, beside a Python script that
//! reads the same pages: processor time, memory, the file, and the summary of thirty days.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;
use steward::clock::{Clock, Moment, moment};
use steward::domain::{Dimension, Scope, SpendQuery};
use steward::sandbox::{Metered, More, Organization};
use steward::seal::MasterKey;
use steward::store::Store;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use super::judge::DAY_MS;
use crate::bench::{Database, Engine, Folder, engines, is_full, measured};

/// Tells the organization's process how many parts there are; absent in every other run of the test below.
const PARTS: &str = "STEWARD_TEST_MILLION";
const MASTER: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const HOUR_MS: i64 = 3_600_000;
/// The days whose hours are read one by one, and all of them: those before are read as days. Each costs calls, of which there are so
/// many in a minute.
fn spans() -> (i64, i64) {
    if is_full() { (30, 90) } else { (6, 18) }
}

const MODELS: [&str; 6] =
    ["claude-opus-5-5", "claude-opus-5", "claude-sonnet-5", "claude-sonnet-4-5", "claude-haiku-4-5", "claude-opus-4-1"];

/// The day that runs; just after midnight the one before, of which everything is told.
fn today() -> i64 {
    (Clock::system().now().as_millisecond() - 15 * 60_000) / DAY_MS * DAY_MS
}

/// Not a test of its own: the organization's process, which the test below starts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_organization() {
    let Ok(parts) = std::env::var(PARTS) else { return };
    let parts: i64 = parts.parse().unwrap();
    let organization = Organization::empty(7, Clock::system());
    organization.lift_rate_limit();
    organization.switch_analytics(false);
    let today = today();
    let (by_hour, all) = spans();
    let hours = (today - by_hour * DAY_MS..today).step_by(usize::try_from(HOUR_MS).unwrap());
    let days = (today - all * DAY_MS..today - by_hour * DAY_MS).step_by(usize::try_from(DAY_MS).unwrap());
    for at in days.chain(hours) {
        for part in 0..parts {
            organization.use_key(used(part, at));
        }
    }
    let router = axum::Router::new().nest("/anthropic", organization.admin_api());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("serves http://{}/anthropic {}", listener.local_addr().unwrap(), organization.admin_key());
    axum::serve(listener, router).await.unwrap();
}

/// What a part, a key with a model, used in the hour of `at`.
fn used(part: i64, at: i64) -> Metered {
    let key = part % 200;
    let model = usize::try_from(part / 200 % 6).unwrap();
    // In two regions, where one key uses one model twice. Not in two tiers: what is used in a batch is told late.
    let us = part >= 1_200;
    Metered {
        key_id: format!("apikey_01SomebodysKeyThatIsLong{key:04}"),
        workspace_id: format!("wrkspc_01AWorkspaceOfTheirs{:02}", key % 20),
        model: MODELS[model].to_owned(),
        minute: moment(at + (part % 60) * 60_000),
        requests: 3,
        input_tokens: 1_000 + (part * 7 + at / HOUR_MS) % 911,
        output_tokens: 500 + (part * 3 + at / HOUR_MS) % 313,
        more: More { cache_read: 4_000, us, ..More::default() },
    }
}

/// What a process took, looked at until it ended.
#[derive(Clone, Copy, Debug, Default)]
struct Taken {
    cpu_ms: u64,
    peak_kib: u64,
}

async fn watched(mut child: Child) -> (Taken, String) {
    let id = child.id().unwrap();
    let mut out = child.stdout.take().unwrap();
    let reading = tokio::spawn(async move {
        let mut text = String::new();
        tokio::io::AsyncReadExt::read_to_string(&mut out, &mut text).await.unwrap();
        text
    });
    let mut taken = Taken::default();
    let ended = loop {
        if let Some(now) = look(id) {
            taken = Taken { cpu_ms: taken.cpu_ms.max(now.cpu_ms), peak_kib: taken.peak_kib.max(now.peak_kib) };
        }
        if let Ok(ended) = tokio::time::timeout(Duration::from_millis(10), child.wait()).await {
            break ended.unwrap();
        }
    };
    let said = reading.await.unwrap();
    assert!(ended.success(), "{said}");
    (taken, said)
}

/// Processor time and peak memory so far; none once it has ended. Linux counts in hundredths of a second.
fn look(process: u32) -> Option<Taken> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let words: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = words.get(11)?.parse::<u64>().ok()? + words.get(12)?.parse::<u64>().ok()?;
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let peak = status.lines().find_map(|it| it.strip_prefix("VmHWM:"))?;
    Some(Taken { cpu_ms: ticks * 10, peak_kib: peak.trim().trim_end_matches(" kB").trim().parse().ok()? })
}

struct Serving {
    _child: Child,
    url: String,
    key: String,
}

async fn organization(parts: i64) -> Serving {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "spend::million::the_organization", "--nocapture", "--test-threads=1"])
        .env(PARTS, parts.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        if let Some((url, key)) = line.rsplit_once("serves ").and_then(|it| it.1.split_once(' ')) {
            return Serving { _child: child, url: url.to_owned(), key: key.to_owned() };
        }
    }
    panic!("the organization does not serve");
}

fn steward(serving: &Serving, database: &str, arguments: &[&str], folder: &Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_steward"));
    command.env_clear().env("STEWARD_MASTER_KEY", MASTER).env("DATABASE_URL", database).current_dir(folder);
    command.env("ANTHROPIC_ADMIN_KEY", &serving.key).env("ANTHROPIC_BASE_URL", &serving.url);
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true).spawn().unwrap()
}

/// The days that are read by the hour, by model, key and person: how long the store takes, and the tokens.
async fn summary(database: &str, today: i64) -> (Duration, i64) {
    let store = Store::open(database, &MasterKey::parse(&MASTER.into()).unwrap()).await.unwrap();
    let (from, to): (Moment, Moment) = (moment(today - spans().0 * DAY_MS), moment(today));
    let (begun, mut tokens) = (Instant::now(), 0);
    for by in [Dimension::Model, Dimension::Key, Dimension::Person] {
        let query = SpendQuery { scope: Scope::Organization, from, to, by: vec![by] };
        tokens = store.spend(&query).await.unwrap().iter().map(|it| it.tokens).sum();
    }
    let took = begun.elapsed();
    store.close().await;
    (took, tokens)
}

/// All tokens of those days.
fn expected(parts: i64, today: i64) -> i64 {
    let days = spans().0;
    let hours = (0..days * 24).map(|hour| today - days * DAY_MS + hour * HOUR_MS);
    let all = hours.flat_map(|hour| (0..parts).map(move |part| used(part, hour)));
    all.map(|it| it.input_tokens + it.output_tokens + it.more.cache_read).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_million_rows_are_read_and_summed_up() {
    let parts = if is_full() { 1_300 } else { 60 };
    let (by_hour, days) = spans();
    let rows = parts * (by_hour * 24 + days - by_hour);
    let serving = organization(parts).await;
    let (today, folder) = (today(), Folder::new());
    let expected = expected(parts, today);
    let python = if is_full() { Some(by_python(&serving, folder.path(), today, (rows, expected)).await) } else { None };
    for engine in engines() {
        let own = Database::fresh(engine).await;
        let from = moment(today - days * DAY_MS).strftime("%Y-%m-%d").to_string();
        watched(steward(&serving, &own.url, &["migrate"], folder.path())).await;
        let backfill = steward(&serving, &own.url, &["usage", "backfill", "--from", &from], folder.path());
        let (taken, said) = watched(backfill).await;
        assert!(said.contains("is read"), "{said}");
        let (took, tokens) = summary(&own.url, today).await;
        assert_eq!(tokens, expected, "{engine:?}: every row was counted once");
        let Some((python, python_summary, python_size)) = python else { continue };
        let compared = engine == Engine::Sqlite;
        let ratio = |one: f64, other: f64| one / other.max(1e-9);
        #[expect(clippy::cast_precision_loss, reason = "these are printed, not added up")]
        let cpu = ratio(taken.cpu_ms as f64, python.cpu_ms as f64);
        let told = format!("{rows} rows read, processor time beside Python's {} ms, {engine:?}", python.cpu_ms);
        measured(&told, format!("{cpu:.2}x ({} ms)", taken.cpu_ms), "0.55x", !compared || cpu <= 0.55);
        let summed = ratio(took.as_secs_f64() * 1_000.0, python_summary);
        let told = format!("summary of 30 days beside Python's {python_summary:.0} ms, {engine:?}");
        measured(&told, format!("{summed:.2}x ({} ms)", took.as_millis()), "0.10x", !compared || summed <= 0.10);
        let told = format!("peak memory of the backfill, {engine:?}");
        measured(&told, format!("{} MB", taken.peak_kib >> 10), "80 MB", taken.peak_kib < 80 << 10);
        if let Some(path) = own.url.strip_prefix("sqlite://").filter(|_| compared) {
            let size = std::fs::metadata(path.split('?').next().unwrap()).unwrap().len();
            #[expect(clippy::cast_precision_loss, reason = "these are printed, not added up")]
            let part = ratio(size as f64, python_size as f64);
            let told = format!("file beside Python's {} MB", python_size >> 20);
            measured(&told, format!("{part:.2}x ({} MB)", size >> 20), "0.5x", part <= 0.5);
        }
    }
}

/// Killed by the system again and again, wherever it happens to be, it goes on there: nothing is missing, nothing counts twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_it_reads_it_goes_on_there() {
    let parts = 60;
    let serving = organization(parts).await;
    let (today, folder) = (today(), Folder::new());
    let from = moment(today - spans().1 * DAY_MS).strftime("%Y-%m-%d").to_string();
    let backfill = ["usage", "backfill", "--from", &*from];
    for engine in engines() {
        let own = Database::fresh(engine).await;
        watched(steward(&serving, &own.url, &["migrate"], folder.path())).await;
        let mut killed = 0;
        for kill in 0..if is_full() { 100 } else { 5 } {
            let mut child = steward(&serving, &own.url, &backfill, folder.path());
            let patience = Duration::from_millis(150 + 97 * (kill % 17));
            if tokio::time::timeout(patience, child.wait()).await.is_err() {
                child.kill().await.unwrap();
                killed += 1;
            }
        }
        let (_, said) = watched(steward(&serving, &own.url, &backfill, folder.path())).await;
        assert!(said.contains("is read"), "{said}");
        assert_eq!(summary(&own.url, today).await.1, expected(parts, today), "{engine:?}");
        measured(&format!("kills while usage is read, {engine:?}"), killed, "no gap, nothing twice", killed > 0);
    }
}

/// Processor time, the summary in milliseconds, and the size of the file.
async fn by_python(serving: &Serving, folder: &Path, today: i64, (rows, tokens): (i64, i64)) -> (Taken, f64, u64) {
    let script = folder.join("million.py");
    std::fs::write(&script, include_str!("million.py")).unwrap();
    let database = folder.join("python.db");
    let (by_hour, all) = spans();
    let times = [today, today - by_hour * DAY_MS, today - all * DAY_MS].map(|it| (it / 1_000).to_string());
    let child = Command::new("python3")
        .arg(&script)
        .args([&serving.url, &serving.key])
        .arg(&database)
        .args(times)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("python3 is there");
    let (taken, said) = watched(child).await;
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(
        (said["rows"].as_i64(), said["tokens"].as_i64()),
        (Some(rows), Some(tokens)),
        "the script read the same"
    );
    (taken, said["summary_ms"].as_f64().unwrap(), std::fs::metadata(&database).unwrap().len())
}
