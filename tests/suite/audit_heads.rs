//! Signed heads of the audit trail: told in time, kept outside, and what somebody with the database but without the key can do
//! to the trail is found against them. Also what the chain alone cannot see: everything put back as it once was.

use std::collections::BTreeMap;

use serde_json::json;
use sqlx::{AnyConnection, Row};
use steward::chat::Block;
use steward::cli::house::Outside;
use steward::domain::{HeadVerdict, SignedHead, read_heads};
use steward::job::{HeadFile, HeadPlaces};
use steward::random::Random;
use steward::store::{Act, Store, Way};

use crate::audit_edits::{keep, restore};
use crate::audit_trail::rehash;
use crate::bench::{Engine, Folder, engines, is_full, measured};
use crate::stage::{Setting, Stage, assert_snapshot};
use crate::store_ground::{Ground, at, rows, run};

/// Entries of a trail that is attacked.
const ENTRIES: i64 = 30;
/// After which of them a head was told.
const TOLD: [i64; 3] = [11, 21, ENTRIES];

async fn append(store: &Store, turn: i64) {
    let mut tx = store.begin().await.unwrap();
    let about = format!("C{turn}-k3f9");
    let act = Act {
        at: at(turn),
        actor: "browser:ada",
        action: "invite.asked",
        about: &about,
        detail: json!({ "turn": turn }),
    };
    store.append(&mut tx, &act).await.unwrap();
    store.commit(tx).await.unwrap();
}

/// A trail, the heads that were told, and every state that the head row ever had: who reads the database has seen them all.
struct Told {
    ground: Ground,
    raw: AnyConnection,
    heads: Vec<SignedHead>,
    rows: BTreeMap<i64, (String, String)>,
}

impl Told {
    async fn new(engine: Engine) -> Self {
        let ground = Ground::new(engine).await;
        let mut raw = ground.raw().await;
        let (mut heads, mut seen) = (Vec::new(), BTreeMap::from([(0, (String::new(), String::new()))]));
        for turn in 1..=ENTRIES {
            append(&ground.store, turn).await;
            let row = &rows(&mut raw, "SELECT hash, mac FROM audit_head WHERE id = 1").await[0];
            seen.insert(turn, (row.get(0), row.get(1)));
            if TOLD.contains(&turn) {
                heads.push(ground.store.sign_head(at(turn)).await.unwrap().unwrap());
            }
        }
        keep(&mut raw).await;
        Self { ground, raw, heads, rows: seen }
    }

    /// The heads that the trail contradicts, and whether the chain itself is broken.
    async fn contradicted(&self) -> (Vec<(i64, HeadVerdict)>, bool) {
        let (checked, witnessed) = self.ground.store.verify_against(&self.heads).await.unwrap();
        let wrong = witnessed.iter().filter(|it| it.verdict != HeadVerdict::Agrees);
        (wrong.map(|it| (it.seq, it.verdict)).collect(), checked.broken.is_some())
    }

    /// Cuts off everything behind `seq`, and puts the head row back as it was then. No key is needed for that.
    async fn cut(&mut self, seq: i64) {
        sqlx::query("DELETE FROM audit WHERE seq > $1").bind(seq).execute(&mut self.raw).await.unwrap();
        let (hash, mac) = &self.rows[&seq];
        let sql = "UPDATE audit_head SET seq = $1, hash = $2, mac = $3 WHERE id = 1";
        sqlx::query(sql).bind(seq).bind(hash).bind(mac).execute(&mut self.raw).await.unwrap();
    }

    /// Puts an entry in before `seq`, moves everything behind it, and hashes all anew, without the key.
    async fn put_in(&mut self, seq: i64) {
        for (sql, by) in [
            ("UPDATE audit SET seq = -seq - $1 WHERE seq >= $2", 1),
            ("UPDATE audit SET seq = $1 - seq WHERE seq < 0 AND seq < $2", 0),
        ] {
            sqlx::query(sql).bind(by).bind(seq).execute(&mut self.raw).await.unwrap();
        }
        let like = if seq > 1 { seq - 1 } else { seq + 1 };
        let sql = "INSERT INTO audit (seq, at_ms, actor, action, about, detail, previous, hash, mac)
                   SELECT CAST($1 AS BIGINT), at_ms, 'browser:eve', action, about, detail, previous, hash, mac FROM audit WHERE seq = $2";
        sqlx::query(sql).bind(seq).bind(like).execute(&mut self.raw).await.unwrap();
        run(&mut self.raw, "UPDATE audit_head SET seq = seq + 1").await;
        rehash(&mut self.raw, ENTRIES + 100).await;
    }
}

