//! The audit trail: whoever edits it in the database without the key is found out, and nobody is accused who did not.

use data_encoding::HEXLOWER;
use futures_util::future::join_all;
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::{AnyConnection, Connection, Row};
use steward::random::Random;
use steward::store::{Act, Error, Store, Trail};

use crate::audit_edits::{Edit, HEAD_EDITS, is_changed, keep, restore};
use crate::bench::{Engine, engines, is_full};
use crate::store_ground::{Ground, at, number, rows, run};

/// Entries of a trail that is edited.
const ENTRIES: i64 = 24;

async fn append(store: &Store, actor: &str, turn: i64) -> Result<i64, Error> {
    let mut tx = store.begin().await?;
    let action = ["invite.asked", "invite.approved", "invite.applied"][usize::try_from(turn % 3).unwrap()];
    let about = format!("C{}-k3f9", turn / 3 + 1);
    let act = Act { at: at(turn), actor, action, about: &about, detail: json!({ "call": turn, "digest": "k3f9" }) };
    let seq = store.append(&mut tx, &act).await?;
    store.commit(tx).await?;
    Ok(seq)
}

/// A trail of [`ENTRIES`] entries, and a copy of its tables to go back to.
async fn trail(engine: Engine) -> (Ground, AnyConnection) {
    let ground = Ground::new(engine).await;
    for turn in 0..ENTRIES {
        append(&ground.store, ["browser:ada", "browser:bo", "steward"][usize::try_from(turn % 3).unwrap()], turn)
            .await
            .unwrap();
    }
    let mut raw = ground.raw().await;
    keep(&mut raw).await;
    (ground, raw)
}

async fn broken(store: &Store) -> Option<String> {
    store.verify_audit().await.expect("a broken trail is an answer, not an error").broken.map(|it| it.what)
}

#[tokio::test]
async fn an_untouched_trail_is_whole() {
    for engine in engines() {
        let empty = Ground::new(engine).await;
        assert_eq!(empty.store.verify_audit().await.unwrap().broken, None, "{engine:?}");
        let (ground, mut raw) = trail(engine).await;
        let checked = ground.store.verify_audit().await.unwrap();
        assert_eq!((checked.entries, checked.broken), (ENTRIES, None), "{engine:?}");
        let head: String = rows(&mut raw, "SELECT hash FROM audit_head").await[0].get(0);
        assert_eq!(checked.head, head, "{engine:?}: what a witness keeps is the head");
        let newest = ground.store.trail(&Trail { limit: 2, ..Trail::default() }).await.unwrap();
        assert_eq!(newest.iter().map(|it| it.seq).collect::<Vec<_>>(), [ENTRIES, ENTRIES - 1], "{engine:?}");
    }
}

/// An edit that put back what was there already is none, and is not counted.
#[tokio::test]
async fn every_edit_of_the_tables_is_found() {
    let wanted = if is_full() { 1_000 } else { 50 };
    for engine in engines() {
        let (ground, mut raw) = trail(engine).await;
        let random = Random::seeded(2_026);
        let (mut edits, mut without_effect) = (0, 0);
        while edits < wanted {
            assert!(without_effect < 20 * wanted, "{engine:?}: the edits have no effect any more");
            let edit = Edit::random(&random, engine, ENTRIES);
            let mut tx = raw.begin().await.unwrap();
            if edit.make(&mut tx).await.is_err() {
                // The database itself refused it: two rows with one number.
                tx.rollback().await.unwrap();
                without_effect += 1;
                continue;
            }
            tx.commit().await.unwrap();
            if is_changed(&mut raw).await {
                edits += 1;
                assert!(broken(&ground.store).await.is_some(), "{engine:?}: nobody noticed {edit:?}");
            } else {
                without_effect += 1;
            }
            restore(&mut raw).await;
            if edits % 10 == 0 {
                assert_eq!(broken(&ground.store).await, None, "{engine:?}: falsely found after {edit:?} was undone");
            }
        }
        assert_eq!(broken(&ground.store).await, None, "{engine:?}");
    }
}

