//! People and their accounts: nobody is made twice, and no member is two people. On both engines.

use futures_util::future::join_all;
use steward::chat::Account;
use steward::domain::{LinkState, Person, PersonId};
use steward::store::{LinkRow, MemberRow, Pass, Store};

use crate::bench::{Engine, engines};
use crate::store_ground::{Ground, at, number};

fn somebody(id: &str, member: Option<&str>) -> Person {
    Person { id: PersonId(id.into()), name: id.into(), member_id: member.map(ToOwned::to_owned) }
}

fn link(account: &str, state: LinkState) -> LinkRow {
    LinkRow {
        account: Account::browser(account),
        state,
        email: Some(format!("{account}@example.com")),
        how: "email".into(),
    }
}

async fn create(store: &Store, person: &Person, link: &LinkRow) -> bool {
    let mut tx = store.begin().await.unwrap();
    let made = store.create_person(&mut tx, person, link, at(0)).await.expect("being taken is an answer, not an error");
    store.commit(tx).await.unwrap();
    made
}

async fn settle(store: &Store, account: &str, member: Option<&str>) -> bool {
    let mut tx = store.begin().await.unwrap();
    let settled = store.settle_link(&mut tx, &Account::browser(account), member).await.unwrap();
    if settled {
        store.commit(tx).await.unwrap();
    } else {
        tx.rollback().await.unwrap();
    }
    settled
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_account_becomes_one_person_whoever_comes_at_once() {
    for engine in engines() {
        let ground = Ground::new(engine).await;
        for round in 0..5_i64 {
            let made = join_all((0..8).map(|turn| {
                let store = ground.store.clone();
                tokio::spawn(async move {
                    create(
                        &store,
                        &somebody(&format!("p{round} {turn}"), None),
                        &link(&format!("ada{round}"), LinkState::Active),
                    )
                    .await
                })
            }));
            assert_eq!(made.await.into_iter().filter(|it| *it.as_ref().unwrap()).count(), 1, "{engine:?}");
            let mut raw = ground.raw().await;
            assert_eq!(
                number(&mut raw, "SELECT COUNT(*) FROM person").await,
                round + 1,
                "{engine:?}: nobody is left over"
            );
        }
    }
}

#[tokio::test]
async fn a_taken_account_or_member_makes_nobody() {
    for engine in engines() {
        let ground = Ground::new(engine).await;
        let store = &ground.store;
        assert!(create(store, &somebody("p1", Some("user_1")), &link("ada", LinkState::Active)).await);
        assert!(
            !create(store, &somebody("p2", None), &link("ada", LinkState::Active)).await,
            "{engine:?}: the account"
        );
        assert!(
            !create(store, &somebody("p3", Some("user_1")), &link("bo", LinkState::Active)).await,
            "{engine:?}: the member"
        );
        assert_eq!(store.person(&PersonId("p2".into())).await.unwrap(), None, "{engine:?}");
        assert_eq!(store.known(&Account::browser("bo")).await.unwrap(), None, "{engine:?}");
        assert_eq!(
            store.known(&Account::browser("ada")).await.unwrap().unwrap().person.id.as_str(),
            "p1",
            "{engine:?}"
        );
    }
}

#[tokio::test]
async fn a_proposed_link_is_settled_once_and_a_suspended_one_never() {
    for engine in engines() {
        let ground = Ground::new(engine).await;
        let store = &ground.store;
        for (person, account, state) in [
            ("p1", "ada", LinkState::Proposed),
            ("p2", "bo", LinkState::Proposed),
            ("p3", "cy", LinkState::Active),
            ("p4", "di", LinkState::Active),
        ] {
            assert!(create(store, &somebody(person, None), &link(account, state)).await);
        }
        let mut tx = store.begin().await.unwrap();
        assert!(store.suspend_link(&mut tx, &Account::browser("di")).await.unwrap());
        assert!(!store.suspend_link(&mut tx, &Account::browser("ada")).await.unwrap(), "{engine:?}: it is not active");
        store.commit(tx).await.unwrap();
        assert!(settle(store, "ada", Some("user_1")).await, "{engine:?}");
        assert!(!settle(store, "bo", Some("user_1")).await, "{engine:?}: the member is somebody already");
        assert_eq!(
            store.known(&Account::browser("bo")).await.unwrap().unwrap().state,
            LinkState::Proposed,
            "{engine:?}"
        );
        assert!(settle(store, "cy", Some("user_3")).await, "{engine:?}: known by the role map, now a member, too");
        assert!(!settle(store, "di", Some("user_4")).await, "{engine:?}: what is suspended waits for an admin");
        assert_eq!(store.person_of_member("user_4").await.unwrap(), None, "{engine:?}");
        assert!(!settle(store, "ada", Some("user_5")).await, "{engine:?}: nobody becomes a second member");
        assert!(!settle(store, "nobody", None).await, "{engine:?}");
    }
}

/// Strangers who were invited and came: found by the address of a present member, and only while both are free.
#[tokio::test]
async fn arrivals_are_proposed_links_to_free_members() {
    for engine in engines() {
        let ground = Ground::new(engine).await;
        let store = &ground.store;
        let member = |name: &str| MemberRow {
            id: format!("user_{name}"),
            email: format!("{name}@Example.com"),
            name: name.into(),
            role: "developer".into(),
            added_at: at(0),
        };
        store.write_page(&Pass::Members(["ada", "bo", "cy"].map(member).to_vec()), at(0)).await.unwrap();
        for (person, account, state, is) in [
            ("p1", "ada", LinkState::Proposed, None),
            ("p2", "bo", LinkState::Active, None),
            ("p3", "zoe", LinkState::Proposed, None),
            ("p4", "cy", LinkState::Proposed, None),
            ("p5", "cy2", LinkState::Active, Some("user_cy")),
        ] {
            assert!(create(store, &somebody(person, is), &link(account, state)).await);
        }
        let arrived = store.arrived().await.unwrap();
        assert_eq!(arrived, [(Account::browser("ada"), "user_ada".to_owned())], "{engine:?}");
        store.member_gone("user_ada", at(1)).await.unwrap();
        assert_eq!(store.arrived().await.unwrap(), [], "{engine:?}");
    }
}

/// The role comes from the copy of the organization as it is: gone there, gone here.
#[tokio::test]
async fn a_gone_member_gives_no_role() {
    for engine in engines() {
        let ground = Ground::new(engine).await;
        let store = &ground.store;
        let row = MemberRow {
            id: "user_1".into(),
            email: "a@b.de".into(),
            name: "A".into(),
            role: "billing".into(),
            added_at: at(0),
        };
        store.write_page(&Pass::Members(vec![row]), at(0)).await.unwrap();
        assert!(create(store, &somebody("p1", Some("user_1")), &link("ada", LinkState::Active)).await);
        let role = async || store.known(&Account::browser("ada")).await.unwrap().unwrap().claude_role;
        assert_eq!(role().await.as_deref(), Some("billing"), "{engine:?}");
        store.member_gone("user_1", at(1)).await.unwrap();
        assert_eq!(role().await, None, "{engine:?}");
        if engine == Engine::Sqlite {
            let mut raw = ground.raw().await;
            sqlx::query("UPDATE link SET state = 'owner'").execute(&mut raw).await.unwrap();
            let state = store.known(&Account::browser("ada")).await.unwrap().unwrap().state;
            assert_eq!(state, LinkState::Suspended, "what cannot be read is held back");
        }
    }
}
