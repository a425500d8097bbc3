//! The operator's listener: alive, ready, metrics, and no word too much.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value;
use steward::claude::{Reader, Settings, connect};
use steward::cli::ClientTime;
use steward::clock::{Clock, moment};
use steward::random::Random;
use steward::sandbox::{Fault, Organization};
use steward::seal::MasterKey;
use steward::server::{Probe, ops, serve};
use steward::store::{Act, Resource, Store, Way};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::bench::{Database, Engine, engines};

/// A listener with everything that it looks at.
struct Ops {
    url: String,
    store: Store,
    clock: Clock,
    organization: Organization,
    listens: Arc<AtomicBool>,
    shutdown: CancellationToken,
    serving: tokio::task::JoinHandle<std::io::Result<()>>,
    database: Database,
}

async fn listening() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

async fn reader(organization: &Organization, key: &str) -> Reader {
    let (listener, url) = listening().await;
    let router = organization.admin_api();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let settings = Settings { base_url: url, ..Settings::new(key.into(), 1) };
    connect(settings, Arc::new(ClientTime(Clock::system()))).unwrap().0
}

impl Ops {
    async fn open(engine: Engine) -> Self {
        let organization = Organization::seeded(7, Clock::system());
        let key = organization.admin_key();
        Self::open_with(engine, organization, &key).await
    }

    async fn open_with(engine: Engine, organization: Organization, key: &str) -> Self {
        let database = Database::migrated(engine).await;
        let store = Store::open(&database.url, &MasterKey::generate(&Random::seeded(1))).await.unwrap();
        let clock = Clock::standing(moment(1_800_000_000_000));
        let listens = Arc::new(AtomicBool::new(true));
        let intake = Arc::clone(&listens);
        let probe = Probe {
            store: store.clone(),
            reader: reader(&organization, key).await,
            clock: clock.clone(),
            intake: Arc::new(move || intake.load(Ordering::SeqCst)),
        };
        let (listener, url) = listening().await;
        let shutdown = CancellationToken::new();
        let serving = tokio::spawn(serve(listener, ops(probe), shutdown.clone()));
        Self { url, store, clock, organization, listens, shutdown, serving, database }
    }

