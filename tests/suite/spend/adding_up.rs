//! All keys and the remainder add up to the bill: per workspace and day, over sixty days, to the microcent.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::task::Poll;

use jiff::tz::TimeZone;
use steward::clock::{Moment, moment};
use steward::domain::{Basis, Dimension, Scope, SpendQuery};
use steward::job::SpendSync;
use steward::sandbox::{Fault, Metered, More};

use super::judge::{DAY_MS, Place, spent};
use crate::bench::{Engine, engines};
use crate::stage::{Setting, Stage};

const DAYS: i64 = 60;

fn sync(stage: &Stage) -> SpendSync {
    SpendSync::new(stage.house.store.clone(), &stage.house.reader, stage.clock.clone(), Arc::clone(&stage.house.rules))
}

/// A stage on which nothing was read yet of what was spent.
async fn unread(engine: Engine) -> Stage {
    let stage = Stage::set(Setting { whole_usage: true, ..Setting::on(engine) }).await;
    for statement in [
        "DELETE FROM usage_mark",
        "DELETE FROM spend_hour",
        "DELETE FROM spend_day",
        "DELETE FROM spend_state",
        "DELETE FROM spend_bill",
        "DELETE FROM spend_bill_day",
    ] {
        stage.tamper(statement).await;
    }
    stage
}

fn today(stage: &Stage) -> i64 {
    stage.clock.now().as_millisecond() / DAY_MS * DAY_MS
}

fn ago(stage: &Stage, days: i64) -> Moment {
    moment(today(stage) - days * DAY_MS)
}

/// What the store says was spent at each place, and on which ground.
async fn told(stage: &Stage, from: i64, to: i64) -> (BTreeMap<Place, i64>, BTreeMap<i64, Basis>) {
    let by = vec![Dimension::Workspace, Dimension::Key, Dimension::Day(TimeZone::UTC)];
    let query = SpendQuery { scope: Scope::Organization, from: moment(from), to: moment(to), by };
    let (mut places, mut grounds) = (BTreeMap::new(), BTreeMap::new());
    for it in stage.house.store.spend(&query).await.unwrap() {
        let text = |at: usize| it.group[at].clone().unwrap_or_default();
        let day = format!("{}T00:00:00Z", text(2)).parse::<Moment>().unwrap().as_millisecond();
        *places.entry((text(0), text(1), day)).or_default() += it.amount.0;
        grounds.insert(day, it.basis);
    }
    places.retain(|_, amount| *amount != 0);
    (places, grounds)
}

/// The same without keys.
fn by_workspace(places: &BTreeMap<Place, i64>) -> BTreeMap<(String, i64), i64> {
    let mut sums = BTreeMap::new();
    for ((workspace, _, day), amount) in places {
        *sums.entry((workspace.clone(), *day)).or_default() += amount;
    }
    sums
}

/// Use by hand: long ago by a key that was archived since, and of a model that nobody has a price for.
fn meddle(stage: &Stage) {
    let key = |name: &str| stage.organization.keys().into_iter().find(|it| it.name == name).unwrap();
    for (name, model, days) in [("legacy importer", "claude-haiku-4-5", 40), ("eval-runner-ci", "claude-next-1", 12)] {
        stage.organization.use_key(Metered {
            key_id: key(name).id,
            workspace_id: key(name).workspace_id.unwrap(),
            model: model.into(),
            minute: moment(ago(stage, days).as_millisecond() + 5_000_000),
            requests: 1,
            input_tokens: 1_234_567,
            output_tokens: 7_654_321,
            more: More::default(),
        });
    }
}

async fn agrees(stage: &Stage, (from, to): (i64, i64), by_key: bool, what: &str) {
    let now = stage.clock.now().as_millisecond();
    // As of the bill's own state, which is some hours behind: a correction falls on whole days here, but for the youngest.
    let expected = spent(&stage.organization, from, to, |hour| (now - 6 * 3_600_000) - hour >= 3 * DAY_MS);
    let (found, grounds) = told(stage, from, to).await;
    assert_eq!(by_workspace(&found), by_workspace(&expected), "{what}: per workspace and day");
    let ground = if by_key { Basis::Billed } else { Basis::Reconciled };
    assert!(grounds.values().all(|it| *it == ground), "{what}: {grounds:?}");
    if by_key {
        assert_eq!(found, expected, "{what}: per key");
    }
    let days = usize::try_from((to - from) / DAY_MS).unwrap();
    assert!(expected.len() > 10 * days, "{what}: there is something to add up");
}

