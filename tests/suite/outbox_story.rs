//! Messages that nobody waits for: a chat that asks for patience gets it, a closed door is counted, cards show what is true now.

use steward::chat::SendError;

use crate::bench::engines;
use crate::stage::{Stage, assert_snapshot};

fn later(after_ms: u64) -> SendError {
    SendError::Later { after_ms, code: "ratelimited".into() }
}

/// A refused send is tried again, after a pause that doubles and is never shorter than the chat asked for.
#[tokio::test]
async fn a_message_waits_until_the_chat_takes_it() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let mira = stage.person("mira");
        let begin = stage.clock.now();
        mira.says("/claude invite lea@example.com").await;
        stage.chat.refuse([later(0), later(0), later(60_000), later(0)]);

        let mut tried = Vec::new();
        for _ in 0..5 {
            stage.settle().await;
            let Some(due) = stage.house.store.next_parcel().await.unwrap() else { break };
            tried.push(due.as_second() - stage.clock.now().as_second());
            stage.clock.advance_to(due);
        }
        assert_eq!(tried, [2, 4, 60, 16]);
        assert_eq!(stage.clock.now().as_second() - begin.as_second(), 82);
        assert!(stage.next_in("approvals").await.reads().starts_with("@mira asks to invite"));
        stage.close().await;
    }
}

/// A card that could not go out in time goes out as it stands then: a receipt, without buttons that lead nowhere.
#[tokio::test]
async fn a_delayed_card_shows_the_newest_state() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        let id = mira.says("/claude invite lea@example.com").await.request();
        stage.chat.refuse([later(30_000)]);
        stage.settle().await;
        ada.says(&format!("/claude deny {id}")).await;
        assert!(mira.was_told().await.reads().starts_with("@ada said no"));

        stage.advance(1).await;
        assert_snapshot!(stage.next_in("approvals").await.told(), @r"
        Denied: invite lea@example.com as user. (denied)
        Request: C1-xxxx
        Asked by: @mira, 2026-12-01 09:00 UTC
        Denied by: @ada, 2026-12-01 09:00 UTC
        ");
        stage.close().await;
    }
}

/// What is about the same thing goes out in order, however often the first had to wait; the rest overtakes it.
#[tokio::test]
async fn a_card_is_changed_only_after_it_was_sent() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        let first = mira.says("/claude invite lea@example.com").await.request();
        stage.chat.refuse([later(600_000)]);
        stage.settle().await;
        mira.says("/claude invite tom@example.com").await;
        ada.says(&format!("/claude approve {first}")).await;
        stage.settle().await;

        let tom = stage.next_in("approvals").await;
        assert!(tom.reads().starts_with("@mira asks to invite tom@example.com"), "{}", tom.reads());
        stage.advance(1).await;
        let lea = stage.next_in("approvals").await;
        assert!(lea.reads().starts_with("Done: lea@example.com"), "{}", lea.reads());
        ada.presses(&tom, "Deny").await;
        assert!(stage.seen_again(&tom).await.reads().starts_with("Denied: "));
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// Somebody who takes no direct messages: the message ends, counted and told in `status`; the change is not touched by it.
#[tokio::test]
async fn a_closed_door_is_counted() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        let id = mira.says("/claude invite lea@example.com").await.request();
        let card = stage.next_in("approvals").await;
        ada.presses(&card, "Approve").await;
        // The first that goes out is the changed card, which is an edit; the news to Mira is the next send.
        stage.chat.refuse([SendError::Closed { code: "cannot_dm_user".into() }]);
        stage.settle().await;

        assert!(!mira.has_news().await);
        assert_eq!(stage.state(&id).await, "applied");
        assert_eq!(stage.house.store.outbox_depth().await.unwrap(), (0, 1));
        let status = ada.says("/claude status").await.told();
        assert_snapshot!(status.lines().find(|it| it.starts_with("Messages")).unwrap(), @"Messages: 0 waiting, 1 undeliverable");
        stage.leave().await;
    }
}

/// A message that nobody can read is given up at once, counted and written into the trail; the rest goes out.
#[tokio::test]
async fn what_cannot_be_read_holds_nothing_up() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        mira.says("/claude invite lea@example.com").await;
        stage.tamper("UPDATE outbox SET body = '{\"letter\":{}}'").await;
        mira.says("/claude invite tom@example.com").await;
        stage.settle().await;

        assert!(stage.next_in("approvals").await.reads().starts_with("@mira asks to invite tom@example.com"));
        assert_eq!(stage.house.store.outbox_depth().await.unwrap(), (0, 1));
        assert_eq!(
            stage.trail().await,
            ["invite.asked by mira", "invite.asked by mira", "outbox.unreadable by steward"]
        );
        assert_eq!(stage.house.store.next_parcel().await.unwrap(), None, "it is not tried again");
        let status = ada.says("/claude status").await.told();
        assert_snapshot!(status.lines().find(|it| it.starts_with("Messages")).unwrap(), @"Messages: 0 waiting, 1 undeliverable");
        stage.leave().await;
    }
}

/// Each of a thousand messages goes out once, although two houses deliver.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_houses_deliver_each_message_once() {
    let many = if crate::bench::is_full() { 200 } else { 20 };
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let mira = stage.person("mira");
        for number in 0..many {
            mira.says(&format!("/claude invite person{number}@example.com")).await;
        }
        let other = stage.another_house(2).await;
        let (one, two) = tokio::join!(stage.house.outbox.drain(), other.outbox.drain());
        assert_eq!(one.unwrap() + two.unwrap(), many);
        assert_eq!(stage.chat.everything().len(), many);
        stage.chat.forget_unheard();
        other.store.close().await;
        stage.close().await;
    }
}
