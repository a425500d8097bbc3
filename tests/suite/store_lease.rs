//! Who does what at the moment, and what was heard before: leases, deliveries and what platforms remember. On both engines.

use futures_util::future::join_all;
use steward::chat::{Account, InvocationId, LeaseAnswer, Memory};
use steward::clock::Clock;
use steward::store::{Heard, NewInvocation, Store, StoreMemory};

use crate::bench::{engines, is_full};
use crate::store_ground::{Ground, at};

async fn lease(store: &Store, holder: &str, now: i64, until: i64) -> LeaseAnswer {
    store.lease("gateway", holder, at(now), at(until)).await.unwrap()
}

fn held(fence: i64) -> LeaseAnswer {
    LeaseAnswer::Held { fence }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_lease_has_one_holder_and_its_fence_grows() {
    for engine in engines() {
        let ground = Ground::new(engine).await;
        for round in 0..if is_full() { 100 } else { 10 } {
            let contenders = join_all((0..8).map(|holder| {
                let store = ground.store.clone();
                tokio::spawn(async move {
                    lease(&store, &format!("r{round} {holder}"), round * 100, round * 100 + 60).await
                })
            }));
            let answers: Vec<LeaseAnswer> = contenders.await.into_iter().map(Result::unwrap).collect();
            let won: Vec<&LeaseAnswer> = answers.iter().filter(|it| **it != LeaseAnswer::Taken).collect();
            assert_eq!(won, [&held(round + 1)], "{engine:?}, round {round}");
        }
    }
}

#[tokio::test]
async fn a_lease_is_renewed_taken_over_after_its_end_and_handed_back() {
    for engine in engines() {
        let ground = Ground::new(engine).await;
        let store = &ground.store;
        assert_eq!(lease(store, "a", 0, 60).await, held(1), "{engine:?}");
        assert_eq!(lease(store, "b", 59, 119).await, LeaseAnswer::Taken, "{engine:?}");
        assert_eq!(lease(store, "b", 60, 120).await, LeaseAnswer::Taken, "{engine:?}: through its last moment");
        assert_eq!(lease(store, "a", 50, 110).await, held(1), "{engine:?}: the holder renews");
        assert_eq!(lease(store, "b", 61, 121).await, LeaseAnswer::Taken, "{engine:?}: it was renewed");
        assert_eq!(lease(store, "b", 111, 171).await, held(2), "{engine:?}: its time was over");
        assert_eq!(lease(store, "a", 112, 172).await, LeaseAnswer::Taken, "{engine:?}: the old holder comes too late");
        store.release("gateway", "a").await.unwrap();
        assert_eq!(lease(store, "a", 113, 173).await, LeaseAnswer::Taken, "{engine:?}: nobody hands back another's");
        store.release("gateway", "b").await.unwrap();
        assert_eq!(lease(store, "a", 113, 173).await, held(3), "{engine:?}: handed back, taken at once");
        assert_eq!(store.lease("outbox", "b", at(113), at(173)).await.unwrap(), held(1), "{engine:?}: another lease");
    }
}

async fn hear(store: &Store, delivery: &str, logical: &str) -> Heard {
    let id = InvocationId { delivery: delivery.into(), logical: logical.into() };
    let who = Account::browser("ada");
    let new = NewInvocation { id: &id, who: &who, verb: "invite", place: "browser:general", at: at(0) };
    store.hear(&new).await.expect("a repeated delivery is an answer, not an error")
}

/// Each act is delivered by eight at once, half of them under a delivery id of their own.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_repeated_delivery_is_heard_once() {
    let acts: usize = if is_full() { 1_250 } else { 63 };
    for engine in engines() {
        let ground = Ground::new(engine).await;
        let tasks = join_all((0..8).map(|task| {
            let store = ground.store.clone();
            tokio::spawn(async move {
                let mut first = Vec::new();
                for act in 0..acts {
                    let delivery = if task % 2 == 0 { format!("d{act}") } else { format!("d{act} again {task}") };
                    if hear(&store, &delivery, &format!("a{act}")).await == Heard::First {
                        first.push(act);
                    }
                }
                first
            })
        }));
        let mut first: Vec<usize> = tasks.await.into_iter().flat_map(Result::unwrap).collect();
        first.sort_unstable();
        assert_eq!(first, (0..acts).collect::<Vec<_>>(), "{engine:?}");
        assert_eq!(
            ground.store.invocations().await.unwrap(),
            (i64::try_from(acts).unwrap(), i64::try_from(acts).unwrap())
        );
    }
}

#[tokio::test]
async fn a_delivery_is_known_by_either_id_closed_once_and_forgotten_late() {
    for engine in engines() {
        let ground = Ground::new(engine).await;
        let store = &ground.store;
        assert_eq!(hear(store, "d1", "a1").await, Heard::First, "{engine:?}");
        assert_eq!(hear(store, "d2", "a1").await, Heard::Again, "{engine:?}: the same act");
        assert_eq!(hear(store, "d1", "a2").await, Heard::Again, "{engine:?}: the same delivery");
        assert_eq!(hear(store, "d3", "a3").await, Heard::First, "{engine:?}");
        let id = InvocationId { delivery: "d1".into(), logical: "a1".into() };
        store.close_invocation(&id, "says", at(1)).await.unwrap();
        store.close_invocation(&id, "refused", at(2)).await.unwrap();
        assert_eq!(store.invocations().await.unwrap(), (1, 2), "{engine:?}: one is open");
        let mut raw = ground.raw().await;
        let outcome: String = sqlx::query_scalar("SELECT outcome FROM invocation WHERE delivery = 'd1'")
            .fetch_one(&mut raw)
            .await
            .unwrap();
        assert_eq!(outcome, "says", "{engine:?}: the first end counts");
        assert_eq!(store.forget_invocations(at(0)).await.unwrap(), 0, "{engine:?}");
        assert_eq!(store.forget_invocations(at(1)).await.unwrap(), 2, "{engine:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_platforms_remember_is_first_seen_once_and_kept() {
    for engine in engines() {
        let ground = Ground::new(engine).await;
        let memory = || StoreMemory::new(ground.store.clone(), Clock::standing(at(0)));
        let seen = join_all((0..8).map(|_| {
            let memory = memory();
            tokio::spawn(async move { memory.first_seen("envelope 1").await })
        }));
        assert_eq!(seen.await.into_iter().filter(|it| *it.as_ref().unwrap()).count(), 1, "{engine:?}");
        let memory = memory();
        assert_eq!(memory.recall("envelope 1").await, None, "{engine:?}: seen and kept are two things");
        assert!(memory.remember("cursor", "1").await && memory.remember("cursor", "2").await, "{engine:?}");
        assert_eq!(memory.recall("cursor").await.as_deref(), Some("2"), "{engine:?}");
        assert_eq!(memory.lease("socket", "a", at(60)).await, held(1), "{engine:?}");
        ground.store.close().await;
        // The careful answers of a store that cannot be asked.
        assert!(!memory.first_seen("envelope 2").await, "{engine:?}");
        assert_eq!(memory.lease("socket", "a", at(60)).await, LeaseAnswer::Taken, "{engine:?}");
        assert!(!memory.remember("cursor", "3").await, "{engine:?}");
        assert_eq!(memory.recall("cursor").await, None, "{engine:?}");
    }
}