    async fn get(&self, path: &str) -> (u16, String) {
        let client = crate::sandbox_stage::plain_client();
        let answer = client.get(format!("{}{path}", self.url)).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    async fn ready(&self) -> (u16, Value) {
        let (status, text) = self.get("/readyz").await;
        (status, serde_json::from_str(&text).unwrap())
    }

    fn later(&self, seconds: i64) {
        self.clock.advance_to(moment(self.clock.now().as_millisecond() + seconds * 1_000));
    }
}

#[tokio::test]
async fn alive_and_ready() {
    for engine in engines() {
        let ops = Ops::open(engine).await;
        assert_eq!(ops.get("/healthz").await, (200, "ok".to_owned()));
        let (status, answer) = ops.ready().await;
        let all = serde_json::json!({ "database": "ok", "audit": "ok", "admin_key": "ok", "intake": "ok" });
        assert_eq!((status, &answer["ready"], &answer["checks"]), (200, &Value::Bool(true), &all));
        assert_eq!(ops.get("/").await.0, 404);
        let trail = ops.store.verify_audit().await.unwrap();
        assert_eq!((trail.entries, trail.broken), (0, None), "who asks leaves nothing behind");
        ops.listens.store(false, Ordering::SeqCst);
        let (status, answer) = ops.ready().await;
        assert_eq!((status, &answer["checks"]["intake"]), (503, &Value::from("failed")));
    }
}

#[tokio::test]
async fn not_ready_without_its_database() {
    for engine in engines() {
        let ops = Ops::open(engine).await;
        assert_eq!(ops.ready().await.0, 200);
        ops.store.close().await;
        assert_eq!(ops.ready().await.0, 200, "an answer is kept for a moment");
        ops.later(5);
        let (status, answer) = ops.ready().await;
        assert_eq!((status, &answer["checks"]["database"]), (503, &Value::from("failed")));
        assert_eq!(ops.get("/healthz").await.0, 200, "it is alive all the same");
        let (status, text) = ops.get("/metrics").await;
        assert_eq!((status, text.contains("steward_database_up 0")), (200, true), "{text}");
    }
}

#[tokio::test]
async fn not_ready_on_a_trail_that_was_tampered_with() {
    let ops = Ops::open(Engine::Sqlite).await;
    let act = Act { at: ops.clock.now(), actor: "steward", action: "a", about: "b", detail: serde_json::json!({}) };
    let mut tx = ops.store.begin().await.unwrap();
    ops.store.append(&mut tx, &act).await.unwrap();
    ops.store.commit(tx).await.unwrap();
    assert_eq!(ops.ready().await.0, 200);
    let pool = sqlx::SqlitePool::connect(&ops.database.url).await.unwrap();
    sqlx::query("UPDATE audit_head SET mac = ''").execute(&pool).await.unwrap();
    pool.close().await;
    ops.later(5);
    let (status, answer) = ops.ready().await;
    assert_eq!((status, &answer["checks"]["audit"]), (503, &Value::from("failed")));
    assert_eq!(answer["checks"]["database"], "ok");
}

#[tokio::test]
async fn not_ready_with_a_key_that_is_refused() {
    let organization = Organization::seeded(7, Clock::system());
    let ops = Ops::open_with(Engine::Sqlite, organization, "sk-ant-admin01-CANARY").await;
    let (status, text) = ops.get("/readyz").await;
    assert_eq!(status, 503);
    assert!(text.contains("\"admin_key\":\"failed\"") && !text.contains("CANARY"), "{text}");
}

#[tokio::test]
async fn an_outage_upstream_does_not_stop_what_was_ready() {
    let ops = Ops::open(Engine::Sqlite).await;
    assert_eq!(ops.ready().await.0, 200);
    ops.organization.misbehave("/v1/organizations/me", Fault::FailBefore, 1_000);
    ops.later(60);
    assert_eq!(ops.ready().await.0, 200);
    let fresh = Ops::open(Engine::Sqlite).await;
    fresh.organization.misbehave("/v1/organizations/me", Fault::FailBefore, 1_000);
    let (status, answer) = fresh.ready().await;
    assert_eq!(
        (status, &answer["checks"]["admin_key"]),
        (503, &Value::from("unknown")),
        "nobody ever said that it is accepted"
    );
}

#[tokio::test]
async fn asking_often_does_not_spend_the_budget() {
    let ops = Ops::open(Engine::Sqlite).await;
    for _ in 0..50 {
        assert_eq!(ops.ready().await.0, 200);
    }
    assert_eq!(ops.organization.count_seen(|_| true), 1);
    ops.later(20);
    assert_eq!(ops.ready().await.0, 200);
    assert_eq!(ops.organization.count_seen(|_| true), 1);
    ops.later(20);
    assert_eq!(ops.ready().await.0, 200);
    assert_eq!(ops.organization.count_seen(|_| true), 2);
}

/// Samples by name and labels; panics on a line that Prometheus would not read.
fn parsed(text: &str) -> BTreeMap<String, f64> {
    let mut kinds = BTreeMap::new();
    let mut samples = BTreeMap::new();
    for line in text.lines().filter(|it| !it.is_empty()) {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert!(kinds.insert(name.to_owned(), kind.to_owned()).is_none(), "declared twice: {line}");
        } else if !line.starts_with("# HELP ") {
            let (sample, value) = line.rsplit_once(' ').unwrap();
            let name = sample.split('{').next().unwrap();
            assert!(name.starts_with("steward_") && kinds.contains_key(name), "{line}");
            assert!(name.bytes().all(|it| it.is_ascii_lowercase() || it == b'_'), "{line}");
            let labels = sample.strip_prefix(name).unwrap();
            assert!(labels.is_empty() || (labels.starts_with('{') && labels.ends_with("\"}")), "{line}");
            assert!(samples.insert(sample.to_owned(), value.parse().unwrap()).is_none(), "said twice: {line}");
        }
    }
    samples
}

#[tokio::test]
async fn metrics_are_read_from_the_store() {
    for engine in engines() {
        let ops = Ops::open(engine).await;
        metrics::counter!("steward_invocations_total", "verb" => "help", "outcome" => "ok").increment(1);
        ops.store.end_pass(Resource::Members, ops.clock.now()).await.unwrap();
        ops.later(90);
        let (status, text) = ops.get("/metrics").await;
        assert_eq!(status, 200);
        let samples = parsed(&text);
        for (sample, value) in [
            ("steward_database_up", 1.0),
            ("steward_changes{state=\"waiting\"}", 0.0),
            ("steward_changes{state=\"undone\"}", 0.0),
            ("steward_outbox_open", 0.0),
            ("steward_outbox_dead", 0.0),
            ("steward_effects_parked", 0.0),
            ("steward_directory_age_seconds{list=\"members\"}", 90.0),
            ("steward_directory_rows{list=\"api_keys\"}", 0.0),
            ("steward_audit_entries", 0.0),
            ("steward_claude_resting", 0.0),
            ("steward_claude_budget", 100.0),
            ("steward_claude_budget_full", 100.0),
            ("steward_claude_requests_last_minute", 0.0),
            ("steward_audit_head_age_seconds", 0.0),
            ("steward_audit_head_entry", 0.0),
            ("steward_audit_webhook_entry", 0.0),
            ("steward_audit_trail_cut", 0.0),
            ("steward_activity_feed_up", 0.0),
        ] {
            assert_eq!(samples.get(sample), Some(&value), "{sample}: {text}");
        }
        let invocations = samples.iter().find(|(name, _)| name.starts_with("steward_invocations_total{"));
        assert!(invocations.is_some_and(|(_, count)| *count >= 1.0), "what was counted on the way: {text}");
        assert!(!samples.contains_key("steward_directory_age_seconds{list=\"invites\"}"), "never read has no age");
    }
}