#[tokio::test]
async fn all_keys_and_the_remainder_are_the_bill() {
    for engine in engines() {
        for analytics in [true, false] {
            let what = format!("{engine:?}, analytics {analytics}");
            let stage = unread(engine).await;
            stage.organization.switch_analytics(analytics);
            meddle(&stage);
            let from = ago(&stage, DAYS);
            sync(&stage).backfill(from, |_| {}).await.unwrap();
            // Days young enough to be corrected yet are looked at later.
            let span = (from.as_millisecond(), today(&stage) - 4 * DAY_MS);
            agrees(&stage, span, analytics, &what).await;

            // Four days later the rest is corrected and re-read, a late row among it.
            let key = stage.organization.keys().into_iter().find(|it| it.name == "paper-reader").unwrap();
            stage.organization.use_key(Metered {
                key_id: key.id,
                workspace_id: key.workspace_id.unwrap(),
                model: "claude-sonnet-5-5".into(),
                minute: moment(ago(&stage, 1).as_millisecond() + 7_200_000),
                requests: 1,
                input_tokens: 3_333_333,
                output_tokens: 1,
                more: More { batch: true, us: true, cache_read: 17, searches: 3, ..More::default() },
            });
            let until = today(&stage);
            stage.clock.advance_to(moment(stage.clock.now().as_millisecond() + 4 * DAY_MS));
            sync(&stage).read_tokens().await.unwrap();
            // Of the analytics a week at a time.
            for _ in 0..10 {
                sync(&stage).read_bills().await.unwrap();
            }
            agrees(&stage, (span.0, until), analytics, &format!("{what}, later")).await;
            stage.close().await;
        }
    }
}

/// What is fresh is an estimate; a model without a price is counted and costs nothing; the bill takes both over.
#[tokio::test]
async fn fresh_use_is_an_estimate_until_it_is_billed() {
    for engine in engines() {
        let stage = unread(engine).await;
        meddle(&stage);
        for _ in 0..6 {
            sync(&stage).read_tokens().await.unwrap();
        }
        let query = |days: i64| SpendQuery {
            scope: Scope::Organization,
            from: ago(&stage, days),
            to: moment(today(&stage)),
            by: vec![],
        };
        let before = stage.house.store.spend(&query(30)).await.unwrap().remove(0);
        assert_eq!((before.basis, before.unpriced_tokens), (Basis::Estimate, 8_888_888), "{engine:?}");
        assert_eq!(before.parts.estimate, before.amount);
        for _ in 0..6 {
            sync(&stage).read_bills().await.unwrap();
        }
        let after = stage.house.store.spend(&query(30)).await.unwrap().remove(0);
        assert_eq!((after.basis, after.unpriced_tokens), (Basis::Billed, 0), "{engine:?}");
        assert_eq!(after.tokens, before.tokens, "{engine:?}");
        assert!(after.amount > before.amount, "{engine:?}: the new model was not free");
        stage.close().await;
    }
}

