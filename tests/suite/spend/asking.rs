//! `/claude cost` and `/claude usage`: what is answered, and to whom.

use std::sync::Arc;

use steward::clock::moment;
use steward::job::SpendSync;

use crate::bench::{Engine, engines};
use crate::stage::{Stage, assert_snapshot};

async fn read(stage: &Stage) {
    let house = &stage.house;
    let sync = SpendSync::new(house.store.clone(), &house.reader, stage.clock.clone(), Arc::clone(&house.rules));
    let from = moment(stage.clock.now().as_millisecond() - 62 * 86_400_000);
    sync.backfill(from, |_| {}).await.unwrap();
}

#[tokio::test]
async fn the_figure_comes_with_what_it_stands_on() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        read(&stage).await;
        let told = async |words: &str| ada.says(words).await.told();
        assert_snapshot!(told("/claude cost --period last-month").await, @"");
        assert_snapshot!(told("/claude cost --of workspace:research --by day --period 2026-11-20..2026-11-24").await, @"");
        assert_snapshot!(told("/claude cost --of org --by key --period week --top 3").await, @"");
        assert_snapshot!(told("/claude usage --of person:mira@example.com --period last-month").await, @"");
        assert_snapshot!(mira.says("/claude cost --by key --period last-month").await.told(), @"");
        assert_snapshot!(told("/claude cost --of key:\"nightly evals\" --period 2026-11-30..2026-12-01 --explain").await, @"");
        stage.settle().await;
        stage.close().await;
    }
}

/// Who may see what, as the page's table has it.
#[tokio::test]
async fn nobody_sees_more_than_the_table_says() {
    let stage = Stage::open(Engine::Sqlite).await;
    let [ada, mira, bill] = stage.cast(["ada", "mira", "priya"]);
    read(&stage).await;
    for (of, by, [admin, billing, member]) in [
        ("org", "model", [true, true, true]),
        ("org", "day", [true, true, true]),
        ("org", "key", [true, false, false]),
        ("org", "person", [true, false, false]),
        ("org", "tag", [true, false, false]),
        ("me", "key", [true, true, true]),
        ("me", "day", [true, true, true]),
        ("workspace:research", "model", [true, true, true]),
        ("workspace:research", "key", [true, false, false]),
        ("workspace:production", "model", [true, true, false]),
        ("person:jonas@example.com", "day", [true, false, false]),
        ("person:mira@example.com", "day", [true, false, true]),
        ("key:mira-laptop", "day", [true, false, true]),
        ("key:jonas-dev", "day", [true, false, false]),
        ("model:claude-opus-5-5", "day", [true, true, true]),
    ] {
        for (who, may) in [(&ada, admin), (&bill, billing), (&mira, member)] {
            let told = who.says(&format!("/claude cost --of {of} --by {by} --period last-month")).await.told();
            let shown = told.contains("How sure");
            assert_eq!(shown, may, "{of} by {by}: {told}");
        }
    }
    // Workspaces that are not hers are one line, and nothing says which there are.
    let told = mira.says("/claude cost --of org --by workspace --period last-month").await.told();
    assert!(told.contains("research") && told.contains("other workspaces") && !told.contains("production"), "{told}");
    stage.settle().await;
    stage.close().await;
}

/// The lines of a file add up to the figure, and no cell is a formula.
#[tokio::test]
async fn the_lines_add_up_and_no_cell_is_a_formula() {
    let stage = Stage::open(Engine::Sqlite).await;
    let [ada] = stage.cast(["ada"]);
    stage.tamper("UPDATE api_key SET name = '=HYPERLINK(\"http://evil\")' WHERE name = 'nightly evals'").await;
    read(&stage).await;
    let json = ada.says("/claude cost --of org --by key --period last-month --json").await.told();
    let lines: serde_json::Value = serde_json::from_str(json.trim_start_matches("As JSON:").trim()).unwrap();
    let micro = |it: &serde_json::Value| it["usd"].as_str().unwrap().replace('.', "").parse::<i64>().unwrap();
    let all: i64 = lines.as_array().unwrap().iter().map(micro).sum();
    let whole = ada.says("/claude cost --of org --by workspace --period last-month --json").await.told();
    let whole: serde_json::Value = serde_json::from_str(whole.trim_start_matches("As JSON:").trim()).unwrap();
    assert_eq!(all, whole.as_array().unwrap().iter().map(micro).sum::<i64>());
    let csv = ada.says("/claude cost --of org --by key --period last-month --csv").await.told();
    assert!(csv.contains("\"'=HYPERLINK(") && !csv.contains("\"=HYPERLINK("), "{csv}");
    stage.settle().await;
    stage.close().await;
}
