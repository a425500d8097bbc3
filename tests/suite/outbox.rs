//! Messages that nobody waits for: taken once, in order, and finished only by whoever still holds them. On both engines.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use steward::chat::{Message, Receipt, Target};
use steward::clock::moment;
use steward::store::{OutboxRow, Parcel, Sent, Store};

use crate::bench::{engines, is_full};
use crate::store_ground::{Ground, at, number};

fn parcel(text: &str) -> Parcel {
    Parcel::Message { to: Target::Channel("browser:general".into()), message: Box::new(Message::plain(text)) }
}

async fn post(store: &Store, about: &str, text: &str, seconds: i64) {
    let mut tx = store.begin().await.unwrap();
    store.post(&mut tx, about, &parcel(text), at(seconds)).await.unwrap();
    store.commit(tx).await.unwrap();
}

async fn take(store: &Store, seconds: i64) -> Option<OutboxRow> {
    store.take_parcel(at(seconds), at(seconds + 60)).await.unwrap()
}

async fn finish(store: &Store, row: &OutboxRow, trouble: Option<&str>) -> bool {
    let mut tx = store.begin().await.unwrap();
    let done = store.parcel_done(&mut tx, row, trouble, at(5)).await.unwrap();
    store.commit(tx).await.unwrap();
    done
}

/// Takes and finishes until nothing is open, whatever others do; answers the ids in the order they were finished.
async fn deliver_all(store: Store) -> Vec<i64> {
    let mut delivered = Vec::new();
    for _ in 0..100_000 {
        match take(&store, 1).await {
            Some(row) => {
                assert!(finish(&store, &row, None).await, "the hold was ours");
                delivered.push(row.id);
            }
            None if store.outbox_depth().await.unwrap().0 == 0 => return delivered,
            None => tokio::task::yield_now().await,
        }
    }
    panic!("the outbox was never empty");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_deliverers_take_each_parcel_once() {
    for engine in engines() {
        let ground = Ground::new(engine).await;
        let count: i64 = if is_full() { 1_000 } else { 60 };
        for parcel in 0..count {
            post(&ground.store, &format!("C{}", parcel % 7), &format!("{parcel}"), 0).await;
        }
        let delivered = join_all((0..8).map(|_| tokio::spawn(deliver_all(ground.store.clone())))).await;
        let mut ids: Vec<i64> = delivered.into_iter().flat_map(Result::unwrap).collect();
        ids.sort_unstable();
        assert_eq!(ids, (1..=count).collect::<Vec<_>>(), "{engine:?}");
        let mut raw = ground.raw().await;
        assert_eq!(number(&mut raw, "SELECT MAX(attempts) FROM outbox").await, 1, "{engine:?}: one was taken twice");
    }
}

#[tokio::test]
async fn parcels_about_one_thing_go_out_in_order() {
    for engine in engines() {
        let ground = Ground::new(engine).await;
        let store = &ground.store;
        for (about, text) in [("C1", "a"), ("C1", "b"), ("C2", "c"), ("C1", "d"), ("C2", "e")] {
            post(store, about, text, 0).await;
        }
        let first = take(store, 1).await.unwrap();
        let other = take(store, 1).await.unwrap();
        assert_eq!((first.id, other.id), (1, 3), "{engine:?}: the second about C1 waits, C2 does not");
        assert!(take(store, 1).await.is_none(), "{engine:?}: everything else waits");
        // Put back until later: whatever is behind it keeps waiting, too.
        store.parcel_later(&first, at(100), "slow_down").await.unwrap();
        assert!(finish(store, &other, None).await);
        assert_eq!(take(store, 2).await.unwrap().id, 5, "{engine:?}");
        let until = moment(at(62).as_millisecond() + 1);
        assert_eq!(store.next_parcel().await.unwrap(), Some(until), "{engine:?}: when the hold on the fifth is over");
        let fifth = store.take_parcel(until, at(3_600)).await.unwrap().unwrap();
        assert_eq!(fifth.id, 5, "{engine:?}");
        assert!(take(store, 99).await.is_none(), "{engine:?}: not before its time");
        assert_eq!(store.next_parcel().await.unwrap(), Some(at(100)), "{engine:?}: what waits behind it is not asked");
        let again = take(store, 100).await.unwrap();
        assert_eq!((again.id, again.attempts, &again.parcel), (1, 2, &Some(parcel("a"))), "{engine:?}");
        // One that cannot be delivered makes room.
        assert!(finish(store, &again, Some("channel_closed")).await);
        let next = take(store, 101).await.unwrap();
        assert_eq!(next.id, 2, "{engine:?}");
        assert_eq!(store.outbox_depth().await.unwrap(), (3, 1), "{engine:?}: open and dead");
    }
}

#[tokio::test]
async fn a_lost_hold_finishes_nothing() {
    for engine in engines() {
        let ground = Ground::new(engine).await;
        let store = &ground.store;
        post(store, "C1", "a", 0).await;
        let slow = take(store, 0).await.unwrap();
        assert!(take(store, 59).await.is_none(), "{engine:?}: it is held");
        assert!(take(store, 60).await.is_none(), "{engine:?}: a hold lasts through its last millisecond");
        let quick = take(store, 61).await.unwrap();
        assert_eq!((quick.id, quick.fence, quick.attempts), (slow.id, slow.fence + 1, 2), "{engine:?}");
        assert!(!finish(store, &slow, None).await, "{engine:?}: the hold was lost");
        store.parcel_later(&slow, at(9_999), "late").await.unwrap();
        let held = moment(at(121).as_millisecond() + 1);
        assert_eq!(store.next_parcel().await.unwrap(), Some(held), "{engine:?}: a late one puts nothing back");
        assert!(finish(store, &quick, None).await, "{engine:?}");
        assert!(!finish(store, &quick, None).await, "{engine:?}: only once");
        assert!(take(store, 9_999).await.is_none(), "{engine:?}");
    }
}

/// Ids are given in the order of commits, so that order per subject is the order in which things happened.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn parcels_of_eight_writers_have_no_gap_and_keep_their_order() {
    for engine in engines() {
        let ground = Ground::new(engine).await;
        let each = if is_full() { 100 } else { 8 };
        let writers = (0..8).map(|writer| {
            let store = ground.store.clone();
            tokio::spawn(async move {
                for turn in 0..each {
                    post(&store, &format!("W{writer}"), &format!("{writer} {turn}"), 0).await;
                }
            })
        });
        for writer in join_all(writers).await {
            writer.unwrap();
        }
        let mut last: BTreeMap<String, i64> = BTreeMap::new();
        for expected in 1..=8 * each {
            let row = take(&ground.store, 1).await.unwrap();
            assert_eq!(row.id, expected, "{engine:?}");
            let Some(Parcel::Message { message, .. }) = &row.parcel else { panic!("a message was posted") };
            let text = message.text.to_plain();
            let (writer, turn) = text.split_once(' ').unwrap();
            let turn: i64 = turn.parse().unwrap();
            assert_eq!(last.insert(writer.to_owned(), turn).map_or(0, |it| it + 1), turn, "{engine:?}");
            assert!(finish(&ground.store, &row, None).await);
        }
    }
}

