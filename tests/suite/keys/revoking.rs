//! A key is switched off: soon, before everything else, and however long Anthropic is away.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use steward::change::{Asker, Proposal, Proposed, Request, SwitchKey};
use steward::chat::{Said, Says};
use steward::cli::house::House;
use steward::clock::moment;
use steward::domain::State;
use steward::sandbox::{Fault, KeyOrder, KeyStatus};
use steward::store::RequestFilter;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::bench::{Engine, engines, is_full, measured};
use crate::stage::{Setting, Stage};

/// How many requests the API allows in a minute.
const BUDGET: u32 = 100;
/// Of those, how many are kept for revocations.
const RESERVE: usize = 20;
const WINDOW_MS: i64 = 60_001;
/// What a revocation may take until it is upstream.
const BOUND: Duration = Duration::from_secs(5);
/// How long nothing is sent until nothing more can be at that moment of the story.
const LEISURE: Duration = Duration::from_millis(400);
/// How many revocations are asked for before the next are.
const AT_A_TIME: usize = 50;

/// A stage with so many keys that work. Answers their ids, too.
async fn stage_with(engine: Engine, count: usize) -> (Stage, Vec<String>) {
    let stage = Stage::set(Setting { most_keys: 1_000_000, ..Setting::on(engine) }).await;
    stage.organization.bound_active_keys(100_000, 100_000);
    let ids = (0..count).map(|at| {
        let order = KeyOrder {
            by: "ada".into(),
            workspace: "research".into(),
            name: format!("k{at}"),
            kind: "workspace".into(),
            ..KeyOrder::default()
        };
        stage.organization.make_key(&order).unwrap().key.id
    });
    let ids = ids.collect();
    stage.house.sync.full().await.unwrap();
    (stage, ids)
}

async fn ada(stage: &Stage) -> Asker {
    let ada = stage.person("ada");
    let standing = stage.chat.standing_of(&ada.account);
    let rules = stage.house.rules.now();
    Asker::meet(&stage.house.store, &rules, &ada.account, standing, stage.clock.now()).await.unwrap()
}

async fn switched_off(house: &House, by: &Asker, id: &str) -> State {
    let switch = SwitchKey::to(id, "inactive");
    match house.pipeline.propose(Request::of(Proposal::KeyStatus(switch)), by).await {
        Ok(Proposed::Stands(change)) => change.state,
        other => panic!("{id}: {:?}", other.map_err(|failure| failure.logged())),
    }
}

/// How many of these keys still work in the organization.
fn left_on(stage: &Stage, ids: &[String]) -> usize {
    let keys = stage.organization.keys();
    keys.iter().filter(|it| ids.contains(&it.id) && it.switched == KeyStatus::Active).count()
}

async fn is_off(stage: &Stage, id: &str) {
    until("it is off", || left_on(stage, std::slice::from_ref(&id.to_owned())) == 0).await;
}

