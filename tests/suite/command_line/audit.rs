//! `steward audit` and `steward verify`: the trail read out, and what was tampered with found.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use steward::clock::moment;
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