#[tokio::test]
async fn what_was_rolled_back_was_never_posted_and_old_parcels_are_forgotten() {
    for engine in engines() {
        let ground = Ground::new(engine).await;
        let store = &ground.store;
        let mut tx = store.begin().await.unwrap();
        store.post(&mut tx, "C1", &parcel("never"), at(0)).await.unwrap();
        tx.rollback().await.unwrap();
        assert!(take(store, 1).await.is_none(), "{engine:?}");
        post(store, "C1", "sent", 0).await;
        post(store, "C2", "open", 0).await;
        let row = take(store, 1).await.unwrap();
        assert_eq!(row.id, 1, "{engine:?}: a number that was rolled back is given again");
        assert!(finish(store, &row, None).await);
        assert_eq!(store.forget_parcels(at(5)).await.unwrap(), 0, "{engine:?}");
        assert_eq!(store.forget_parcels(at(6)).await.unwrap(), 1, "{engine:?}");
        assert_eq!(store.outbox_depth().await.unwrap(), (1, 0), "{engine:?}: what is open is never forgotten");
    }
}

#[tokio::test]
async fn a_card_is_known_by_its_last_receipt_in_each_place() {
    for engine in engines() {
        let ground = Ground::new(engine).await;
        let store = &ground.store;
        let receipt = |message: &str| Receipt {
            platform: "browser".into(),
            channel: "approvals".into(),
            message: message.into(),
        };
        let mut tx = store.begin().await.unwrap();
        let channel = Target::Channel("browser:approvals".into());
        store
            .keep_receipt(&mut tx, Sent { number: 1, to: &channel, reminder: None, receipt: &receipt("m1"), at: at(0) })
            .await
            .unwrap();
        store
            .keep_receipt(&mut tx, Sent { number: 1, to: &channel, reminder: None, receipt: &receipt("m2"), at: at(1) })
            .await
            .unwrap();
        let direct = Target::Direct(steward::chat::Account::browser("bo"));
        store
            .keep_receipt(&mut tx, Sent { number: 1, to: &direct, reminder: None, receipt: &receipt("m3"), at: at(2) })
            .await
            .unwrap();
        store
            .keep_receipt(&mut tx, Sent { number: 2, to: &channel, reminder: None, receipt: &receipt("m4"), at: at(3) })
            .await
            .unwrap();
        store.commit(tx).await.unwrap();
        assert_eq!(store.receipts(1).await.unwrap(), [receipt("m2"), receipt("m3")], "{engine:?}");
    }
}