/// What is done to the trail.
#[derive(Clone, Copy, Debug)]
enum Attack {
    /// The end is cut off and the head row put back.
    Truncate(i64),
    /// The same, and Steward, which notices nothing, goes on writing, as many entries as were cut or more.
    TruncateAndGoOn(i64, i64),
    /// An entry is put in, and all is hashed anew.
    Insert(i64),
    /// An entry is changed, and all is hashed anew.
    Rehash(i64),
    /// The end is cut off, entries are put in its place, and all is hashed anew.
    TruncateAndInsert(i64),
}

impl Attack {
    fn random(random: &Random) -> Self {
        let below = |most: i64| i64::try_from(random.below(most.unsigned_abs())).unwrap();
        let seq = below(ENTRIES) + 1;
        match random.below(5) {
            0 => Self::Truncate(seq - 1),
            1 => Self::TruncateAndGoOn(seq - 1, ENTRIES - seq + 1 + below(6)),
            2 => Self::Insert(seq),
            3 => Self::Rehash(seq),
            _ => Self::TruncateAndInsert(seq.min(ENTRIES - 1)),
        }
    }

    /// The first entry that is not what it was.
    fn from(self) -> i64 {
        match self {
            Self::Truncate(kept) | Self::TruncateAndGoOn(kept, _) => kept + 1,
            Self::Insert(seq) | Self::Rehash(seq) | Self::TruncateAndInsert(seq) => seq,
        }
    }

    async fn make(self, told: &mut Told) {
        match self {
            Self::Truncate(kept) => told.cut(kept).await,
            Self::TruncateAndGoOn(kept, more) => {
                told.cut(kept).await;
                for turn in 0..more {
                    append(&told.ground.store, 1_000 + turn).await;
                }
            }
            Self::Insert(seq) => told.put_in(seq).await,
            Self::Rehash(seq) => rehash(&mut told.raw, seq).await,
            Self::TruncateAndInsert(seq) => {
                told.cut(seq).await;
                for _ in seq..ENTRIES {
                    told.put_in(seq).await;
                }
            }
        }
    }
}

/// Truncation, insertion and re-hashing without the key: found against the told heads, every time, and never falsely.
#[tokio::test]
async fn what_is_done_without_the_key_is_found_against_the_told_heads() {
    let wanted = if is_full() { 1_000 } else { 50 };
    for engine in engines() {
        let mut told = Told::new(engine).await;
        let random = Random::seeded(2_027);
        let (mut found, mut unseen_by_the_chain) = (0, 0);
        for number in 0..wanted {
            let attack = Attack::random(&random);
            attack.make(&mut told).await;
            let (wrong, chain_broken) = told.contradicted().await;
            let expected: Vec<i64> = TOLD.into_iter().filter(|it| *it >= attack.from()).collect();
            let seqs: Vec<i64> = wrong.iter().map(|(seq, _)| *seq).collect();
            assert_eq!(seqs, expected, "{engine:?}: {attack:?} is seen by exactly the heads that cover it");
            found += 1;
            unseen_by_the_chain += i32::from(!chain_broken);
            restore(&mut told.raw).await;
            if number % 10 == 0 {
                assert_eq!(
                    told.contradicted().await,
                    (Vec::new(), false),
                    "{engine:?}: falsely found after {attack:?}"
                );
            }
        }
        measured(&format!("edits of the trail without the key, found, {engine:?}"), found, wanted, found == wanted);
        assert!(unseen_by_the_chain > 0, "{engine:?}: some of them only a head can show");
    }
}

/// A head that somebody else signed, or that was changed, proves nothing, and is not taken for a contradiction either.
#[tokio::test]
async fn a_forged_head_accuses_nobody() {
    let mut told = Told::new(Engine::Sqlite).await;
    let other = steward::seal::Signer::audit_head(&steward::seal::MasterKey::generate(&Random::seeded(5)));
    told.heads = vec![told.heads[0].head.clone().signed(&other)];
    told.heads.push(SignedHead { head: told.heads[0].head.clone(), key: String::new(), signature: "AAAA".into() });
    let (wrong, broken) = told.contradicted().await;
    assert_eq!((wrong, broken), (vec![(11, HeadVerdict::NotOurs); 2], false));
    run(&mut told.raw, "UPDATE audit_head SET hash = ''").await;
    assert!(told.ground.store.sign_head(at(0)).await.is_err(), "what is not ours is not signed");
}