async fn until(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_mins(1), "never: {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Asks the organization again and again, this many at a time: what waits for its turn.
fn crowd(house: &House, count: usize) -> Vec<JoinHandle<()>> {
    let asks = |_| {
        let reader = house.reader.clone();
        tokio::spawn(async move {
            loop {
                let _answer = reader.organization().await;
                tokio::task::yield_now().await;
            }
        })
    };
    (0..count).map(asks).collect()
}

/// The crowd has sent what it may in this minute, and waits.
async fn is_spent(house: &House) {
    let most = usize::try_from(BUDGET).unwrap() - RESERVE;
    until("the budget is spent", || house.reader.condition().sent_in_last_minute >= most).await;
}

fn percentile(times: &mut [Duration], of: usize) -> Duration {
    times.sort_unstable();
    times[(times.len() * of).div_ceil(100) - 1]
}

/// By a command and by a report in turn, each from what somebody says until the organization has it.
#[tokio::test]
async fn a_key_is_off_within_seconds() {
    let count = if is_full() { 1_000 } else { 50 };
    for engine in engines() {
        let (stage, ids) = stage_with(engine, count).await;
        let ada = stage.person("ada");
        let mut times = Vec::new();
        for (at, id) in ids.iter().enumerate() {
            let begun = Instant::now();
            if at % 2 == 0 {
                ada.says(&format!("/claude key disable {id}")).await;
            } else {
                let seen = Said::Shortcut("key_leak".into(), format!("{id} was in a log"));
                assert!(matches!(ada.reply(seen).await.says, Says::Message(_)));
            }
            is_off(&stage, id).await;
            times.push(begun.elapsed());
        }
        let p99 = percentile(&mut times, 99);
        let told = format!("revocation, said to inactive upstream, p99 of {count}, {engine:?}");
        measured(&told, format!("{} ms", p99.as_millis()), "5000 ms", p99 < BOUND);
        assert_eq!(stage.violations().await, Vec::<String>::new());
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// The minute's budget is spent, a thousand calls wait, and no time passes: a revocation waits for none of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_waits_behind_nobody() {
    let (waiting, times) = if is_full() { (1_000, 100) } else { (200, 5) };
    for engine in engines() {
        let (stage, ids) = stage_with(engine, times).await;
        let house = stage.another_house_sending(60, BUDGET).await;
        let by = ada(&stage).await;
        let crowd = crowd(&house, waiting);
        let mut took = Vec::new();
        for id in &ids {
            is_spent(&house).await;
            let begun = Instant::now();
            assert_eq!(switched_off(&house, &by, id).await, State::Applied);
            is_off(&stage, id).await;
            took.push(begun.elapsed());
            stage.clock.advance_to(moment(stage.clock.now().as_millisecond() + WINDOW_MS));
        }
        crowd.iter().for_each(JoinHandle::abort);
        let worst = percentile(&mut took, 100);
        let told = format!("revocation behind {waiting} waiting calls, worst of {times}, {engine:?}");
        measured(&told, format!("{} ms", worst.as_millis()), "5000 ms", worst < BOUND);
        house.store.close().await;
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// Moves the story's clock whenever nothing more happens without that, until it is done. Answers how long that took on it.
///
/// A second at a time, and only after the house had leisure to send what it could: its own pauses are shorter than this machine's.
async fn passes(stage: &Stage, is_done: impl Fn() -> bool) -> i64 {
    let (from, begun) = (stage.clock.now().as_millisecond(), Instant::now());
    let (mut seen, mut since) = (0, Instant::now());
    while !is_done() {
        let now = stage.organization.count_seen(|_| true);
        if now != seen {
            (seen, since) = (now, Instant::now());
        } else if since.elapsed() > LEISURE {
            stage.clock.advance_to(moment(stage.clock.now().as_millisecond() + 1_000));
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
        assert!(begun.elapsed() < Duration::from_mins(20), "it never ends");
    }
    stage.clock.now().as_millisecond() - from
}

/// Far more revocations than a minute holds: nothing else is let go before the last of them, and no turn is left unused.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_revocations_go_before_everything_else() {
    let count = if is_full() { 1_000 } else { 220 };
    for engine in engines() {
        let (stage, ids) = stage_with(engine, count).await;
        let house = Arc::new(stage.another_house_sending(61, BUDGET).await);
        let by = Arc::new(ada(&stage).await);
        let crowd = crowd(&house, count);
        is_spent(&house).await;
        let begun = stage.clock.now();
        let mut asked = Vec::new();
        for some in ids.chunks(AT_A_TIME) {
            for id in some {
                let (house, by, id) = (Arc::clone(&house), Arc::clone(&by), id.clone());
                asked.push(tokio::spawn(async move { switched_off(&house, &by, &id).await }));
            }
            all_asked(&stage, asked.len()).await;
        }
        // Dropped rather than stopped: its jobs wait for the budget, and the clock stands still again.
        let kept = house.keep_going(CancellationToken::new());
        let took = beside(Box::pin(kept), passes(&stage, || left_on(&stage, &ids) == 0)).await;
        crowd.iter().for_each(JoinHandle::abort);
        join_all(asked).await;

        let seen: Vec<_> = stage.organization.seen().into_iter().filter(|it| it.at > begun).collect();
        let last = seen.iter().rposition(|it| it.method == "POST").unwrap_or_default();
        let others = seen[..last].iter().filter(|it| it.method != "POST").count();
        assert_eq!(others, 0, "{engine:?}: others were let go before the last revocation");
        let windows = i64::try_from((count - RESERVE).div_ceil(usize::try_from(BUDGET).unwrap())).unwrap();
        let bound = windows * WINDOW_MS + 30_000;
        let told = format!("{count} revocations at {BUDGET} a minute, before everything else, {engine:?}");
        measured(&told, format!("{} s", took / 1_000), format!("{} s", bound / 1_000), took <= bound);
        let posts = stage.applied("POST", "/v1/organizations/api_keys/");
        assert_eq!(posts, count, "{engine:?}: one request each");
        finish(&stage, house, count).await;
        stage.close().await;
    }
}

/// So many requests are written down.
async fn all_asked(stage: &Stage, count: usize) {
    let begun = Instant::now();
    loop {
        let all = stage.house.store.requests(&RequestFilter::All, 100_000).await.unwrap();
        if all.len() >= count {
            return;
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "{} of {count} are written down", all.len());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn finish(stage: &Stage, house: Arc<House>, count: usize) {
    house.store.close().await;
    stage.advance(1).await;
    let all = stage.house.store.requests(&RequestFilter::All, 100_000).await.unwrap();
    assert_eq!(all.iter().filter(|it| it.state == State::Applied).count(), count, "each came to its end");
    assert_eq!(stage.violations().await, Vec::<String>::new());
    stage.chat.forget_unheard();
}

/// Works on the first until the second is done.
async fn beside<T>(work: impl Future<Output = ()>, until: impl Future<Output = T>) -> T {
    tokio::select! {
        () = work => panic!("it ended by itself"),
        done = until => done,
    }
}

/// Nobody answers for an hour: whatever was asked for meanwhile is made once somebody does, each once.
#[tokio::test]
async fn an_hour_without_anthropic_loses_no_revocation() {
    let count = if is_full() { 1_000 } else { 40 };
    for engine in engines() {
        let (stage, ids) = stage_with(engine, count).await;
        let by = ada(&stage).await;
        stage.organization.misbehave("/v1/organizations", Fault::Overloaded, u32::MAX);
        for id in &ids {
            assert!(matches!(switched_off(&stage.house, &by, id).await, State::Approved | State::Applying));
        }
        stage.advance(1).await;
        assert_eq!(left_on(&stage, &ids), count, "nobody was there");
        stage.organization.misbehave("/v1/organizations", Fault::Overloaded, 0);
        let back = stage.clock.now();
        for _ in 0..4 {
            stage.clock.advance_to(moment(stage.clock.now().as_millisecond() + 15_000));
            stage.settle().await;
        }
        let took = stage.clock.now().as_millisecond() - back.as_millisecond();
        let left = left_on(&stage, &ids);
        let told = format!("revocations asked for in an hour's outage, left {} s after it, {engine:?}", took / 1_000);
        measured(&told, format!("{left} of {count}"), 0, left == 0);
        assert_eq!(stage.applied("POST", "/v1/organizations/api_keys/"), count, "each once");
        stage.chat.forget_unheard();
        stage.close().await;
    }
}