/// Outages, lies and cuts in the middle: what was read is kept, nothing counts twice, and it goes on there.
#[tokio::test]
async fn trouble_leaves_no_gap_and_counts_nothing_twice() {
    for engine in engines() {
        let stage = unread(engine).await;
        let from = ago(&stage, DAYS);
        // In the order in which they are read.
        let paths =
            ["/v1/organizations/cost_report", "/v1/organizations/analytics/cost", "/v1/organizations/usage_report"];
        let faults = [Fault::Html, Fault::Malformed, Fault::Empty, Fault::FailBefore, Fault::CutAfter];
        let mut tries = 0;
        for fault in faults {
            for path in paths {
                // The cost report of a month is one call; of the others the second one fails, every other time.
                stage.organization.misbehave(path, Fault::Delay(0), if path == paths[0] { 0 } else { tries % 2 });
                stage.organization.misbehave(path, fault.clone(), 5);
                let told = sync(&stage).backfill(from, |_| {}).await;
                assert!(told.is_err(), "{engine:?} {fault:?} {path}");
                stage.organization.misbehave(path, fault.clone(), 0);
                stage.organization.misbehave(path, Fault::Delay(0), 0);
                tries += 1;
                // The connection may rest for a minute after an outage.
                stage.clock.advance_to(moment(stage.clock.now().as_millisecond() + 61_000));
            }
            // A day later everything is asked for again.
            stage.clock.advance_to(moment(stage.clock.now().as_millisecond() + DAY_MS));
        }
        sync(&stage).backfill(from, |_| {}).await.unwrap();
        agrees(&stage, (from.as_millisecond(), today(&stage) - 4 * DAY_MS), true, &format!("{engine:?}")).await;
        stage.close().await;
    }
}

/// Polls a future so many times and then lets go of it, in the middle of whatever it does.
async fn cut<T>(after: usize, doing: impl Future<Output = T>) -> Option<T> {
    let (mut doing, mut left) = (std::pin::pin!(doing), after);
    std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        doing.as_mut().poll(context).map(Some)
    })
    .await
}

/// Let go of at dozens of points, it comes to the same.
#[tokio::test]
async fn cut_off_anywhere_it_goes_on_there() {
    for engine in engines() {
        let stage = unread(engine).await;
        let from = ago(&stage, 30);
        let mut cuts = 0;
        while cut(20 + 11 * cuts, sync(&stage).backfill(from, |_| {})).await.is_none_or(|it| it.is_err()) {
            cuts += 1;
            assert!(cuts < 400, "{engine:?}: it comes to no end");
            stage.clock.advance_to(moment(stage.clock.now().as_millisecond() + 61_000));
        }
        assert!(cuts > 5, "{engine:?}: {cuts} cuts");
        agrees(&stage, (from.as_millisecond(), today(&stage) - 4 * DAY_MS), true, &format!("{engine:?}")).await;
        stage.close().await;
    }
}

/// Hours are kept as long as the file says; the days stay, and no bill that comes later takes what was used from them.
#[tokio::test]
async fn a_day_whose_hours_are_gone_stays_as_it_is() {
    for engine in engines() {
        let stage = unread(engine).await;
        stage.organization.switch_analytics(false);
        sync(&stage).backfill(ago(&stage, 9), |_| {}).await.unwrap();
        let store = &stage.house.store;
        store.forget_spend_hours(ago(&stage, 4), ago(&stage, 30)).await.unwrap();
        let query = |from: i64, to: i64| SpendQuery {
            scope: Scope::Organization,
            from: ago(&stage, from),
            to: ago(&stage, to),
            by: vec![Dimension::Key, Dimension::Day(TimeZone::UTC)],
        };
        let before = store.spend(&query(9, 4)).await.unwrap();
        let young = store.spend(&query(3, 1)).await.unwrap();
        assert!(before.iter().all(|it| it.basis == Basis::Reconciled) && before.len() > 50, "{engine:?}");
        stage.organization.switch_analytics(true);
        stage.clock.advance_to(moment(stage.clock.now().as_millisecond() + 25 * 3_600_000));
        for _ in 0..4 {
            sync(&stage).read_bills().await.unwrap();
        }
        // A day has begun since.
        let [gone, kept] = [query(10, 5), query(4, 2)];
        assert_eq!(store.spend(&gone).await.unwrap(), before, "{engine:?}");
        let kept = store.spend(&kept).await.unwrap();
        assert!(kept.iter().all(|it| it.basis == Basis::Billed), "{engine:?}: what has its hours is reckoned anew");
        let tokens = |all: &[steward::domain::Spent]| all.iter().map(|it| it.tokens).sum::<i64>();
        assert_eq!(tokens(&kept), tokens(&young), "{engine:?}");
        stage.close().await;
    }
}