/// A house that tells its heads, in a channel and a file.
async fn telling(engine: Engine, folder: &Folder) -> (Stage, HeadFile) {
    let file = HeadFile::beside(Some(&folder.path().join("steward.db")));
    let heads = HeadPlaces { channel: Some("browser:audit".into()), file: Some(file.clone()) };
    let stage = Stage::set(Setting { outside: Outside { heads, webhook: None }, ..Setting::on(engine) }).await;
    (stage, file)
}

/// Moves a stage by minutes, a settled minute at a time.
pub(crate) async fn minutes(stage: &Stage, count: i64) {
    for _ in 0..count {
        let next = stage.clock.now().as_millisecond() + 60_000;
        stage.clock.advance_to(steward::clock::moment(next));
        stage.settle().await;
    }
}

async fn carried(stage: &Stage) -> i64 {
    stage.house.store.outlet(Way::Head).await.unwrap().carried
}

#[tokio::test]
async fn heads_are_told_every_ten_minutes_or_after_a_hundred_entries() {
    for engine in engines() {
        let folder = Folder::new();
        let (stage, file) = telling(engine, &folder).await;
        let ada = stage.person("ada");
        minutes(&stage, 30).await;
        assert_eq!((carried(&stage).await, file.read().unwrap().read.len()), (0, 0), "an empty trail has no head");

        ada.says("/claude invite lea@example.com").await;
        minutes(&stage, 1).await;
        let shown = stage.next_in("audit").await;
        let first = carried(&stage).await;
        assert!(first > 0);
        let told = told_of(&shown);
        assert_eq!((told.head.seq, told.is_signed_by(&stage.house.store.head_key())), (first, true));
        let words = shown.reads().lines().filter(|it| !it.contains('=')).collect::<Vec<_>>().join("\n");
        assert_snapshot!(words.replace(&format!("entry {first}."), "entry N."), @r"
        The audit trail goes to entry N. This signature covers every entry so far.
        steward-audit-head-v1
        To check it later: steward audit verify --head '…'
        ");
        minutes(&stage, 20).await;
        assert_eq!(carried(&stage).await, first, "there was nothing new");

        ada.says("/claude whoami").await;
        stage.settle().await;
        minutes(&stage, 1).await;
        stage.next_in("audit").await;
        ada.says("/claude whoami").await;
        stage.settle().await;
        minutes(&stage, 8).await;
        let second = carried(&stage).await;
        assert_eq!(second, first + 1, "the next head waits its ten minutes");
        minutes(&stage, 3).await;
        assert_eq!(carried(&stage).await, first + 2);
        stage.next_in("audit").await;

        for _ in 0..100 {
            ada.says("/claude whoami").await;
        }
        minutes(&stage, 2).await;
        assert_eq!(carried(&stage).await, first + 102, "a hundred entries do not wait");
        stage.next_in("audit").await;

        let kept = file.read().unwrap();
        assert_eq!((kept.read.len(), kept.unreadable), (4, 0));
        let (checked, witnessed) = stage.house.store.verify_against(&kept.read).await.unwrap();
        assert!(checked.broken.is_none() && witnessed.iter().all(|it| it.verdict == HeadVerdict::Agrees));
        let pem = std::fs::read_to_string(folder.path().join("audit-head.pub")).unwrap();
        assert_eq!(pem, stage.house.store.head_key().to_pem());
        stage.close().await;
    }
}

fn told_of(shown: &crate::stage::Shown) -> SignedHead {
    let code = shown.message.blocks.iter().find_map(|it| if let Block::Code(text) = it { Some(text) } else { None });
    read_heads(code.expect("a block that can be copied")).read.pop().expect("a head in it")
}

/// Nobody has to run a check by hand: before it signs, Steward looks whether the trail still holds what it told last.
#[tokio::test]
async fn a_trail_put_back_is_noticed_before_the_next_signature() {
    for engine in engines() {
        let folder = Folder::new();
        let (stage, file) = telling(engine, &folder).await;
        let ada = stage.person("ada");
        ada.says("/claude whoami").await;
        stage.settle().await;
        minutes(&stage, 1).await;
        stage.next_in("audit").await;
        for statement in
            ["CREATE TABLE kept AS SELECT * FROM audit", "CREATE TABLE head_kept AS SELECT * FROM audit_head"]
        {
            stage.tamper(statement).await;
        }
        ada.says("/claude invite lea@example.com").await;
        minutes(&stage, 11).await;
        stage.next_in("audit").await;
        for statement in [
            "DELETE FROM audit",
            "INSERT INTO audit SELECT * FROM kept",
            "DELETE FROM audit_head",
            "INSERT INTO audit_head SELECT * FROM head_kept",
        ] {
            stage.tamper(statement).await;
        }
        ada.says("/claude whoami").await;
        let before = file.read().unwrap().read.len();
        for _ in 0..9 {
            ada.says("/claude whoami").await;
        }
        stage.house.store.outlet(Way::Head).await.unwrap();
        // The outlet's row is in the same database, so it was put back with the rest in a real copy.
        stage.tamper("UPDATE audit_outlet SET taken = 1, carried = 1 WHERE name = 'head'").await;
        minutes(&stage, 25).await;
        assert_eq!(file.read().unwrap().read.len(), before, "{engine:?}: nothing more is signed");
        let alarm = stage.next_in("approvals").await;
        let told = alarm.told();
        let words: Vec<&str> = told.lines().collect();
        assert!(
            words[0].starts_with("The audit trail contradicts the head that was signed on 2026-12-01 09:1"),
            "{words:?}"
        );
        assert!(words[1].starts_with("Entry ") && words[1].ends_with("or one before it is."), "{words:?}");
        assert_snapshot!(words[2..].join("\n"), @r"
        Somebody has cut or rewritten the trail, or an older copy of the database was put back.
        No further head is signed. Keep the database as it is and look with steward audit verify. If you have put a backup back yourself, move audit-head.jsonl away to go on.
        ");
        assert_eq!(stage.next_in("audit").await.told(), told, "{engine:?}: the channel of the heads is told as well");
        minutes(&stage, 30).await;
        // Told once, however often it is looked at.
        std::fs::rename(file.path(), folder.path().join("elsewhere")).unwrap();
        minutes(&stage, 11).await;
        assert_eq!(file.read().unwrap().read.len(), 1, "{engine:?}: it goes on once the file was moved away");
        stage.next_in("audit").await;
        stage.close().await;
    }
}

/// A line that a crash has cut off costs that line and no other.
#[test]
fn a_torn_line_is_ended_first() {
    let folder = Folder::new();
    let file = HeadFile::beside(Some(&folder.path().join("x.db")));
    let signer = steward::seal::Signer::audit_head(&steward::seal::MasterKey::generate(&Random::seeded(1)));
    let head =
        |seq| steward::domain::Head { seq, hash: "a".repeat(64), at: steward::clock::moment(seq) }.signed(&signer);
    assert_eq!(file.newest().unwrap(), None);
    file.append(&head(1), &signer.public()).unwrap();
    let torn = &head(2).to_line()[..50];
    let text = std::fs::read_to_string(file.path()).unwrap();
    std::fs::write(file.path(), format!("{text}{torn}")).unwrap();
    assert_eq!(file.newest().unwrap().map(|it| it.head.seq), Some(1));
    file.append(&head(3), &signer.public()).unwrap();
    let read = file.read().unwrap();
    assert_eq!((read.read.iter().map(|it| it.head.seq).collect::<Vec<_>>(), read.unreadable), (vec![1, 3], 1));
    assert_eq!(file.newest().unwrap().map(|it| it.head.seq), Some(3));
}

/// The end of a process signs what is left, without waiting.
#[tokio::test]
async fn a_process_that_ends_signs_the_rest() {
    let folder = Folder::new();
    let (stage, file) = telling(Engine::Sqlite, &folder).await;
    stage.person("ada").says("/claude whoami").await;
    stage.settle().await;
    let stop = tokio_util::sync::CancellationToken::new();
    stop.cancel();
    stage.house.keep_going(stop).await;
    assert_eq!(file.read().unwrap().read.len(), 1);
    stage.next_in("audit").await;
    stage.close().await;
}
