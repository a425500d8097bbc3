//! A disk that is full: said as such, nothing half-written, and everything goes on once there is room.

use std::io::BufRead as _;
use std::process::{Command, Stdio};
use std::sync::Arc;

use serde_json::{Value, json};
use steward::chat::{Account, Invocation, InvocationId, Place, Said, Says};
use steward::clock::{Clock, moment};
use steward::command::split;
use steward::sandbox::Organization;

use crate::bench::{Engine, engines};
use crate::stage::{BEGIN, Chat, HouseParts, Stage, build, open_store, rules};

/// Tells the child what to do; absent in every other run of the test below.
const ORDERS: &str = "STEWARD_TEST_FULL_DISK";
/// The largest file that the child may write, in blocks of 512 bytes: room for some requests, and not for many.
const BLOCKS: u32 = 9_500;

/// Not a test of its own: the process that the test below starts with a bound on the size of its files, which to a
/// database is a full disk. Without orders there is nothing to do.
#[tokio::test]
async fn the_child() {
    let Ok(orders) = std::env::var(ORDERS) else { return };
    let orders: Value = serde_json::from_str(&orders).unwrap();
    let word = |name: &str| orders[name].as_str().unwrap().to_owned();
    let chat = Arc::new(Chat::default());
    for player in Organization::seeded(7, Clock::standing(BEGIN.parse().unwrap())).cast() {
        chat.seat(&player);
    }
    let clock = Clock::standing(moment(orders["now"].as_i64().unwrap()));
    let mira = Account::browser("mira");
    let standing = chat.standing_of(&mira);
    let parts = HouseParts {
        store: open_store(&word("database")).await,
        upstream: word("upstream").parse().unwrap(),
        key: word("key"),
        rules: rules(Vec::new(), Some("browser:approvals".into())),
        chat,
        clock: clock.clone(),
        seed: 5,
        budget: None,
    };
    let house = build(parts).await;
    for number in 0..5_000 {
        let invocation = Invocation {
            id: InvocationId::single(format!("full-{number}")),
            who: mira.clone(),
            standing: standing.clone(),
            place: Place { channel: "browser:general".into(), direct: false },
            said: Said::Command(split(&format!("invite person{number}@example.com --reason {}", "x".repeat(400)))),
            at: clock.now(),
        };
        let Says::Message(message) = house.dispatch.serve(invocation).await.says else { panic!("no message") };
        let text = message.text.to_plain();
        println!("\nchild: {text}");
        if !text.starts_with("Asked: ") {
            println!("child: {}", message.hint.unwrap().to_plain());
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_said_and_nothing_is_half_written() {
    assert!(!engines().is_empty());
    let stage = Stage::open(Engine::Sqlite).await;
    let orders = json!({
        "database": stage.database.url, "upstream": stage.upstream.to_string(), "key": stage.organization.admin_key(),
        "now": stage.clock.now().as_millisecond(),
    });
    // The signal that comes with the bound is ignored, so that writing fails as it does on a full disk.
    let script = format!("trap '' XFSZ; ulimit -f {BLOCKS}; exec \"$0\" \"$@\"");
    let mut child = Command::new("sh")
        .args(["-c", &script])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "full_disk::the_child", "--nocapture", "--test-threads=1"])
        .env(ORDERS, orders.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = std::io::BufReader::new(child.stdout.take().unwrap()).lines();
    let heard: Vec<String> =
        lines.map_while(Result::ok).filter_map(|it| it.strip_prefix("child: ").map(ToOwned::to_owned)).collect();
    assert!(child.wait().unwrap().success(), "{heard:?}");
    let [asked @ .., told, hint] = heard.as_slice() else { panic!("the child said nothing") };
    assert!(asked.len() > 3, "there was room at first: {heard:?}");
    assert_eq!(told, "Something went wrong on my side, and nothing was changed.");
    assert!(hint.contains("give the operator this incident id: "), "{hint}");

    // Every request that was answered is there, whole, and no other one; then there is room again.
    let store = &stage.house.store;
    let all = store.requests(&steward::store::RequestFilter::All, 10_000).await.unwrap();
    assert_eq!(all.len(), asked.len());
    for change in &all {
        assert_eq!(store.effects(change.id.number()).await.unwrap().len(), 1, "{}", change.id);
    }
    assert_eq!(store.verify_audit().await.unwrap().broken, None);
    let mira = stage.person("mira");
    assert!(mira.says("/claude invite lea@example.com").await.reads().starts_with("Asked: "));
    stage.settle().await;
    stage.chat.forget_unheard();
    stage.leave().await;
}
