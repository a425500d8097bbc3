//! `steward audit` and `steward verify`: the trail read out, and what was tampered with found.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use steward::clock::moment;
use steward::job::HeadFile;
use steward::seal::MasterKey;
use steward::store::{Act, Store};

use super::shell::{MASTER_CANARY, Shell};
use crate::bench::{Database, engines};

/// A trail with one act a day from the epoch on.
async fn with_acts(url: &str, actions: &[&str]) -> Store {
    let store = Store::open(url, &MasterKey::parse(&MASTER_CANARY.into()).unwrap()).await.unwrap();
    store.migrate().await.unwrap();
    for (day, action) in (0_i64..).zip(actions) {
        let mut tx = store.begin().await.unwrap();
        let detail = json!({ "said": "a, \"b\"" });
        let act = Act { at: moment(day * 86_400_000), actor: "slack:T01/U01ADA", action, about: "C1-aaaa", detail };
        store.append(&mut tx, &act).await.unwrap();
        store.commit(tx).await.unwrap();
    }
    store
}

#[tokio::test]
async fn a_trail_is_read_out() {
    for engine in engines() {
        let database = Database::fresh(engine).await;
        with_acts(&database.url, &["invite.asked", "=HYPERLINK(1)", "invite.applied"]).await.close().await;
        let shell = Shell::new().with_master_key().with("DATABASE_URL", &database.url);
        let said = shell.run(&["audit", "export"], "").await;
        assert_eq!(said.code, 0, "{}", said.all());
        let entries: Vec<Value> = said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(entries.iter().map(|it| it["seq"].as_i64().unwrap()).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(entries[0]["detail"]["said"], "a, \"b\"");
        assert_eq!(entries[2]["at"], "1970-01-03T00:00:00Z");

        let csv = shell.run(&["audit", "export", "--format", "csv", "--since", "1970-01-02"], "").await;
        let rows: Vec<&str> = csv.out.lines().collect();
        assert_eq!(rows.len(), 3, "{}", csv.out);
        assert_eq!(rows[0], "seq,at,actor,action,about,detail");
        assert!(
            rows[1].starts_with("2,\"1970-01-02T00:00:00Z\",\"slack:T01/U01ADA\",\"'=HYPERLINK(1)\","),
            "{}",
            rows[1]
        );
        assert!(rows[2].ends_with(r#""{""said"":""a, \""b\""""}""#), "{}", rows[2]);
        let late = shell.run(&["audit", "export", "--since", "1970-01-02T12:00:00Z"], "").await;
        assert_eq!(late.out.lines().count(), 1);
        shell.write("steward.toml", "time_zone = \"America/New_York\"\n");
        let west = shell.run(&["audit", "export", "--since", "1970-01-02"], "").await;
        assert_eq!(west.out.lines().count(), 1, "a day begins where the organization is");

        let verified = shell.run(&["audit", "verify", "--json"], "").await;
        let answer: Value = serde_json::from_str(&verified.out).unwrap();
        assert!(verified.code == 0 && answer["entries"] == 3 && answer["broken"].is_null(), "{}", verified.all());
        let told = shell.run(&["audit", "verify"], "").await;
        assert!(told.out.contains(&format!("head {}", answer["head"].as_str().unwrap())), "{}", told.out);
    }
}

#[tokio::test]
async fn a_broken_trail_is_told_by_everybody() {
    let shell = Shell::new().with_master_key();
    with_acts(&shell.database(), &["a", "b", "c"]).await.close().await;
    let pool = sqlx::SqlitePool::connect(&shell.database()).await.unwrap();
    sqlx::query("UPDATE audit SET actor = 'nobody' WHERE seq = 2").execute(&pool).await.unwrap();
    pool.close().await;
    let verify = shell.run(&["audit", "verify"], "").await;
    assert!(verify.code == 1 && verify.out.starts_with("broken at entry 2: it was changed"), "{}", verify.all());
    let json = shell.run(&["audit", "verify", "--json"], "").await;
    assert_eq!(serde_json::from_str::<Value>(&json.out).unwrap()["broken"]["seq"], 2);
    assert_eq!(json.code, 1);
    let export = shell.run(&["audit", "export"], "").await;
    assert!(export.code == 1 && export.err.contains("at entry 2, it was changed"), "{}", export.all());
    assert_eq!(export.out.lines().count(), 3, "what is there is written all the same");
    let all = shell.run(&["verify"], "").await;
    assert!(all.code == 1 && all.out.contains("the audit trail is broken at entry 2"), "{}", all.all());
    let doctor = shell.run(&["doctor"], "").await;
    assert!(doctor.out.contains("failure  audit trail    broken at entry 2"), "{}", doctor.out);
}

#[tokio::test]
async fn a_part_of_the_trail_is_read_out() {
    for engine in engines() {
        let database = Database::fresh(engine).await;
        let actions = ["invite.asked", "invite.approved", "member.role.asked", "query.said"];
        with_acts(&database.url, &actions).await.close().await;
        let shell = Shell::new().with_master_key().with("DATABASE_URL", &database.url);
        let seqs = async |filters: &[&str]| -> Vec<i64> {
            let words: Vec<&str> = ["audit", "export"].into_iter().chain(filters.iter().copied()).collect();
            let said = shell.run(&words, "").await;
            assert_eq!(said.code, 0, "{}", said.all());
            let entries = said.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
            entries.map(|it| it["seq"].as_i64().unwrap()).collect()
        };
        assert_eq!(seqs(&["--until", "1970-01-02"]).await, [1, 2], "{engine:?}: to the end of that day");
        assert_eq!(seqs(&["--until", "1970-01-02T00:00:00Z"]).await, [1], "{engine:?}: before that moment");
        assert_eq!(seqs(&["--since", "1970-01-02", "--until", "1970-01-03"]).await, [2, 3], "{engine:?}");
        assert_eq!(seqs(&["--action", "invite"]).await, [1, 2], "{engine:?}");
        assert_eq!(seqs(&["--action", "asked"]).await, [1, 3], "{engine:?}");
        assert_eq!(seqs(&["--of", "slack:T01/U01ADA", "--action", "query"]).await, [4], "{engine:?}");
        assert_eq!(seqs(&["--of", "slack:T01/U02BO"]).await, Vec::<i64>::new(), "{engine:?}");
        assert_eq!(seqs(&["--about", "C1-aaaa", "--since", "1970-01-04"]).await, [4], "{engine:?}");
        let first = shell.run(&["audit", "export", "--until", "1970-01-01"], "").await;
        let first: Value = serde_json::from_str(&first.out).unwrap();
        assert_eq!(first["hash"].as_str().unwrap().len(), 64, "each entry brings the link that binds it");
        let vague = shell.run(&["audit", "export", "--of", "Ada"], "").await;
        assert!(vague.code == 2 && vague.err.contains("named by address, by account"), "{}", vague.all());
        let bad = shell.run(&["audit", "export", "--action", "drop table"], "").await;
        assert!(bad.code == 2 && bad.err.contains("an action is written like invite.approved"), "{}", bad.all());
    }
}

/// Longer than what is read at once, so that pieces are put together.
#[tokio::test]
async fn a_long_trail_is_read_out_piece_by_piece() {
    let shell = Shell::new().with_master_key();
    let actions = vec!["a"; 2_300];
    with_acts(&shell.database(), &actions).await.close().await;
    let said = shell.run(&["audit", "export", "--format", "csv"], "").await;
    assert_eq!((said.code, said.out.lines().count()), (0, 2_301), "{}", said.err);
    let numbers: Vec<i64> = said.out.lines().skip(1).map(|it| it.split(',').next().unwrap().parse().unwrap()).collect();
    assert_eq!(numbers, (1..=2_300).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_posted_head_is_compared_with() {
    let shell = Shell::new().with_master_key();
    let store = with_acts(&shell.database(), &["a", "b", "c"]).await;
    let head = store.sign_head(moment(1_000)).await.unwrap().unwrap();
    let key = store.head_key();
    let file = HeadFile::beside(Some(&shell.path("steward.db")));
    file.append(&head, &key).unwrap();
    store.close().await;

    let verified = shell.run(&["audit", "verify"], "").await;
    assert_eq!(verified.code, 0, "{}", verified.all());
    let told: Vec<&str> = verified.out.lines().collect();
    assert_eq!(
        told[2..],
        ["1 signed heads agree, the newest for entry 3", &format!("heads are signed with the key {key}")]
    );
    // As a stranger pastes it, from a file, and from standard input.
    let pasted = format!("Steward 10:10\n```\n{}\n```", head.to_block());
    shell.write("posted.txt", &pasted);
    for (given, input) in [(pasted.as_str(), ""), ("posted.txt", ""), ("-", pasted.as_str())] {
        let said = shell.run(&["audit", "verify", "--head", given], input).await;
        assert!(said.code == 0 && said.out.contains("1 signed heads agree"), "{given}: {}", said.all());
    }
    let none = shell.run(&["audit", "verify", "--head", "steward.toml"], "").await;
    assert!(none.code == 1 && none.err.contains("steward.toml cannot be read"), "{}", none.all());
    shell.write("empty.txt", "nothing here");
    let empty = shell.run(&["audit", "verify", "--head", "empty.txt"], "").await;
    assert!(empty.code == 2 && empty.err.contains("There is no head in what --head names."), "{}", empty.all());

    // Everything behind the first entry is cut off, and the head row is put back as it was then: the chain is whole.
    let store = Store::open(&shell.database(), &MasterKey::parse(&MASTER_CANARY.into()).unwrap()).await.unwrap();
    let pool = sqlx::SqlitePool::connect(&shell.database()).await.unwrap();
    let other = Shell::new();
    let earlier = with_acts(&other.database(), &["a"]).await;
    earlier.close().await;
    let past = sqlx::SqlitePool::connect(&other.database()).await.unwrap();
    let (hash, mac): (String, String) =
        sqlx::query_as("SELECT hash, mac FROM audit_head").fetch_one(&past).await.unwrap();
    past.close().await;
    sqlx::query("DELETE FROM audit WHERE seq > 1").execute(&pool).await.unwrap();
    let sql = "UPDATE audit_head SET seq = 1, hash = $1, mac = $2";
    sqlx::query(sql).bind(hash).bind(mac).execute(&pool).await.unwrap();
    pool.close().await;
    assert_eq!(store.verify_audit().await.unwrap().broken, None);
    store.close().await;
    let cut = shell.run(&["audit", "verify"], "").await;
    assert_eq!(cut.code, 1, "{}", cut.all());
    let line = "contradicted: Entry 3 was signed and is not there any more. It was signed at 1970-01-01T00:00:01Z.";
    assert!(cut.out.contains(line), "{}", cut.out);
    let json = shell.run(&["audit", "verify", "--json"], "").await;
    let answer: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((&answer["holds"], &answer["heads"][0]["verdict"]), (&Value::Bool(false), &"missing".into()));
    let doctor = shell.run(&["doctor"], "").await;
    assert!(
        doctor.out.contains("failure  audit heads    Entry 3 was signed and is not there any more"),
        "{}",
        doctor.out
    );
}

#[tokio::test]
async fn the_doctor_looks_at_what_was_carried_out() {
    let shell = Shell::new().with_master_key();
    with_acts(&shell.database(), &["a", "b"]).await.close().await;
    shell.write(
        "steward.toml",
        "[audit]\nhead_channel = \"slack:C0AUDIT\"\nwebhook = \"https://siem.example.com/secret-path\"\n",
    );
    let doctor = shell.run(&["doctor"], "").await;
    for line in [
        "warning  audit heads    2 entries are under no signed head yet, the oldest since",
        "warning  audit webhook  siem.example.com has not taken 2 entries, the oldest since",
    ] {
        assert!(doctor.out.contains(line), "{line}: {}", doctor.out);
    }
    assert!(!doctor.all().contains("secret-path"), "an address may be a secret");
    let pool = sqlx::SqlitePool::connect(&shell.database()).await.unwrap();
    sqlx::query("UPDATE audit_outlet SET taken = 9, carried = 9, at_ms = 1").execute(&pool).await.unwrap();
    pool.close().await;
    let doctor = shell.run(&["doctor"], "").await;
    assert!(doctor.out.contains("failure  audit webhook  it took entry 9, and the trail ends at 2"), "{}", doctor.out);

    let told = shell.run(&["audit", "webhook"], "").await;
    assert_eq!(told.code, 0, "{}", told.all());
    assert!(told.out.starts_with("entries go to siem.example.com\ndelivered up to entry 9 of 2\n"), "{}", told.out);
    assert!(!told.out.contains("whsec_"), "{}", told.out);
    let secret = shell.run(&["audit", "webhook", "--secret"], "").await;
    assert!(secret.out.starts_with("whsec_") && secret.out.trim().len() == 70, "the secret alone");
    let again = shell.run(&["audit", "webhook", "--secret"], "").await;
    assert_eq!(secret.out, again.out, "always the same, as long as the master key is");
}

#[tokio::test]
async fn what_must_not_be_is_found() {
    for engine in engines() {
        let database = Database::fresh(engine).await;
        let store = with_acts(&database.url, &["a"]).await;
        assert_eq!(store.violations().await.unwrap(), []);
        for (number, state, effect) in [(1_i64, "waiting", "done"), (2, "applied", "done"), (3, "undone", "planned")] {
            let mut tx = store.begin().await.unwrap();
            sqlx::query(
                "INSERT INTO change (number, id, kind, subject, body, plan, digest, decision, state, asked_by, asker_account, asker_standing,
                                     asked_at_ms, reminders, mac, fence)
                 VALUES ($1, $2, 'invite', $2, '{}', '{}', 'aaaa', '{}', $3, 'p', 'slack:T01/U01ADA', '{}', 0, 0, 'forged', 0)",
            )
            .bind(number)
            .bind(format!("C{number}-aaaa"))
            .bind(state)
            .execute(&mut *tx)
            .await
            .unwrap();
            sqlx::query("INSERT INTO effect (change_number, position, body, state, attempts, fence) VALUES ($1, 0, '{}', $2, 1, 0)")
                .bind(number)
                .bind(effect)
                .execute(&mut *tx)
                .await
                .unwrap();
            store.commit(tx).await.unwrap();
        }
        store.close().await;
        let shell = Shell::new().with_master_key().with("DATABASE_URL", &database.url);
        let said = shell.run(&["verify", "--json"], "").await;
        let answer: Value = serde_json::from_str(&said.out).unwrap();
        assert!(said.code == 1 && answer["holds"] == false && answer["audit"]["broken"].is_null(), "{}", said.all());
        let found: BTreeSet<String> = answer["violations"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| format!("{}: {}", it["invariant"].as_str().unwrap(), it["about"].as_str().unwrap()))
            .collect();
        let expected = [
            "applied means all calls: C3-aaaa",
            "every change is genuine: C1-aaaa",
            "every change is genuine: C2-aaaa",
            "every change is genuine: C3-aaaa",
            "no call without a decision: C1-aaaa",
            "no call without its audit entry: C1-aaaa",
            "no call without its audit entry: C2-aaaa",
            "no change vanishes: change",
            "no change without its audit entries: C2-aaaa",
            "no change without its audit entries: C3-aaaa",
            "no decision without a decider: C2-aaaa",
            "no decision without a decider: C3-aaaa",
            "undone by a change that was applied: C3-aaaa",
        ];
        assert_eq!(found, expected.map(str::to_owned).into());
        let told = shell.run(&["verify"], "").await;
        assert!(
            told.code == 1 && told.out.contains("no change vanishes: change: 0 numbers were given, 3"),
            "{}",
            told.all()
        );
    }
}