/// Each kind of edit at its edges, so that none of them depends on luck.
#[tokio::test]
async fn edits_at_the_edges_are_found() {
    for engine in engines() {
        let (ground, mut raw) = trail(engine).await;
        for edit in Edit::edges(engine, ENTRIES) {
            let mut tx = raw.begin().await.unwrap();
            edit.make(&mut tx).await.unwrap_or_else(|it| panic!("{engine:?} {edit:?}: {it}"));
            tx.commit().await.unwrap();
            assert!(is_changed(&mut raw).await, "{engine:?}: {edit:?} changes nothing");
            assert!(broken(&ground.store).await.is_some(), "{engine:?}: nobody noticed {edit:?}");
            restore(&mut raw).await;
            assert_eq!(broken(&ground.store).await, None, "{engine:?}: {edit:?} was not undone");
        }
    }
}

/// The hash is no secret: whoever changes an entry can make all later hashes fit. The keyed codes then do not.
#[tokio::test]
async fn a_chain_hashed_anew_without_the_key_is_found() {
    for engine in engines() {
        let (ground, mut raw) = trail(engine).await;
        for from in [1, 2, ENTRIES / 2, ENTRIES] {
            rehash(&mut raw, from).await;
            let found = ground.store.verify_audit().await.unwrap().broken.expect("it is found");
            assert_eq!((found.seq, found.what.as_str()), (from, "it was not written by this Steward"), "{engine:?}");
            restore(&mut raw).await;
        }
        // The same with the right entries shows that the hashing of this test is the one that is used.
        let before: Vec<String> =
            rows(&mut raw, "SELECT hash FROM audit ORDER BY seq").await.iter().map(|it| it.get(0)).collect();
        rehash(&mut raw, ENTRIES + 1).await;
        let after: Vec<String> =
            rows(&mut raw, "SELECT hash FROM audit ORDER BY seq").await.iter().map(|it| it.get(0)).collect();
        assert_eq!(before, after, "{engine:?}");
    }
}

/// Changes who did entry `from` (if there is one), then hashes everything as the store would.
pub(crate) async fn rehash(raw: &mut AnyConnection, from: i64) {
    sqlx::query("UPDATE audit SET actor = 'browser:eve' WHERE seq = $1").bind(from).execute(&mut *raw).await.unwrap();
    let mut previous = String::new();
    for row in rows(raw, "SELECT seq, at_ms, actor, action, about, detail FROM audit ORDER BY seq").await {
        let (seq, at_ms) = (row.get::<i64, _>(0), row.get::<i64, _>(1));
        let mut hasher = Sha256::new();
        let texts: [String; 4] = [2, 3, 4, 5].map(|it| row.get(it));
        let mut fields = vec![previous.clone(), seq.to_string(), at_ms.to_string()];
        fields.extend(texts);
        for field in fields {
            hasher.update((field.len() as u64).to_be_bytes());
            hasher.update(field.as_bytes());
        }
        let hash = HEXLOWER.encode(&hasher.finalize());
        let sql = "UPDATE audit SET previous = $1, hash = $2 WHERE seq = $3";
        sqlx::query(sql).bind(&previous).bind(&hash).bind(seq).execute(&mut *raw).await.unwrap();
        previous = hash;
    }
    sqlx::query("UPDATE audit_head SET hash = $1").bind(&previous).execute(&mut *raw).await.unwrap();
}

#[tokio::test]
async fn nothing_is_appended_to_a_head_that_was_tampered_with() {
    for engine in engines() {
        let (ground, mut raw) = trail(engine).await;
        for edit in HEAD_EDITS {
            run(&mut raw, edit).await;
            let refused = append(&ground.store, "browser:ada", 1).await;
            assert!(matches!(refused, Err(Error::Corrupt("audit head"))), "{engine:?} {edit}: {refused:?}");
            assert_eq!(
                number(&mut raw, "SELECT COUNT(*) FROM audit").await,
                ENTRIES,
                "{engine:?}: nothing was written"
            );
            restore(&mut raw).await;
        }
        assert_eq!(append(&ground.store, "browser:ada", 1).await.unwrap(), ENTRIES + 1, "{engine:?}");
        assert_eq!(broken(&ground.store).await, None, "{engine:?}");
        // A head put back to the beginning is as good as new, but its first entry's place is taken.
        run(&mut raw, "UPDATE audit_head SET seq = 0, hash = '', mac = ''").await;
        assert!(append(&ground.store, "browser:ada", 1).await.is_err(), "{engine:?}");
        assert!(broken(&ground.store).await.is_some(), "{engine:?}");
    }
}

