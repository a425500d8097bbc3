//! `/claude cost` and `/claude usage`: what is answered, and to whom.

use std::sync::Arc;

use steward::chat::{Block, Content, File};
use steward::clock::moment;
use steward::job::SpendSync;
use steward::sandbox::Seat;

use crate::bench::{Engine, engines};
use crate::stage::{Setting, Stage, assert_snapshot};

const DAY_MS: i64 = 86_400_000;

async fn reading_all(engine: Engine) -> Stage {
    Stage::set(Setting { whole_usage: true, ..Setting::on(engine) }).await
}

async fn read(stage: &Stage) {
    let house = &stage.house;
    let sync = SpendSync::new(house.store.clone(), &house.reader, stage.clock.clone(), Arc::clone(&house.rules));
    let from = moment(stage.clock.now().as_millisecond() - 62 * 86_400_000);
    sync.backfill(from, |_| {}).await.unwrap();
}

#[tokio::test]
async fn the_figure_comes_with_what_it_stands_on() {
    for engine in engines() {
        let stage = reading_all(engine).await;
        let [ada] = stage.cast(["ada"]);
        read(&stage).await;
        let told = async |words: &str| ada.says(words).await.told();
        assert_snapshot!(told("/claude cost --period last-month").await, @r"
        The organization: $1,238.01 in November 2026, for 290.0 million tokens.
        The month before: $1,232.43 (0 %)
        How sure: billed; data as of 5 hours ago
        Model | Cost | Tokens | Change of cost | How sure
        claude-opus-5-5 | $493.74 | 59.5 million | +4 % | billed
        claude-sonnet-5-5 | $398.36 | 95.6 million | -1 % | billed
        claude-haiku-4-5 | $278.65 | 134.8 million | -2 % | billed
        tools and sessions | $67.26 | 0 | -3 % | billed
        Cost by model, in November 2026. The organization: claude-opus-5-5 $493.74, claude-sonnet-5-5 $398.36, claude-haiku-4-5 $278.65, tools and sessions $67.26 (USD)
        [By day] [By workspace]
        ");
        assert_snapshot!(told("/claude cost --of workspace:research --by day --period 2026-11-20..2026-11-24").await, @r"
        research: $90.17 from 2026-11-20 to 2026-11-24, for 10.8 million tokens.
        The days before, as many: $58.85 (+53 %)
        How sure: billed; data as of 5 hours ago
        Day | Cost | Tokens | How sure
        2026-11-20 | $55.99 | 6.4 million | billed
        2026-11-21 | $3.34 | 303.6 thousand | billed
        2026-11-22 | $3.53 | 345.2 thousand | billed
        2026-11-23 | $13.53 | 1.9 million | billed
        2026-11-24 | $13.78 | 1.9 million | billed
        Cost by day, from 2026-11-20 to 2026-11-24. research: 2026-11-20 $55.99, 2026-11-21 $3.34, 2026-11-22 $3.53, 2026-11-23 $13.53, 2026-11-24 $13.78 (USD)
        [By model] [By workspace]
        ");
        assert_snapshot!(told("/claude cost --of org --by key --period week --top 3").await, @r"
        The organization: $64.75 this week, for 16.0 million tokens.
        Last week by now: $62.71 (+3 %)
        By its end: $287.37, if each weekday goes on like those of the last 4 weeks.
        How sure: $52.69 billed, $12.06 estimate; data as of just now
        Key | Cost | Tokens | Change of cost | How sure
        without a key | $21.47 | 3.9 million | +10 % | estimate
        nightly evals | $5.63 | 719.7 thousand | +1 % | estimate
        checkout-assistant prod | $4.49 | 1.1 million | -1 % | estimate
        15 more | $33.16 | 10.1 million | 0 % | estimate
        Cost by key, this week. The organization: without a key $21.47, nightly evals $5.63, checkout-assistant prod $4.49, 15 more $33.16 (USD)
        [By day] [By model] [By workspace]
        ");
        stage.close().await;
    }
}

#[tokio::test]
async fn one_persons_figure_and_what_is_behind_it() {
    for engine in engines() {
        let stage = reading_all(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        read(&stage).await;
        let told = async |words: &str| ada.says(words).await.told();
        assert_snapshot!(told("/claude usage --of person:mira@example.com --period last-month").await, @r"
        Mira Chen: 11.4 million tokens in November 2026, for $94.32.
        The month before: 11.9 million tokens (-4 %)
        How sure: billed; data as of 5 hours ago
        Model | Tokens | Cost | Change of cost | How sure
        claude-opus-5-5 | 11.4 million | $94.32 | -4 % | billed
        Tokens by model, in November 2026. Mira Chen: claude-opus-5-5 11,461,960 (tokens)
        [By day] [By workspace]
        ");
        assert_snapshot!(mira.says("/claude cost --by key --period last-month").await.told(), @r"
        You have spent $94.32 in November 2026, for 11.4 million tokens.
        The month before: $98.66 (-4 %)
        How sure: billed; data as of 5 hours ago
        Key | Cost | Tokens | Change of cost | How sure
        without a key | $50.44 | 6.7 million | -5 % | billed
        mira-laptop | $43.88 | 4.7 million | -3 % | billed
        Cost by key, in November 2026. You: without a key $50.44, mira-laptop $43.88 (USD)
        [By day] [By model] [By workspace]
        ");
        assert_snapshot!(told("/claude cost --of key:\"nightly evals\" --period 2026-11-30..2026-12-01 --explain").await, @r"
        nightly evals: $5.63 from 2026-11-30 to 2026-12-01, for 719.7 thousand tokens.
        The time before, as long: $5.32 (+5 %)
        By its end: $7.26, if each weekday goes on like those of the last 4 weeks.
        How sure: $3.01 billed, $2.62 estimate; data as of just now
        Model | Cost | Tokens | Change of cost | How sure
        claude-opus-5-5 | $5.63 | 719.7 thousand | +5 % | estimate
        Cost by model, from 2026-11-30 to 2026-12-01. nightly evals: claude-opus-5-5 $5.63 (USD)
        What | Input | Cached | Kept 5 m | Kept 1 h | Output | At list price | Figure | Scale | How sure
        claude-opus-5-5 | 51,360 | 179,760 | 0 | 25,680 | 128,400 | $3.01 | $3.01 | 100 % | billed
        claude-opus-5-5 | 44,600 | 156,100 | 0 | 22,300 | 111,500 | $2.62 | $2.62 | - | estimate
        An estimate is the tokens at list prices. A reconciled figure is that, scaled so that each workspace and day comes to what was billed. A billed figure is the bill's own, spread over the hours of the day. What has no tokens was billed and belongs to no key.
        [By day] [By workspace]
        ");
        stage.settle().await;
        stage.close().await;
    }
}

/// Who may see what, as the page's table has it.
#[tokio::test]
async fn nobody_sees_more_than_the_table_says() {
    let stage = reading_all(Engine::Sqlite).await;
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
    let stage = reading_all(Engine::Sqlite).await;
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
    let told = ada.says("/claude cost --of org --by key --period last-month --csv").await;
    let file = told.message.blocks.iter().find_map(|it| if let Block::File(file) = it { Some(file) } else { None });
    let Some(File { content: Content::Csv(csv), .. }) = file else { panic!("no table: {}", told.told()) };
    assert!(csv.contains("\"'=HYPERLINK(") && !csv.contains("\"=HYPERLINK("), "{csv}");
    stage.settle().await;
    stage.close().await;
}

/// Claude Code by subscription is on no bill: it is told beside it, to whom the figure itself is told.
#[tokio::test]
async fn what_is_paid_by_the_seat_is_told_beside_the_figure() {
    for engine in engines() {
        let stage = reading_all(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        let seat = |name: &str, days: i64, cents: i64| Seat {
            email: stage.organization.members().into_iter().find(|it| it.name == name).unwrap().email.to_uppercase(),
            day: moment((stage.clock.now().as_millisecond() / DAY_MS - days) * DAY_MS),
            model: "claude-opus-5".into(),
            input_tokens: 900_000,
            output_tokens: 100_000,
            cents,
        };
        // Today is not over: it is told tomorrow.
        for (name, days, cents) in
            [("Mira Chen", 0, 5_000), ("Mira Chen", 1, 700), ("Mira Chen", 2, 44), ("Jonas Weber", 2, 31)]
        {
            stage.organization.use_seat(seat(name, days, cents));
        }
        read(&stage).await;
        let beside = async |who: &crate::stage::Actor<'_>, words: &str| {
            let told = who.says(words).await.told();
            told.lines().find_map(|it| it.strip_prefix("Beside it: ")).map(str::to_owned)
        };
        let [last, own] = ["/claude cost --of org --period last-month", "/claude cost --of me --period last-month"];
        assert_eq!(
            beside(&mira, own).await.as_deref(),
            Some(
                "2.0 million tokens of Claude Code by subscription, which would be $7.44 at list prices: it is paid by the seat."
            ),
            "{engine:?}"
        );
        assert!(beside(&ada, last).await.unwrap().contains("which would be $7.75"), "{engine:?}");
        assert_eq!(beside(&ada, own).await, None, "{engine:?}");
        assert_eq!(beside(&ada, "/claude cost --of workspace:research --period last-month").await, None, "{engine:?}");
        // Read again, it is the same, and the day that has ended since is there.
        stage.clock.advance_to(moment(stage.clock.now().as_millisecond() + DAY_MS));
        read(&stage).await;
        assert!(beside(&mira, own).await.unwrap().contains("$7.44"), "{engine:?}");
        assert!(beside(&mira, "/claude cost --of me --period month").await.unwrap().contains("$50.00"), "{engine:?}");
        stage.close().await;
    }
}
