//! What the keys used: read from the report, late data and gaps included, and shown with the key.

use std::sync::Arc;

use steward::clock::{Moment, moment};
use steward::job::SpendSync;
use steward::sandbox::{Fault, Metered, More, Rhythm};
use steward::store::UsageMark;

use crate::bench::{Engine, engines};
use crate::stage::{Setting, Stage, assert_snapshot};

const REPORT: &str = "/v1/organizations/usage_report/messages";

async fn reading_all(engine: Engine) -> Stage {
    Stage::set(Setting { whole_usage: true, ..Setting::on(engine) }).await
}

fn usage(stage: &Stage) -> SpendSync {
    SpendSync::new(stage.house.store.clone(), &stage.house.reader, stage.clock.clone(), Arc::clone(&stage.house.rules))
}

/// What is new, and some weeks more of what is old.
async fn read(stage: &Stage) {
    for _ in 0..6 {
        usage(stage).read_tokens().await.unwrap();
    }
}

fn id_of(stage: &Stage, name: &str) -> String {
    stage.organization.keys().into_iter().find(|it| it.name == name).unwrap().id
}

/// What is older is known by day.
fn month_ago(stage: &Stage) -> Moment {
    let now = stage.clock.now().as_millisecond();
    moment(now - now.rem_euclid(86_400_000) - 30 * 86_400_000)
}

/// What the organization metered of a key in a span, counted in the test alone.
async fn tokens(stage: &Stage, name: &str) -> (i64, usize) {
    let hours = stage.house.store.key_hours(&id_of(stage, name), month_ago(stage)).await.unwrap();
    (hours.iter().map(|it| it.1).sum(), hours.len())
}

#[tokio::test]
async fn a_key_is_shown_with_its_use() {
    for engine in engines() {
        let stage = reading_all(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        read(&stage).await;

        assert_snapshot!(ada.says("/claude key show \"nightly evals\"").await.told(), @r"
        The API key nightly evals is active.
        Hint: sk-ant-api03-l4E...yZAA
        Workspace: evals
        Kind: the workspace's
        Owner: nobody asked Steward for it
        Made: 2026-06-15 05:00 UTC
        Id: apikey_…
        Last used: in the hour from 2026-12-01 02:00 UTC
        Usually used: every day 01-03 UTC
        Last 7 days: 2,466,900 tokens
        As of just now.
        [Switch off] [Revoke]
        ");
        assert_snapshot!(ada.says("/claude key show \"prompt gallery\"").await.told(), @r"
        The API key prompt gallery is active.
        Hint: sk-ant-api03-hAI...6TAA
        Workspace: sandbox-playground
        Kind: the workspace's
        Owner: nobody asked Steward for it
        Made: 2026-10-02 23:00 UTC
        Id: apikey_…
        Last used: never, as far as Anthropic reports
        As of just now.
        [Switch off] [Revoke]
        ");
        let unused = ada.says("/claude key list --only unused --json").await.told();
        for (name, is_unused) in [("prompt gallery", true), ("nightly evals", false), ("test key 2", false)] {
            assert_eq!(unused.contains(name), is_unused, "{engine:?} {name}: {unused}");
        }
        assert!(!mira.says("/claude key list --only unused").await.told().contains("prompt gallery"), "not hers");
        stage.settle().await;
        stage.close().await;
    }
}

/// Read in one go or bit by bit, cut off anywhere, with data that comes late: the same in the end.
#[tokio::test]
async fn what_was_used_is_counted_once_whatever_happens() {
    for engine in engines() {
        let stage = reading_all(engine).await;
        let key = id_of(&stage, "nightly evals");
        // As if nothing had been read yet.
        for statement in ["DELETE FROM usage_mark", "DELETE FROM spend_hour", "DELETE FROM spend_day"] {
            stage.tamper(statement).await;
        }
        // The pages of a day come, the next is a proxy's: what came is kept, and it goes on there.
        stage.organization.misbehave(REPORT, Fault::Delay(0), 2);
        stage.organization.misbehave(REPORT, Fault::Html, 1);
        assert!(usage(&stage).read_tokens().await.is_err(), "{engine:?}");
        let (_, cut) = tokens(&stage, "nightly evals").await;
        assert_eq!(cut, 2, "{engine:?}: one night of the last three");
        read(&stage).await;
        let (before, hours) = tokens(&stage, "nightly evals").await;
        assert_eq!(hours, 62, "{engine:?}: two hours in each night of a month");
        read(&stage).await;
        assert_eq!(tokens(&stage, "nightly evals").await, (before, hours), "{engine:?}: again");

        // An hour ago, and told only now.
        let late = moment(stage.clock.now().as_millisecond() - 3_600_000);
        stage.organization.use_key(Metered {
            key_id: key.clone(),
            workspace_id: String::new(),
            model: "claude-haiku-4-5".into(),
            minute: late,
            requests: 1,
            input_tokens: 1_000_000,
            output_tokens: 0,
            more: More::default(),
        });
        read(&stage).await;
        assert_eq!(tokens(&stage, "nightly evals").await, (before + 1_000_000, hours + 1), "{engine:?}: late");
        stage.close().await;
    }
}

/// Nobody looked for longer than hours are read: the days between are read as days, and none is missing.
#[tokio::test]
async fn a_long_pause_leaves_no_gap() {
    for engine in engines() {
        let stage = reading_all(engine).await;
        let store = &stage.house.store;
        let key = id_of(&stage, "prompt gallery");
        stage.organization.run_workload(&key, Rhythm::Nightly);
        read(&stage).await;
        let begun = stage.clock.now();
        stage.clock.advance_to(moment(begun.as_millisecond() + 100 * 86_400_000));
        read(&stage).await;
        assert_eq!(store.usage_mark(UsageMark::HoursTo).await.unwrap(), Some(stage.clock.now()), "{engine:?}");
        let mut connection = stage.house.store.begin().await.unwrap();
        let days: i64 = sqlx::query_scalar("SELECT COUNT(DISTINCT d.day_ms) FROM spend_day d JOIN spend_series s ON s.id = d.series_id WHERE s.key_id = $1")
            .bind(&key)
            .fetch_one(&mut *connection)
            .await
            .unwrap();
        assert_eq!(days, 100, "{engine:?}: every night");
        drop(connection);
        stage.close().await;
    }
}

/// What is no report changes nothing.
#[tokio::test]
async fn an_answer_without_sense_changes_nothing() {
    for engine in engines() {
        let stage = reading_all(engine).await;
        read(&stage).await;
        let known = tokens(&stage, "nightly evals").await;
        for fault in [Fault::Html, Fault::Malformed, Fault::Empty] {
            stage.organization.misbehave(REPORT, fault.clone(), 1);
            assert!(usage(&stage).read_tokens().await.is_err(), "{engine:?} {fault:?}");
            assert_eq!(tokens(&stage, "nightly evals").await, known, "{engine:?} {fault:?}");
            let lists = stage.house.store.freshness().await.unwrap();
            assert!(
                lists.iter().any(|it| it.resource == "usage of API keys" && it.trouble.is_some()),
                "{engine:?} {fault:?}"
            );
        }
        stage.close().await;
    }
}
