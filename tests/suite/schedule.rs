//! When jobs are due, and who takes a due one, on both engines.

use futures_util::future::join_all;

use crate::bench::{engines, is_full};
use crate::store_ground::{Ground, at};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_due_job_is_claimed_by_one_of_eight() {
    for engine in engines() {
        let ground = Ground::new(engine).await;
        ground.store.plan_job("sync", at(0)).await.unwrap();
        for round in 0..if is_full() { 100 } else { 10 } {
            let due = ground.store.schedule().await.unwrap().remove(0);
            assert_eq!(due.at, at(round * 60), "{engine:?}");
            let claims = join_all((0..8).map(|_| {
                let (store, due) = (ground.store.clone(), due.clone());
                tokio::spawn(async move { store.claim_job(&due, at((round + 1) * 60)).await.unwrap() })
            }));
            let won = claims.await.into_iter().filter(|it| *it.as_ref().unwrap()).count();
            assert_eq!(won, 1, "{engine:?}, round {round}");
            assert!(!ground.store.claim_job(&due, at(9_999)).await.unwrap(), "{engine:?}: a late one is told so");
        }
    }
}

#[tokio::test]
async fn a_job_keeps_its_time_over_a_restart_and_tells_how_it_ran() {
    for engine in engines() {
        let ground = Ground::new(engine).await;
        let store = &ground.store;
        store.plan_job("sync", at(60)).await.unwrap();
        store.plan_job("sync", at(0)).await.unwrap();
        store.plan_job("expiry", at(30)).await.unwrap();
        let jobs = store.schedule().await.unwrap();
        assert_eq!(
            jobs.iter().map(|it| (it.job.as_str(), it.at)).collect::<Vec<_>>(),
            [("expiry", at(30)), ("sync", at(60))]
        );
        store.job_ran("sync", at(61), Some("unreachable")).await.unwrap();
        let sync = store.schedule().await.unwrap().pop().unwrap();
        assert_eq!((sync.ran_at, sync.trouble.as_deref(), sync.at), (Some(at(61)), Some("unreachable"), at(60)));
        store.job_ran("sync", at(62), None).await.unwrap();
        assert_eq!(
            store.schedule().await.unwrap().pop().unwrap().trouble,
            None,
            "{engine:?}: what is over is not told again"
        );
    }
}