/// How the connection to the Admin API fares is told even while it is down.
#[tokio::test]
async fn an_outage_and_a_429_are_seen_in_the_metrics() {
    let ops = Ops::open(Engine::Sqlite).await;
    let figures = async |names: [&'static str; 3]| {
        let samples = parsed(&ops.get("/metrics").await.1);
        names.map(|name| samples[&format!("steward_claude_{name}")])
    };
    let names = ["resting", "budget", "requests_last_minute"];
    ops.organization.misbehave("/v1/organizations/me", Fault::TooManyBare, 1);
    ops.ready().await;
    assert_eq!(figures(names).await.map(Some), [0.0, 50.0, 2.0].map(Some), "halved, and asked again");

    ops.organization.misbehave("/v1/organizations/me", Fault::CutBefore, 1_000);
    while figures(names).await[0] < 1.0 {
        ops.later(60);
        assert_eq!(ops.ready().await.0, 200, "an outage does not stop what was ready");
    }
    let sent = ops.organization.count_seen(|_| true);
    for _ in 0..5 {
        ops.later(60);
        ops.ready().await;
    }
    assert!(ops.organization.count_seen(|_| true) <= sent + 1, "but for a probe");
}

/// How far the trail was carried out, and how long the oldest entry has waited for it.
#[tokio::test]
async fn metrics_tell_how_far_the_trail_was_carried_out() {
    for engine in engines() {
        let ops = Ops::open(engine).await;
        let append = async |about: &str| {
            let mut tx = ops.store.begin().await.unwrap();
            let detail = serde_json::json!({});
            let act = Act { at: ops.clock.now(), actor: "steward", action: "a", about, detail };
            ops.store.append(&mut tx, &act).await.unwrap();
            ops.store.commit(tx).await.unwrap();
        };
        append("one").await;
        ops.later(60);
        append("two").await;
        let before = ops.store.outlet(Way::Head).await.unwrap();
        let mut tx = ops.store.begin().await.unwrap();
        assert!(ops.store.head_told(&mut tx, &before, 1, ops.clock.now()).await.unwrap());
        assert!(!ops.store.head_told(&mut tx, &before, 2, ops.clock.now()).await.unwrap(), "told by one replica only");
        assert!(ops.store.send_entries(&mut tx, 0, 2, ops.clock.now()).await.unwrap());
        assert!(!ops.store.send_entries(&mut tx, 0, 2, ops.clock.now()).await.unwrap(), "one parcel is on its way");
        ops.store.commit(tx).await.unwrap();
        ops.later(30);
        let samples = parsed(&ops.get("/metrics").await.1);
        for (sample, value) in [
            ("steward_audit_head_age_seconds", 30.0),
            ("steward_audit_head_entry", 1.0),
            ("steward_audit_webhook_age_seconds", 90.0),
            ("steward_audit_webhook_entry", 0.0),
            ("steward_audit_webhook_attempts", 0.0),
            ("steward_audit_trail_cut", 0.0),
        ] {
            assert_eq!(samples.get(sample), Some(&value), "{engine:?} {sample}");
        }
        let mut tx = ops.store.begin().await.unwrap();
        ops.store.entries_arrived(&mut tx, 7, ops.clock.now()).await.unwrap();
        ops.store.commit(tx).await.unwrap();
        assert_eq!(parsed(&ops.get("/metrics").await.1).get("steward_audit_trail_cut"), Some(&1.0), "{engine:?}");
    }
}

#[tokio::test]
async fn it_ends_when_it_is_told_to() {
    let ops = Ops::open(Engine::Sqlite).await;
    assert_eq!(ops.get("/healthz").await.0, 200);
    ops.shutdown.cancel();
    tokio::time::timeout(Duration::from_secs(20), ops.serving).await.unwrap().unwrap().unwrap();
    let refused = crate::sandbox_stage::plain_client().get(format!("{}/healthz", ops.url)).send().await;
    assert!(refused.is_err_and(|it| it.is_connect()));
}
