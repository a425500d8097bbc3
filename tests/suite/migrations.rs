//! Each migration, applied to a database in which every table made so far holds rows.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Column, Connection, Row, TypeInfo, ValueRef};
use steward::store::{Error, Store};

use crate::bench::{Database, Engine, engines};
use crate::store_ground::{key, number, rows, run};

/// One believable row for each table; `$1` is a number, as text, that no earlier row had. A new table needs a line here.
const ROWS: &[(&str, &str)] = &[
    ("person", "INSERT INTO person (id, name, member_id, created_at_ms) VALUES ('person_' || $1, 'Ada Lovelace', 'user_' || $1, 1796000000000)"),
    ("link", "INSERT INTO link (account, platform, person_id, state, email, how, linked_at_ms)
              SELECT 'slack:T01/U' || $1, 'slack', MAX(id), 'active', 'ada@example.com', 'email', 1796000000000 FROM person
               WHERE id NOT IN (SELECT person_id FROM link WHERE platform = 'slack')"),
    ("member", "INSERT INTO member (id, email, name, role, search, added_at_ms, seen_at_ms, gone_at_ms)
                VALUES ('user_' || $1, 'ada@example.com', 'Ada', 'developer', 'ada ada@example.com', 1796000000000, 1796000000001, NULL)"),
    ("invite", "INSERT INTO invite (id, email, role, status, invited_at_ms, expires_at_ms, seen_at_ms)
                VALUES ('invite_' || $1, 'lea@example.com', 'user', 'pending', 1796000000000, 1797814400000, 1796000000001)"),
    ("workspace", "INSERT INTO workspace (id, name, created_at_ms, seen_at_ms) VALUES ('wrkspc_' || $1, 'research', 1796000000000, 1796000000001)"),
    ("membership", "INSERT INTO membership (workspace_id, user_id, workspace_role) VALUES ('wrkspc_' || $1, 'user_' || $1, 'workspace_developer')"),
    ("api_key", "INSERT INTO api_key (id, name, status, kind, owner_id, hint, created_at_ms, seen_at_ms)
                 VALUES ('apikey_' || $1, 'nightly evals', 'active', 'personal', 'user_' || $1, 'sk-ant-...AbCd', 1796000000000, 1796000000001)"),
    ("freshness", "INSERT INTO freshness (resource, complete_at_ms, tried_at_ms, trouble) VALUES ('members ' || $1, 1796000000000, 1796000000001, NULL)"),
    ("invocation", "INSERT INTO invocation (delivery, logical, account, verb, place, at_ms) VALUES ('d' || $1, 'l' || $1, 'browser:ada', 'invite', 'browser:general', 1796000000000)"),
    ("press", "INSERT INTO press (id, words, created_at_ms) VALUES ('p' || $1, '[\"help\"]', 1796000000000)"),
    ("change", "INSERT INTO change (number, id, kind, subject, body, plan, digest, decision, state, asked_by, asker_account,
                                    asker_standing, asked_at_ms, reminders, mac, fence)
                VALUES (CAST($1 AS BIGINT), 'C' || $1 || '-k3f9', 'invite', 'lea@example.com ' || $1, '{}', '{}', 'k3f9', '\"refuse\"', 'waiting',
                        'person_1', 'browser:ada', '{}', 1796000000000, 0, 'ab', 0)"),
    ("effect", "INSERT INTO effect (change_number, position, body, state, attempts, fence) VALUES (CAST($1 AS BIGINT), 0, '{}', 'sending', 1, 1)"),
    ("question", "INSERT INTO question (change_number, position, asked_by, question, asked_at_ms)
                  VALUES (CAST($1 AS BIGINT), 0, 'browser:grace', 'for how long?', 1796000000000)"),
    ("counter", "INSERT INTO counter (name, value) VALUES ('more ' || $1, 17)"),
    ("audit", "INSERT INTO audit (seq, at_ms, actor, action, about, detail, previous, hash, mac)
               VALUES (CAST($1 AS BIGINT), 1796000000000, 'browser:ada', 'invite.asked', 'C1-k3f9', '{}', '', 'aa', 'bb')"),
    ("audit_head", "INSERT INTO audit_head (id, seq, hash, mac) VALUES (CAST($1 AS BIGINT) + 100, 1, 'aa', 'bb')"),
    ("outbox", "INSERT INTO outbox (id, about, body, state, attempts, due_at_ms, created_at_ms, fence)
                VALUES (CAST($1 AS BIGINT), 'C1', '{}', 'open', 0, 1796000000000, 1796000000000, 0)"),
    ("receipt", "INSERT INTO receipt (change_number, target, receipt, sent_at_ms) VALUES (CAST($1 AS BIGINT), '{}', '{}', 1796000000000)"),
    ("lease", "INSERT INTO lease (name, holder, fence, until_ms) VALUES ('outbox ' || $1, 'replica', 3, 1796000000000)"),
    ("schedule", "INSERT INTO schedule (job, due_at_ms, ran_at_ms, trouble) VALUES ('sync ' || $1, 1796000000000, NULL, NULL)"),
    ("audit_outlet", "INSERT INTO audit_outlet (name, taken, carried, at_ms) VALUES ('head ' || $1, 7, 7, 1796000000000)"),
    ("activity_feed", "INSERT INTO activity_feed (id, state, since_ms, asked_at_ms, read_to_ms, sifted)
                       VALUES (CAST($1 AS BIGINT) + 100, 'on', 1796000000000, 1796000000000, 1796000000000, 1)"),
    ("activity", "INSERT INTO activity (id, kind, about, who, what, own_key, at_ms, seen_at_ms, change_number, position, told_at_ms)
                  VALUES ('activity_' || $1, 'org_user_deleted', 'user_1', 'ada@example.com', 'removed lea@example.com', 0,
                          1796000000000, 1796000030000, NULL, NULL, 1796000060000)"),
    ("activity_gap", "INSERT INTO activity_gap (change_number, position, what, at_ms) VALUES (CAST($1 AS BIGINT), 0, 'missing', 1796000000000)"),
    ("standing", "INSERT INTO standing (account, kind, groups_json, seen_at_ms) VALUES ('slack:T01/U' || $1, 'person', '[\"slack-group:S0ML\"]', 1796000000000)"),
    ("granted", "INSERT INTO granted (number, change_id, person_id, permission, until_day, until_ms, given_by, given_at_ms, told, mac)
                 SELECT CAST($1 AS BIGINT), 'C' || $1 || '-k3f9', MAX(id), 'key.get', '2026-12-31', 1798761600000, 'browser:ada',
                        1796000000000, 0, 'ab' FROM person"),
    ("delegation", "INSERT INTO delegation (number, change_id, from_person, to_person, from_day, from_ms, until_day, until_ms,
                                            agreed, given_by, given_at_ms, told, mac)
                    SELECT CAST($1 AS BIGINT), 'C' || $1 || '-k3f9', MIN(id), MAX(id), '2026-12-20', 1797724800000, '2026-12-31',
                           1798761600000, 1, 'browser:ada', 1796000000000, 0, 'ab' FROM person"),
    ("link_code", "INSERT INTO link_code (account, hash, expires_at_ms, entered_by) VALUES ('discord:' || $1, 'hash ' || $1, 1796000600000, NULL)"),
    ("link_try", "INSERT INTO link_try (account, wrong, since_ms) VALUES ('browser:' || $1, 2, 1796000000000)"),
    ("expected", "INSERT INTO expected (kind, subject, value) VALUES ('member', 'user_' || $1, 'developer')"),
    ("drift", "INSERT INTO drift (number, kind, subject, before_value, after_value, label, place, folded, state, found_at_ms)
               VALUES (CAST($1 AS BIGINT), 'member', 'user_' || $1, 'user', 'developer', 'ada@example.com', NULL, 0, 'open', 1796000000000)"),
    ("leaver", "INSERT INTO leaver (person_id, why, account, state, found_at_ms) VALUES ('person_' || $1, 'account', 'slack:T01/U' || $1, 'open', 1796000000000)"),
    ("stock_key", "INSERT INTO stock_key (key_id, organization_id, workspace_id, pool_name, hint, digest, sealed, state, loaded_by, loaded_at_ms)
                   VALUES ('apikey_' || $1, 'org', 'wrkspc_1', 'pool ' || $1, 'sk-ant-...AA', 'digest ' || $1, 'v1.x', 'free', 'operator:root', 1796000000000)"),
    ("key_record", "INSERT INTO key_record (key_id, owner_id, purpose, environment, since_ms, mac)
                    VALUES ('apikey_' || $1, 'person_' || $1, 'evals', 'dev', 1796000000000, '00')"),
    ("low_stock", "INSERT INTO low_stock (workspace_id, keys_left, told_at_ms) VALUES ('wrkspc_' || $1, 2, 1796000000000)"),
    ("key_hour", "INSERT INTO key_hour (key_id, hour_ms, tokens) VALUES ('apikey_' || $1, 1796000400000, 1200)"),
    ("key_day", "INSERT INTO key_day (key_id, day_ms, tokens) VALUES ('apikey_' || $1, 1795996800000, 1200)"),
    ("key_life", "INSERT INTO key_life (key_id, next_key_id, replaced_at_ms, off_at_ms, keep_until_ms, asked_at_ms)
                  VALUES ('apikey_' || $1, NULL, NULL, 1796000000000, NULL, NULL)"),
    ("key_claim", "INSERT INTO key_claim (mark, change_number, workspace_id, name, owner_id, since_ms, until_ms, mac)
                   VALUES ('mark ' || $1, 1, 'wrkspc_1', 'evals (steward k3f9)', 'person_1', 1796000000000, 1796604800000, 'ab')"),
    ("usage_mark", "INSERT INTO usage_mark (name, at_ms) VALUES ('mark ' || $1, 1796000400000)"),
    ("token_issuer", "INSERT INTO token_issuer (id, kid, organization_id, sealed, made_at_ms)
                      VALUES ('issuer ' || $1, 'kid', 'org', 'v1.x', 1796000000000)"),
    ("token_rule", "INSERT INTO token_rule (id, organization_id, workspace_id, kid, lifetime_s, state, made_at_ms, mac)
                    VALUES ('rule ' || $1, 'org', 'wrkspc_1', 'kid', 3600, 'free', 1796000000000, '00')"),
    ("spend_limit", "INSERT INTO spend_limit (id, scope, per, amount_microcents, brake, owner_id, change_number, since_ms)
                     VALUES ('org per ' || $1, 'org', 'month', 50000000000, 'hard', 'person_1', 1, 1796000000000)"),
    ("limit_raise", "INSERT INTO limit_raise (change_number, limit_id, by_microcents, since_ms, until_ms)
                     VALUES (CAST($1 AS BIGINT), 'org per month', 10000000000, 1796000000000, 1796604800000)"),
    ("limit_watch", "INSERT INTO limit_watch (limit_id, since_ms) VALUES ('org per ' || $1, 1796000000000)"),
    ("limit_told", "INSERT INTO limit_told (limit_id, period_ms, percent, amount_microcents, spent_microcents, told_at_ms)
                    VALUES ('org per ' || $1, 1796000000000, 80, 50000000000, 40000000000, 1796000000000)"),
    ("pinned_key", "INSERT INTO pinned_key (key_id, reason, change_number, since_ms) VALUES ('apikey_' || $1, 'runs the shop', 1, 1796000000000)"),
    ("brake", "INSERT INTO brake (change_number, limit_id, period_ms, workspace_id, began_at_ms)
               VALUES (CAST($1 AS BIGINT), 'org per month', 1796000000000, NULL, 1796000000000)"),
    ("brake_key", "INSERT INTO brake_key (change_number, key_id, stays) VALUES (1, 'apikey_' || $1, 0)"),
    ("spend_series", "INSERT INTO spend_series (id, key_id, actor, workspace_id, model, tier, geo, context, kind)
                      VALUES (CAST($1 AS BIGINT), 'apikey_1', '', 'wrkspc_1', 'claude-opus-5-5', 'standard', 'global', '0-200k', 'tokens ' || $1)"),
    ("spend_hour", "INSERT INTO spend_hour (hour_ms, series_id, input, cache_read, cache_5m, cache_1h, output, searches, unpriced, amount)
                    VALUES (1796000400000, CAST($1 AS BIGINT), 1000, 0, 0, 0, 500, 0, 0, 1400000)"),
    ("spend_day", "INSERT INTO spend_day (day_ms, series_id, tokens, unpriced, amount) VALUES (1795996800000, CAST($1 AS BIGINT), 1500, 0, 1400000)"),
    ("spend_state", "INSERT INTO spend_state (day_ms, basis, as_of_ms, settled)
                     VALUES (1795996800000 + 86400000 * CAST($1 AS BIGINT), 'billed', 1796000400000, '')"),
    ("spend_bill", "INSERT INTO spend_bill (source, day_ms, series_id, amount) VALUES ('report', 1795996800000, CAST($1 AS BIGINT), 1400000)"),
    ("spend_bill_day", "INSERT INTO spend_bill_day (source, day_ms, as_of_ms, read_at_ms)
                        VALUES ('report', 1795996800000 + 86400000 * CAST($1 AS BIGINT), 1796000400000, 1796000400000)"),
    ("claude_code_day", "INSERT INTO claude_code_day (day_ms, email, model, tokens, amount)
                         VALUES (CAST($1 AS BIGINT) * 86400000, 'ada@example.com', 'claude-opus-5', 1000, 500000)"),
    ("spend_tag", "INSERT INTO spend_tag (name, pattern) VALUES ('ci', 'ci-' || $1 || '*')"),
    ("anomaly", "INSERT INTO anomaly (scope, day, told_at_ms) VALUES ('workspace:wrkspc_' || $1, '2026-12-01', 1796000000000)"),
    ("expected_spend", "INSERT INTO expected_spend (scope, until_ms, reason, made_by, made_at_ms)
                VALUES ('workspace:wrkspc_' || $1, 1796600000000, 'load tests', 'browser:finn', 1796000000000)"),
    ("report_subscription", "INSERT INTO report_subscription (channel, kind, rhythm, at_minute, zone, names, quiet, made_by, made_at_ms, due_at_ms)
                             VALUES ('slack:C' || $1, 'digest', 'weekly', 540, 'Europe/Berlin', 0, 1, 'slack:T01/U01', 1796000000000, 1796032800000)"),
    ("notice_receipt", "INSERT INTO notice_receipt (about, target, receipt, sent_at_ms) VALUES ('drift ' || $1, '{}', '{}', 1796000000000)"),
    ("memory", "INSERT INTO memory (key, value, at_ms) VALUES ('seen ' || $1, '', 1796000000000)"),
];

/// Columns of all our tables: table, name, type, whether it may be empty.
async fn columns(of: &mut AnyConnection, engine: Engine) -> BTreeSet<[String; 4]> {
    let sql = match engine {
        Engine::Sqlite => {
            "SELECT t.name, c.name, c.type, CASE WHEN c.\"notnull\" = 1 THEN 'filled' ELSE 'may be empty' END
               FROM sqlite_master t JOIN pragma_table_info(t.name) c
              WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite!_%' ESCAPE '!' AND t.name <> '_sqlx_migrations'"
        }
        Engine::Postgres => {
            "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT), UPPER(CAST(data_type AS TEXT)),
                    CASE WHEN is_nullable = 'NO' THEN 'filled' ELSE 'may be empty' END
               FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_sqlx_migrations'"
        }
    };
    rows(of, sql).await.iter().map(|row| [0, 1, 2, 3].map(|it| row.try_get(it).expect("names are text"))).collect()
}

async fn tables(of: &mut AnyConnection, engine: Engine) -> BTreeSet<String> {
    columns(of, engine).await.into_iter().map(|[table, ..]| table).collect()
}

/// Every row of every table, each as its values by column.
async fn content(of: &mut AnyConnection, tables: &BTreeSet<String>) -> BTreeMap<String, Vec<BTreeMap<String, String>>> {
    let mut all = BTreeMap::new();
    for table in tables {
        all.insert(table.clone(), everything(of, table).await.iter().map(values).collect());
    }
    all
}

#[expect(
    clippy::disallowed_methods,
    reason = "a table cannot be named by a placeholder; the names come from the schema"
)]
async fn everything(of: &mut AnyConnection, table: &str) -> Vec<AnyRow> {
    let query = sqlx::AssertSqlSafe(format!("SELECT * FROM {table} ORDER BY 1, 2"));
    // Not kept for the next time: by then the table may have another column.
    sqlx::query(query).persistent(false).fetch_all(of).await.expect("a table can be read")
}

fn values(row: &AnyRow) -> BTreeMap<String, String> {
    let value = |at: usize| {
        let raw = row.try_get_raw(at).expect("the column is there");
        if raw.is_null() {
            "nothing".to_owned()
        } else if raw.type_info().name().eq_ignore_ascii_case("text") {
            row.get::<String, _>(at)
        } else {
            row.get::<i64, _>(at).to_string()
        }
    };
    row.columns().iter().map(|it| (it.name().to_owned(), value(it.ordinal()))).collect()
}

/// Is each row of `before` there, with the values that it had, whatever columns came along?
fn assert_survived(
    before: &BTreeMap<String, Vec<BTreeMap<String, String>>>,
    after: &BTreeMap<String, Vec<BTreeMap<String, String>>>,
    step: i64,
) {
    for (table, rows) in before {
        let now = after.get(table).unwrap_or_else(|| panic!("{step}: the table {table} is gone"));
        for row in rows {
            let found = now.iter().any(|it| row.iter().all(|(column, value)| it.get(column) == Some(value)));
            assert!(found, "{step}: a row of {table} was lost or changed: {row:?}");
        }
    }
}

#[tokio::test]
async fn every_migration_keeps_the_rows_of_every_table() {
    for engine in engines() {
        let database = Database::fresh(engine).await;
        sqlx::any::install_default_drivers();
        let create = if engine == Engine::Sqlite { "?mode=rwc" } else { "" };
        let mut connection = AnyConnection::connect(&format!("{}{create}", database.url)).await.unwrap();
        let (migrator, mut known, mut steps) = (Store::migrations(), BTreeSet::new(), 0);
        for (step, version) in (1_i64..).zip(migrator.iter().map(|it| it.version)) {
            let before = content(&mut connection, &known).await;
            assert!(before.values().all(|rows| !rows.is_empty()), "{version}: a table had no row to lose");
            migrator.run_to(version, &mut connection).await.unwrap_or_else(|it| panic!("{engine:?} {version}: {it}"));
            known = tables(&mut connection, engine).await;
            let after = content(&mut connection, &known).await;
            assert_survived(&before, &after, version);
            for (table, insert) in ROWS.iter().filter(|(table, _)| known.contains(*table)) {
                let done = sqlx::query(*insert).bind(step.to_string()).execute(&mut connection).await;
                assert_eq!(done.unwrap_or_else(|it| panic!("{table}: {it}")).rows_affected(), 1, "{table}");
            }
            steps += 1;
        }
        assert_eq!(steps, migrator.iter().count());
        let listed: BTreeSet<String> = ROWS.iter().map(|(table, _)| (*table).to_owned()).collect();
        assert_eq!(known, listed, "each table needs a row in this test");
        let before = content(&mut connection, &known).await;
        let store = Store::open(&database.url, &key()).await.unwrap();
        store.migrate().await.expect("what was made step by step is what the store expects");
        assert_eq!(content(&mut connection, &known).await, before, "{engine:?}");
    }
}

#[tokio::test]
async fn migrating_twice_changes_nothing() {
    for engine in engines() {
        let ground = crate::store_ground::Ground::new(engine).await;
        let mut raw = ground.raw().await;
        let known = tables(&mut raw, engine).await;
        sqlx::query(ROWS[0].1).bind("1").execute(&mut raw).await.unwrap();
        let (before, shape) = (content(&mut raw, &known).await, columns(&mut raw, engine).await);
        ground.store.migrate().await.unwrap();
        Store::open(&ground.database.url, &key()).await.unwrap().migrate().await.unwrap();
        assert_eq!(content(&mut raw, &known).await, before, "{engine:?}");
        assert_eq!(columns(&mut raw, engine).await, shape, "{engine:?}");
        let count = number(&mut raw, "SELECT COUNT(*) FROM _sqlx_migrations").await;
        assert_eq!(usize::try_from(count).unwrap(), Store::migrations().iter().count());
    }
}

/// Replicas that start together wait for each other.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_migrators_meet_on_postgres() {
    for engine in engines().into_iter().filter(|it| *it == Engine::Postgres) {
        let database = Database::fresh(engine).await;
        let migrators = (0..4).map(|_| {
            let url = database.url.clone();
            tokio::spawn(async move { Store::open(&url, &key()).await.unwrap().migrate().await })
        });
        for migrator in migrators.collect::<Vec<_>>() {
            migrator.await.unwrap().unwrap();
        }
    }
}

#[tokio::test]
async fn a_database_of_another_version_is_refused() {
    for engine in engines() {
        for (edit, why) in [
            (
                "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                 SELECT 99991231000000, 'create tomorrow', success, checksum, 1 FROM _sqlx_migrations WHERE version = 20261201090000",
                "newer",
            ),
            (
                "UPDATE _sqlx_migrations SET checksum = (SELECT checksum FROM _sqlx_migrations WHERE version = 20261201090000)
                  WHERE version = 20261201090100",
                "changed",
            ),
        ] {
            let ground = crate::store_ground::Ground::new(engine).await;
            let mut raw = ground.raw().await;
            run(&mut raw, edit).await;
            let before = columns(&mut raw, engine).await;
            let refused = ground.store.migrate().await;
            assert!(matches!(&refused, Err(Error::Schema(found)) if *found == why), "{engine:?} {why}: {refused:?}");
            assert_eq!(columns(&mut raw, engine).await, before, "nothing was made");
        }
    }
}

/// Two kinds of column, so that one text of SQL means the same to both engines.
#[tokio::test]
async fn both_engines_have_the_same_plain_columns() {
    let mut shapes = Vec::new();
    for engine in engines() {
        let ground = crate::store_ground::Ground::new(engine).await;
        let shape = columns(&mut ground.raw().await, engine).await;
        assert!(shape.len() > 100, "{engine:?}: only {} columns were found", shape.len());
        for [table, column, kind, _] in &shape {
            assert!(matches!(kind.as_str(), "TEXT" | "BIGINT"), "{engine:?}: {table}.{column} is {kind}");
            assert_eq!(
                column.ends_with("_ms"),
                kind == "BIGINT" && column.ends_with("_ms"),
                "{table}.{column}: a time is a number"
            );
        }
        shapes.push(shape);
    }
    assert!(shapes.windows(2).all(|it| it[0] == it[1]), "the two engines have the same columns");
}
