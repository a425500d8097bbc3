//! Changes in the store: written once, decided once, held by one, and genuine only as they were written. On both engines.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use sqlx::AnyConnection;
use steward::domain::{Change, ChangeId, Kind, State, Verdict};
use steward::random::Random;
use steward::store::{Hold, RequestFilter, Store};

use crate::bench::{engines, is_full};
use crate::store_ground::{Ground, asked, at, decided, key, number, run};

async fn ask(store: &Store, kind: Kind, subject: &str) -> Option<Change> {
    let mut tx = store.begin().await.unwrap();
    let change = store.ask(&mut tx, asked(kind, subject)).await.expect("a race is an answer, not an error");
    store.commit(tx).await.unwrap();
    change
}

async fn decide(store: &Store, change: &Change, verdict: Verdict, who: &str, seconds: i64) -> bool {
    let mut tx = store.begin().await.unwrap();
    let done = store.decide(&mut tx, change, verdict, decided(who, at(seconds))).await.unwrap();
    store.commit(tx).await.unwrap();
    done
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_deciders_decide_once() {
    for engine in engines() {
        let ground = Ground::new(engine).await;
        for request in 0..if is_full() { 100 } else { 10 } {
            let change = ask(&ground.store, Kind::Invite, &format!("lea{request}@example.com")).await.unwrap();
            let deciders = join_all((0..8).map(|decider| {
                let (store, change) = (ground.store.clone(), change.clone());
                let verdict = if decider % 2 == 0 { Verdict::Approve } else { Verdict::Deny };
                tokio::spawn(async move { decide(&store, &change, verdict, &format!("bo{decider}"), 10).await })
            }));
            let told: Vec<bool> = deciders.await.into_iter().map(Result::unwrap).collect();
            let won: Vec<usize> = (0..8).filter(|it| told[*it]).collect();
            assert_eq!(won.len(), 1, "{engine:?}, request {request}: {told:?}");
            let row = ground.store.change(&change.id).await.unwrap().unwrap();
            assert_eq!(
                row.decided,
                Some(decided(&format!("bo{}", won[0]), at(10))),
                "{engine:?}: who was told so did it"
            );
            assert_eq!(row.state, if won[0].is_multiple_of(2) { State::Approved } else { State::Denied }, "{engine:?}");
            assert!(ground.store.is_genuine(&row), "{engine:?}");
        }
    }
}

#[tokio::test]
async fn what_has_expired_or_is_settled_is_not_decided() {
    for engine in engines() {
        let ground = Ground::new(engine).await;
        let change = ask(&ground.store, Kind::Invite, "lea@example.com").await.unwrap();
        assert!(
            !decide(&ground.store, &change, Verdict::Approve, "bo", 3_600).await,
            "{engine:?}: at its very end it is over"
        );
        assert!(decide(&ground.store, &change, Verdict::Approve, "bo", 3_599).await, "{engine:?}");
        for verdict in [Verdict::Approve, Verdict::Deny] {
            assert!(!decide(&ground.store, &change, verdict, "cy", 11).await, "{engine:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_asked_by_eight_at_once_is_written_once() {
    for engine in engines() {
        let ground = Ground::new(engine).await;
        let rounds = if is_full() { 50 } else { 10 };
        for round in 0..rounds {
            let subject = format!("lea{round}@example.com");
            let askers = join_all((0..8).map(|_| {
                let (store, subject) = (ground.store.clone(), subject.clone());
                tokio::spawn(async move { ask(&store, Kind::Invite, &subject).await })
            }));
            let written: Vec<Change> = askers.await.into_iter().filter_map(Result::unwrap).collect();
            assert_eq!(written.len(), 1, "{engine:?}");
            assert_eq!(written[0].id.number(), round + 1, "{engine:?}: a number was lost");
        }
        let mut raw = ground.raw().await;
        assert_eq!(number(&mut raw, "SELECT COUNT(*) FROM change").await, rounds, "{engine:?}");
        assert_eq!(number(&mut raw, "SELECT value FROM counter WHERE name = 'change'").await, rounds, "{engine:?}");
    }
}

/// The transaction in which somebody was told "it is there already" goes on and can be committed.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_lost_race_leaves_the_transaction_usable() {
    for engine in engines() {
        let ground = Ground::new(engine).await;
        let mut first = ground.store.begin().await.unwrap();
        let change = ground.store.ask(&mut first, asked(Kind::Invite, "lea@example.com")).await.unwrap().unwrap();
        let store = ground.store.clone();
        let second = tokio::spawn(async move {
            // On PostgreSQL it looks, finds nothing, and waits for the first; SQLite lets it begin only afterwards.
            let mut tx = store.begin().await.unwrap();
            let lost = store.ask(&mut tx, asked(Kind::Invite, "lea@example.com")).await.unwrap();
            let other = store.ask(&mut tx, asked(Kind::Invite, "zoe@example.com")).await.unwrap();
            store.commit(tx).await.unwrap();
            (lost.is_none(), other.map(|it| it.id.number()))
        });
        for _ in 0..200 {
            tokio::task::yield_now().await;
        }
        ground.store.commit(first).await.unwrap();
        assert_eq!(second.await.unwrap(), (true, Some(change.id.number() + 1)), "{engine:?}");
    }
}

#[tokio::test]
async fn another_kind_or_a_settled_one_is_no_obstacle() {
    for engine in engines() {
        let ground = Ground::new(engine).await;
        let first = ask(&ground.store, Kind::Invite, "lea@example.com").await.unwrap();
        assert!(ask(&ground.store, Kind::WithdrawInvite, "lea@example.com").await.is_some(), "{engine:?}");
        assert!(ask(&ground.store, Kind::Invite, "lea@example.com").await.is_none(), "{engine:?}");
        assert!(decide(&ground.store, &first, Verdict::Deny, "bo", 5).await);
        let again = ask(&ground.store, Kind::Invite, "lea@example.com").await.unwrap();
        assert_eq!(again.id.number(), 3, "{engine:?}: no number is lost by a question that was not written");
        assert_eq!(ground.store.requests(&RequestFilter::Waiting, 9).await.unwrap().len(), 2, "{engine:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_decided_change_is_held_by_one_and_lost_with_its_fence() {
    for engine in engines() {
        let ground = Ground::new(engine).await;
        let store = &ground.store;
        let change = ask(store, Kind::Invite, "lea@example.com").await.unwrap();
        let number = change.id.number();
        assert_eq!(store.hold_change(number, "a", at(0), at(60)).await.unwrap(), None, "{engine:?}: it only waits");
        assert!(decide(store, &change, Verdict::Approve, "bo", 1).await);
        let holders = join_all((0..8).map(|holder| {
            let store = store.clone();
            tokio::spawn(async move { store.hold_change(number, &format!("h{holder}"), at(0), at(60)).await.unwrap() })
        }));
        let held: Vec<Hold> = holders.await.into_iter().filter_map(Result::unwrap).collect();
        let (first, second) = (Hold { number, fence: 1 }, Hold { number, fence: 2 });
        assert_eq!(held, [first], "{engine:?}");
        assert_eq!(
            store.hold_change(number, "late", at(61), at(120)).await.unwrap(),
            Some(second),
            "{engine:?}: taken over"
        );
        let mut tx = store.begin().await.unwrap();
        assert!(!store.still_held(&mut tx, first, at(200)).await.unwrap(), "{engine:?}: the first hold is lost");
        assert!(store.still_held(&mut tx, second, at(200)).await.unwrap(), "{engine:?}");
        store.commit(tx).await.unwrap();
        store.let_go(first, None).await.unwrap();
        assert_eq!(
            store.hold_change(number, "x", at(199), at(300)).await.unwrap(),
            None,
            "{engine:?}: a late one frees nothing"
        );
        store.let_go(second, Some(at(500))).await.unwrap();
        assert!(store.changes_to_apply(at(499)).await.unwrap().is_empty(), "{engine:?}");
        assert_eq!(store.changes_to_apply(at(500)).await.unwrap().len(), 1, "{engine:?}");
    }
}

/// Edits of a stored change, each with what it is: a column, and values that it could be given.
const EDITS: &[(&str, &[&str])] = &[
    ("UPDATE change SET number = CAST($1 AS BIGINT)", &["2", "7", "0", "-1"]),
    ("UPDATE change SET id = $1", &["C2-aaaa", "C1-aaaa", "C3-k3f9", "C01-aaaa", "nothing"]),
    (
        "UPDATE change SET kind = $1",
        &["invite.withdraw", "invite.resend", "member.role", "member.remove", "member.explode", ""],
    ),
    ("UPDATE change SET subject = $1", &["eve@example.com", "", "LEA@example.com", "lea@example.com "]),
    ("UPDATE change SET body = $1", &["{}", "", r#"{"change":"invite","email":"eve@example.com","role":"billing"}"#]),
    ("UPDATE change SET body = REPLACE(body, 'lea', $1)", &["eve", "Lea", "le\u{430}"]),
    ("UPDATE change SET body = REPLACE(body, 'developer', $1)", &["billing", "admin", "user"]),
    ("UPDATE change SET body = body || $1", &[" ", "\n", "{}"]),
    ("UPDATE change SET plan = $1", &["{}", "", "null"]),
    ("UPDATE change SET plan = REPLACE(plan, 'lea', $1)", &["eve", "", "lea "]),
    ("UPDATE change SET plan = REPLACE(plan, 'POST', $1)", &["DELETE", "post"]),
    ("UPDATE change SET plan = REPLACE(plan, '\"no\"', $1)", &["\"yes\"", "null"]),
    (
        "UPDATE change SET plan = REPLACE(plan, '\"cost\":null', $1)",
        &["\"cost\":\"a lot\"", "\"cost\":null,\"extra\":1", "\"cost\": null"],
    ),
    ("UPDATE change SET plan = REPLACE(plan, '{', $1)", &["{ ", "[", "{\"steps\":[],"]),
    ("UPDATE change SET digest = $1", &["", "aaaa", "k3f9"]),
    ("UPDATE change SET digest = digest || $1", &["a", " "]),
    ("UPDATE change SET decision = $1", &["\"at_once\"", "\"refuse\"", "{}", r#"{"approvals":{"count":1,"by":[]}}"#]),
    ("UPDATE change SET decision = REPLACE(decision, 'admin', $1)", &["member", "billing", "Admin"]),
    ("UPDATE change SET decision = REPLACE(decision, '1', $1)", &["0", "2", " 1"]),
    ("UPDATE change SET reason = $1", &["", "another one", "joins the evals team "]),
    ("UPDATE change SET asked_by = $1", &["person_eve", "", "person_bo", "Person_ada"]),
    ("UPDATE change SET asker_account = $1", &["browser:eve", "operator:ada", "slack:T01/ada", "ada", "browser:ada "]),
    ("UPDATE change SET for_person = $1", &["person_bo", "person_ada", ""]),
    ("UPDATE change SET for_person = NULLIF($1, 'none')", &["none"]),
    ("UPDATE change SET asked_at_ms = asked_at_ms + CAST($1 AS BIGINT)", &["1", "-1", "86400000"]),
    ("UPDATE change SET decided_by = $1", &["person_eve", "person_ada", "", "Person_bo"]),
    ("UPDATE change SET decided_by = NULLIF($1, 'none')", &["none"]),
    ("UPDATE change SET decider_account = $1", &["browser:eve", "browser:ada", "operator:bo", "bo", ""]),
    ("UPDATE change SET decider_account = NULLIF($1, 'none')", &["none"]),
    ("UPDATE change SET decided_at_ms = decided_at_ms + CAST($1 AS BIGINT)", &["1", "-1", "3600000"]),
    ("UPDATE change SET decided_at_ms = CAST(NULLIF($1, 'none') AS BIGINT)", &["none", "0"]),
    ("UPDATE change SET undoes = $1", &["C1-bbbb", "C7-k3f9", "", "C17-k3f8", "c17-K3F9"]),
    ("UPDATE change SET undoes = NULLIF($1, 'none')", &["none"]),
    ("UPDATE change SET mac = $1", &["", "00", "not hex"]),
    ("UPDATE change SET mac = UPPER(mac) || $1", &["", "00"]),
    ("UPDATE change SET state = $1", &["denied", "exploded"]),
];

/// Everything that an approval is about, in words. What moves on by itself (state, hold, reminders) is not in it.
fn meaning(row: &Change) -> String {
    let it = &row.asked;
    format!(
        "{:?}",
        (
            (&row.id, it.kind, &it.subject, &it.body, &it.plan, &row.digest, &it.decision, &it.reason),
            (
                &it.asked_by,
                &it.asker_account,
                &it.for_person,
                it.asked_at,
                &it.undoes,
                &row.decided,
                row.state == State::Denied
            ),
        )
    )
}

async fn approved(store: &Store) -> Change {
    let mut tx = store.begin().await.unwrap();
    let undoes = Some("C17-k3f9".parse::<ChangeId>().unwrap());
    let new = steward::domain::Asked { undoes, ..asked(Kind::Invite, "lea@example.com") };
    let change = store.ask(&mut tx, new).await.unwrap().unwrap();
    assert!(store.decide(&mut tx, &change, Verdict::Approve, decided("bo", at(10))).await.unwrap());
    store.commit(tx).await.unwrap();
    store.change(&change.id).await.unwrap().unwrap()
}

/// The change that stands in the table, if it can be read and is genuine.
async fn genuine(store: &Store) -> Option<Change> {
    let mut rows = store.requests(&RequestFilter::All, 9).await.ok()?;
    assert_eq!(rows.len(), 1);
    Some(rows.remove(0)).filter(|it| store.is_genuine(it))
}

async fn restore(raw: &mut AnyConnection) {
    run(raw, "BEGIN; DELETE FROM change; INSERT INTO change SELECT * FROM change_kept; COMMIT").await;
}

#[tokio::test]
async fn an_edited_change_is_not_genuine_or_means_the_same() {
    for engine in engines() {
        let ground = Ground::new(engine).await;
        let original = approved(&ground.store).await;
        let mut raw = ground.raw().await;
        run(&mut raw, "CREATE TABLE change_kept AS SELECT * FROM change").await;
        assert_eq!(genuine(&ground.store).await.map(|it| meaning(&it)), Some(meaning(&original)), "{engine:?}");
        let every: Vec<(&str, &str)> =
            EDITS.iter().flat_map(|(sql, values)| values.iter().map(|it| (*sql, *it))).collect();
        let random = Random::seeded(200);
        // First each one alone, then two or three together, 200 in all.
        let (mut refused, mut same) = (0, 0);
        for turn in 0..200.max(every.len()) {
            let together = if turn < every.len() { 1 } else { 2 + random.below(2) };
            let mut made = Vec::new();
            for _ in 0..together {
                let pick =
                    if turn < every.len() { turn } else { usize::try_from(random.below(every.len() as u64)).unwrap() };
                let (sql, value) = every[pick];
                sqlx::query(sql).bind(value).execute(&mut raw).await.unwrap_or_else(|it| panic!("{sql}: {it}"));
                made.push((sql, value));
            }
            match genuine(&ground.store).await {
                None => refused += 1,
                Some(row) => {
                    assert_eq!(meaning(&row), meaning(&original), "{engine:?}: {made:?} was taken for genuine");
                    same += 1;
                }
            }
            restore(&mut raw).await;
        }
        assert!(refused > 150 && same > 0, "{engine:?}: {refused} refused, {same} the same");
        assert!(genuine(&ground.store).await.is_some(), "{engine:?}: the last edit was not undone");
    }
}

/// Each edit but these few really is refused, so that the test above cannot be satisfied by edits without effect.
#[tokio::test]
async fn only_another_spelling_of_the_same_stays_genuine() {
    for engine in engines() {
        let ground = Ground::new(engine).await;
        let original = approved(&ground.store).await;
        let mut raw = ground.raw().await;
        run(&mut raw, "CREATE TABLE change_kept AS SELECT * FROM change").await;
        let mut harmless = BTreeSet::new();
        for (sql, value) in EDITS.iter().flat_map(|(sql, values)| values.iter().map(|it| (*sql, *it))) {
            sqlx::query(sql).bind(value).execute(&mut raw).await.unwrap();
            if genuine(&ground.store).await.is_some() {
                harmless.insert(value);
            }
            restore(&mut raw).await;
        }
        let spellings = ["\"cost\": null", "\"cost\":null,\"extra\":1", " 1", "{ ", "c17-K3F9"];
        assert_eq!(harmless, BTreeSet::from(spellings), "{engine:?}");
        // Nor does another key take it for its own, nor a copy under another number.
        let other = steward::seal::MasterKey::generate(&Random::seeded(12));
        assert!(!Store::open(&ground.database.url, &other).await.unwrap().is_genuine(&original), "{engine:?}");
        assert!(Store::open(&ground.database.url, &key()).await.unwrap().is_genuine(&original), "{engine:?}");
    }
}

/// A no is not made a yes, nor what nobody decided an approval.
#[tokio::test]
async fn a_verdict_cannot_be_turned_in_the_database() {
    for engine in engines() {
        let ground = Ground::new(engine).await;
        let mut raw = ground.raw().await;
        let denied = ask(&ground.store, Kind::Invite, "lea@example.com").await.unwrap();
        assert!(decide(&ground.store, &denied, Verdict::Deny, "bo", 5).await);
        let waiting = ask(&ground.store, Kind::Invite, "zoe@example.com").await.unwrap();
        run(&mut raw, "UPDATE change SET state = 'approved'").await;
        let turned = ground.store.change_numbered(denied.id.number()).await.unwrap().unwrap();
        assert!(!ground.store.is_genuine(&turned), "{engine:?}: a no was made a yes");
        let forced = ground.store.change_numbered(waiting.id.number()).await.unwrap().unwrap();
        assert_eq!(forced.decided, None, "{engine:?}: it says of itself that nobody decided it");
        run(
            &mut raw,
            "UPDATE change SET decided_by = 'person_bo', decider_account = 'browser:bo', decided_at_ms = 1796000005000",
        )
        .await;
        let edited = ground.store.change_numbered(waiting.id.number()).await.unwrap().unwrap();
        assert!(edited.decided.is_some() && !ground.store.is_genuine(&edited), "{engine:?}: nobody decided it");
    }
}