/// What is accepted: tables put back, all together, as they once were. Emptied with the head as the migration makes it, or
/// as in a copy of last week, they are a trail that this Steward did write, and nothing inside the database can tell. Only a
/// head that was kept outside shows it, which is why `audit verify` names the head and asks to keep it elsewhere.
#[tokio::test]
async fn a_trail_put_back_as_a_whole_is_seen_by_the_head_alone() {
    for engine in engines() {
        let (ground, mut raw) = trail(engine).await;
        let kept = ground.store.verify_audit().await.unwrap().head;
        for turn in 0..5 {
            append(&ground.store, "browser:ada", turn).await.unwrap();
        }
        let witness = ground.store.verify_audit().await.unwrap().head;
        restore(&mut raw).await;
        let older = ground.store.verify_audit().await.unwrap();
        assert_eq!((older.broken, older.entries, &older.head), (None, ENTRIES, &kept), "{engine:?}");
        run(&mut raw, "DELETE FROM audit; UPDATE audit_head SET seq = 0, hash = '', mac = ''").await;
        let emptied = ground.store.verify_audit().await.unwrap();
        assert_eq!((emptied.broken, emptied.entries), (None, 0), "{engine:?}");
        assert!(older.head != witness && emptied.head != witness, "{engine:?}: a witness sees both");
    }
}

/// Sixteen at once, and somebody who verifies all the while and never accuses anybody.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn parallel_appends_leave_no_gap() {
    let each = if is_full() { 200 } else { 12 };
    for engine in engines() {
        let ground = Ground::new(engine).await;
        let writers = (0..16).map(|writer| {
            let store = ground.store.clone();
            tokio::spawn(async move {
                for turn in 0..each {
                    append(&store, &format!("browser:w{writer}"), turn).await.unwrap();
                }
            })
        });
        let writers = tokio::spawn(join_all(writers.collect::<Vec<_>>()));
        let mut verified = 0;
        while !writers.is_finished() {
            assert_eq!(broken(&ground.store).await, None, "{engine:?}: falsely found while others append");
            verified += 1;
        }
        for writer in writers.await.unwrap() {
            writer.unwrap();
        }
        assert!(verified > 0, "{engine:?}: nobody looked meanwhile");
        let checked = ground.store.verify_audit().await.unwrap();
        assert_eq!((checked.entries, checked.broken), (16 * each, None), "{engine:?}");
        let mut raw = ground.raw().await;
        assert_eq!(number(&mut raw, "SELECT MIN(seq) + MAX(seq) FROM audit").await, 16 * each + 1, "{engine:?}: a gap");
    }
}

#[tokio::test]
async fn an_entry_that_was_rolled_back_leaves_no_gap() {
    for engine in engines() {
        let (ground, _) = trail(engine).await;
        let mut tx = ground.store.begin().await.unwrap();
        let act = Act { at: at(0), actor: "steward", action: "link.made", about: "browser:ada", detail: json!({}) };
        assert_eq!(ground.store.append(&mut tx, &act).await.unwrap(), ENTRIES + 1);
        tx.rollback().await.unwrap();
        assert_eq!(broken(&ground.store).await, None, "{engine:?}");
        assert_eq!(append(&ground.store, "browser:ada", 1).await.unwrap(), ENTRIES + 1, "{engine:?}");
    }
}

/// Entries keep what they said, letter by letter, and two that could be read as one another have different hashes.
#[tokio::test]
async fn what_was_written_is_read_again_and_fields_do_not_run_together() {
    for engine in engines() {
        let ground = Ground::new(engine).await;
        let odd = [("a", "bc"), ("ab", "c"), ("", "abc"), ("zoë 李 \u{1f511}", "'; DROP TABLE audit; --")];
        for (actor, action) in odd {
            let mut tx = ground.store.begin().await.unwrap();
            let act = Act { at: at(0), actor, action, about: "x", detail: json!({ "b": 1, "a": "\"" }) };
            ground.store.append(&mut tx, &act).await.unwrap();
            ground.store.commit(tx).await.unwrap();
        }
        let read = ground.store.trail(&Trail { after_seq: Some(0), limit: 9, ..Trail::default() }).await.unwrap();
        let said: Vec<(&str, &str)> = read.iter().map(|it| (it.actor.as_str(), it.action.as_str())).collect();
        assert_eq!(said, odd, "{engine:?}");
        assert_eq!(broken(&ground.store).await, None, "{engine:?}");
        let mut raw = ground.raw().await;
        run(&mut raw, "UPDATE audit SET actor = 'ab', action = 'c' WHERE seq = 1").await;
        assert!(broken(&ground.store).await.is_some(), "{engine:?}: a letter that moved to the next field is a change");
    }
}
