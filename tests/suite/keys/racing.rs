//! Many at once: each key of the stock goes to exactly one request, and each request gets exactly one key.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;
use steward::change::{Asker, IssueKey, Proposal, Proposed, Request};
use steward::chat::{Account, Standing};
use steward::cli::house::House;
use steward::clock::{Moment, moment};
use steward::domain::State;
use steward::sandbox::Organization;
use steward::store::StockState;

use super::{put_into_stock, stock_places};
use crate::bench::{Engine, engines, is_full, measured};
use crate::crash::{HOLDS_OVER_MS, Kill, Work, Worker};
use crate::stage::{Setting, Stage};

/// How many ask at the same time.
const WORKERS: usize = 16;
/// In how many processes, on a server.
const PROCESSES: usize = 4;

/// Fills the stock of research without asking anybody.
async fn fill(stage: &Stage, count: usize) {
    for at in 0..count {
        put_into_stock(&stage.house.store, &stage.organization, stage.clock.now(), &format!("steward-stock-{at}"))
            .await;
    }
}

/// Asks for the keys with these numbers, so many at a time.
pub(crate) async fn issue_many(
    house: &House,
    (account, standing): (&Account, Standing),
    now: Moment,
    (numbers, at_a_time): (Range<usize>, usize),
) {
    let asker = Asker::meet(&house.store, &house.rules.now(), account, standing, now).await.unwrap();
    let workspace_id = house.store.workspaces_named("research").await.unwrap().remove(0).id;
    let next = AtomicUsize::new(numbers.start);
    join_all((0..at_a_time).map(|_| ask(house, &asker, &workspace_id, (&next, numbers.end)))).await;
}

/// Asks for keys, one after the other, until all are asked for. A round that did not come to its end is swept up later.
async fn ask(house: &House, asker: &Asker, workspace_id: &str, (next, end): (&AtomicUsize, usize)) {
    loop {
        let at = next.fetch_add(1, Ordering::SeqCst);
        if at >= end {
            return;
        }
        let issue = IssueKey {
            workspace_id: workspace_id.into(),
            name: format!("k{at}"),
            team: None,
            purpose: "load".into(),
            environment: None,
            replaces: None,
            terms: None,
        };
        let proposed = house.pipeline.propose(Request::of(Proposal::KeyIssue(issue)), asker).await;
        match proposed {
            Ok(Proposed::Stands(change)) => assert!(matches!(change.state, State::Approved | State::Applying)),
            other => panic!("{at}: {:?}", other.map_err(|failure| failure.logged())),
        }
    }
}

fn issued(organization: &Organization) -> BTreeSet<String> {
    let keys = organization.keys().into_iter();
    keys.filter_map(|it| it.name.split_once(" (steward ").map(|(name, _)| name.to_owned())).collect()
}

/// On `PostgreSQL` by four processes, as four replicas are; on `SQLite` by sixteen tasks of one.
async fn race(stage: &Stage, engine: Engine, count: usize) {
    let ada = stage.person("ada").account;
    if engine == Engine::Sqlite {
        let who = (&ada, stage.chat.standing_of(&ada));
        return issue_many(&stage.house, who, stage.clock.now(), (0..count, WORKERS)).await;
    }
    let each = count / PROCESSES;
    let mut workers = Vec::new();
    for at in 0..PROCESSES {
        let work = Work::Issues { first: at * each, count: each, at_a_time: WORKERS / PROCESSES };
        workers.push(Worker::start_on(stage, work, at, (Kill::Not, "")).await);
    }
    join_all(workers.into_iter().map(|it| it.work(stage))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_key_goes_to_one_request_and_each_request_gets_one() {
    let count = if is_full() { 10_000 } else { 60 };
    for engine in engines() {
        let setting = Setting { workspaces: stock_places(), most_keys: 1_000_000, ..Setting::on(engine) };
        let stage = Stage::set(setting).await;
        stage.organization.bound_active_keys(100_000, 100_000);
        fill(&stage, count).await;
        let begun = std::time::Instant::now();
        race(&stage, engine, count).await;
        let took = begun.elapsed();
        // What was being made by two at a time is swept up, and what one of them held is free again.
        stage.clock.advance_to(moment(stage.clock.now().as_millisecond() + HOLDS_OVER_MS));
        stage.settle().await;

        let rows = stage.house.store.stock(&StockState::ALL).await.unwrap();
        let left = rows.iter().filter(|it| it.state != StockState::Offered || !it.is_genuine).count();
        assert_eq!(left, 0, "{engine:?}: every one is offered");
        let changes: BTreeSet<i64> = rows.iter().filter_map(|it| it.change).collect();
        assert_eq!((rows.len(), changes.len()), (count, count), "{engine:?}: each by one request");
        assert_eq!(issued(&stage.organization).len(), count, "{engine:?}: each name is on one key");
        assert_eq!(stage.violations().await, Vec::<String>::new());
        let processes = if engine == Engine::Sqlite { 1 } else { PROCESSES };
        let told = format!("keys issued by {WORKERS} at once in {processes} processes, each exactly once, {engine:?}");
        measured(&told, format!("{count} in {took:?}"), count, true);
        // That the stock is empty now is told by a job that comes round.
        stage.advance(1).await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}
