//! Many at once: each key of the stock goes to exactly one request, and each request gets exactly one key.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;
use steward::change::{Asker, IssueKey, Proposal, Proposed, Request};
use steward::cli::house::House;
use steward::domain::{Decision, Environment, Issuer, Kind, Place, PolicyRule, State};
use steward::sandbox::Organization;
use steward::store::StockState;

use super::put_into_stock;
use crate::bench::{Engine, engines, is_full, measured};
use crate::stage::{Setting, Stage};

/// How many ask at the same time.
const WORKERS: usize = 16;

/// Fills the stock of research without asking anybody.
async fn fill(stage: &Stage, count: usize) {
    for at in 0..count {
        put_into_stock(&stage.house.store, &stage.organization, stage.clock.now(), &format!("steward-stock-{at}"))
            .await;
    }
}

/// Asks for keys, one after the other, until all are asked for. A round that did not come to its end is swept up later.
async fn ask(house: &House, asker: &Asker, workspace_id: &str, next: &AtomicUsize, count: usize) {
    loop {
        let at = next.fetch_add(1, Ordering::SeqCst);
        if at >= count {
            return;
        }
        let issue = IssueKey {
            workspace_id: workspace_id.into(),
            name: format!("k{at}"),
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

/// On `PostgreSQL` by four houses, as four replicas would be; on `SQLite` by sixteen tasks of one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_key_goes_to_one_request_and_each_request_gets_one() {
    let count = if is_full() { 10_000 } else { 60 };
    for engine in engines() {
        let research =
            Place { issuer: Issuer::Stock, environment: Environment::Dev, low_stock: 0, ..Place::unnamed("research") };
        let policies = vec![PolicyRule::about(Kind::KeyIssue, Decision::AtOnce)];
        let stage =
            Stage::set(Setting { workspaces: vec![research], policies, most_keys: 1_000_000, ..Setting::on(engine) })
                .await;
        stage.organization.bound_active_keys(100_000, 100_000);
        fill(&stage, count).await;
        let mut houses = Vec::new();
        for seed in 0..if engine == Engine::Postgres { 3 } else { 0 } {
            let house = stage.another_house(50 + seed).await;
            house.settle().await.unwrap();
            houses.push(Arc::new(house));
        }
        let ada = stage.person("ada");
        let standing = stage.chat.standing_of(&ada.account);
        let store = &stage.house.store;
        let asker =
            Asker::meet(store, &stage.house.rules.now(), &ada.account, standing, stage.clock.now()).await.unwrap();
        let workspace_id = store.workspaces_named("research").await.unwrap().remove(0).id;
        let (next, begun) = (AtomicUsize::new(0), std::time::Instant::now());
        let all: Vec<&House> = std::iter::once(&stage.house).chain(houses.iter().map(|it| &**it)).collect();
        join_all((0..WORKERS).map(|at| ask(all[at % all.len()], &asker, &workspace_id, &next, count))).await;
        stage.settle().await;

        let rows = store.stock(&StockState::ALL).await.unwrap();
        assert!(
            rows.iter().all(|it| it.state == StockState::Offered && it.is_genuine),
            "{engine:?}: every one is offered"
        );
        let changes: BTreeSet<i64> = rows.iter().filter_map(|it| it.change).collect();
        assert_eq!((rows.len(), changes.len()), (count, count), "{engine:?}: each by one request");
        assert_eq!(issued(&stage.organization).len(), count, "{engine:?}: each name is on one key");
        assert_eq!(stage.violations().await, Vec::<String>::new());
        let told = format!("keys issued by {WORKERS} at once, each exactly once, {engine:?}");
        measured(&told, format!("{count} in {:?}", begun.elapsed()), count, true);
        for house in houses {
            house.store.close().await;
        }
        stage.chat.forget_unheard();
        stage.close().await;
    }
}
