//! Reports that channels get by themselves: who may subscribe, what is told, when, and that it is told once.

use steward::clock::{Clock, Moment, moment};
use steward::domain::{Amount, Basis, Beat, ReportKind, Rhythm, Subscription, Tokens};
use steward::job::Reports;
use steward::store::{ApiKeyRow, DayState, HourFact, Pass, Series, Store, WorkspaceRow};
use steward::view;

use crate::bench::engines;
use crate::stage::{Stage, assert_snapshot};
use crate::store_ground::{Ground, at};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

fn time(text: &str) -> Moment {
    text.parse().expect("a moment")
}

fn later(at: Moment, by_ms: i64) -> Moment {
    moment(at.as_millisecond() + by_ms)
}

fn wanted(kind: ReportKind, rhythm: Rhythm, from: Moment) -> Subscription {
    let beat = Beat { rhythm, minute: 150, zone: "Europe/Berlin".into() };
    let due = beat.after(from);
    let (channel, made_by) = ("browser:general".to_owned(), "browser:ada".to_owned());
    Subscription { channel, kind, beat, names: false, quiet: false, made_by, due, snoozed: None }
}

async fn subscribe(store: &Store, it: &Subscription) {
    let mut tx = store.begin().await.unwrap();
    store.subscribe(&mut tx, it, at(0)).await.unwrap();
    store.commit(tx).await.unwrap();
}

#[tokio::test]
async fn each_time_is_told_once_by_whichever_house_is_faster() {
    for engine in engines() {
        let ground = Ground::new(engine).await;
        // Over the night in which Berlin's clocks show half past two twice.
        let begin = time("2027-10-25T12:00:00Z");
        let clock = Clock::standing(begin);
        subscribe(&ground.store, &wanted(ReportKind::Requests, Rhythm::Daily, begin)).await;
        subscribe(&ground.store, &wanted(ReportKind::Audit, Rhythm::Weekly, begin)).await;
        let [one, other] = [0, 1].map(|_| Reports::new(ground.store.clone(), clock.clone()));
        let mut told = 0;
        for step in 1..=10 * 24 * 4 {
            clock.advance_to(later(begin, step * HOUR_MS / 4));
            let (first, second) = tokio::join!(one.tell(), other.tell());
            told += first.unwrap() + second.unwrap();
        }
        assert_eq!(told, 10 + 1, "{engine:?}: ten days and one Monday");
        assert_eq!(ground.store.outbox_depth().await.unwrap().0, 11, "{engine:?}: each is in the outbox");
        // Nobody ran for three days: told once, and then at the usual time.
        clock.advance_to(later(begin, 13 * DAY_MS));
        assert_eq!(one.tell().await.unwrap(), 1);
        assert_eq!(one.tell().await.unwrap() + other.tell().await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_channel_is_told_what_was_asked_for_until_it_does_not_want_to_hear() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        let refused = mira.says("/claude report subscribe daily requests").await;
        assert!(refused.reads().contains("report.subscribe"), "{}", refused.reads());
        assert_snapshot!(ada.says("/claude report subscribe daily requests --at 08:30 --zone UTC").await.told(), @r"
        This channel gets the requests report, daily at 08:30 (UTC). The first one: 2026-12-02 08:30 UTC.
        Neither people nor keys are named.
        How it looks: /claude report preview.
        ");
        mira.says("/claude invite lea@example.com").await;
        stage.next_in("approvals").await;
        stage.clock.advance_to(time("2026-12-02T08:31:00Z"));
        let told = stage.next_in("general").await;
        assert_snapshot!(told.told(), @r"
        Requests on Tuesday, 1 December 2026: 1 request, up 1 request on the day before, which had none.
        One request waits for a decision.
        Kind | This time | Before | Change
        invite | 1 | 0 | new
        Requests by kind. this day: invite 1 (requests); the day before: invite 0 (requests)
        ");
        assert!(!told.reads().contains("Mira"), "nobody is named");
        assert_snapshot!(ada.says("/claude report list").await.told(), @r"
        One report.
        Channel | Report | How often | Next | Names | Subscribed by
        browser:general | requests | daily | 2026-12-03 08:30 UTC | no | browser:ada
        ");
        ada.says("/claude report snooze requests --until 2026-12-04 --reason holidays").await;
        stage.clock.advance_to(time("2026-12-04T08:31:00Z"));
        stage.settle().await;
        ada.says("/claude report subscribe daily requests --quiet --names --at 08:30 --zone UTC").await;
        mira.says("/claude invite max@example.com").await;
        stage.next_in("approvals").await;
        stage.clock.advance_to(time("2026-12-05T08:31:00Z"));
        assert!(stage.next_in("general").await.reads().contains("By person"), "an admin had people named");
        // Whoever pushes the clock stops where a report is due.
        ada.says("/claude report subscribe daily requests --at 08:30 --zone UTC").await;
        stage.house.push_to(time("2026-12-07T12:00:00Z")).await.unwrap();
        for day in ["Saturday, 5", "Sunday, 6"] {
            assert!(stage.next_in("general").await.reads().contains(day), "{day}");
        }
        let ended = ada.says("/claude report unsubscribe requests").await;
        assert_eq!(ended.reads(), "This channel gets no more requests reports.");
        let none = ada.says("/claude report unsubscribe requests").await;
        assert!(none.reads().contains("gets no requests reports"), "{}", none.reads());
        stage.clock.advance_to(time("2026-12-09T08:31:00Z"));
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

fn series(key: &str, workspace: &str, model: &str) -> Series {
    let [tier, geo, context, kind] = ["standard", "global", "0-200k", "tokens"].map(str::to_owned);
    let (key_id, workspace_id, model) = (key.to_owned(), workspace.to_owned(), model.to_owned());
    Series { key_id, actor: String::new(), workspace_id, model, tier, geo, context, kind }
}

/// Two weeks: the second is twice the first, and a workspace is new in it.
async fn spending(store: &Store, monday: Moment) {
    for day in 0..14 {
        let begin = later(monday, day * DAY_MS);
        let usd = |cents: i64| Amount(cents * 1_000_000 * if day < 7 { 1 } else { 2 });
        let mut facts =
            vec![(series("k1", "w1", "claude-opus"), usd(5_000)), (series("k2", "w2", "claude-haiku"), usd(300))];
        facts.extend((0..5).map(|it| (series("k2", &format!("w-small-{it}"), "claude-haiku"), usd(10 + it))));
        if day >= 10 {
            facts.push((series("", "", "claude-haiku"), usd(1)));
        }
        let mut book = store.series_book().await.unwrap();
        let mut tx = store.begin().await.unwrap();
        let mut rows = Vec::new();
        for (series, amount) in &facts {
            let series_id = book.number(&mut tx, series).await.unwrap();
            let tokens = Tokens { input: 1_000, ..Tokens::default() };
            rows.push(HourFact { hour: later(begin, 9 * HOUR_MS), series_id, tokens, unpriced: 0, amount: *amount });
        }
        let end = later(begin, DAY_MS);
        store.put_spend_hours(&mut tx, (begin, end), &rows).await.unwrap();
        let state = DayState { basis: Basis::Billed, as_of: end, settled: String::new() };
        store.close_spend_day(&mut tx, begin, &state).await.unwrap();
        store.commit(tx).await.unwrap();
    }
}

/// What the workspaces and a key are called.
async fn names(store: &Store) {
    let workspace =
        |id: &str, name: &str| WorkspaceRow { id: id.into(), name: name.into(), created_at: at(0), archived_at: None };
    store
        .write_page(&Pass::Workspaces(vec![workspace("w1", "research"), workspace("w2", "=evals")]), at(1))
        .await
        .unwrap();
    let key = ApiKeyRow {
        id: "k1".into(),
        name: "nightly-key".into(),
        status: "active".into(),
        kind: "workspace".into(),
        owner_id: None,
        workspace_id: Some("w1".into()),
        created_by: None,
        hint: None,
        created_at: at(0),
        expires_at: None,
    };
    store.write_page(&Pass::ApiKeys(vec![key]), at(1)).await.unwrap();
}

#[tokio::test]
async fn a_digest_says_what_changed_and_names_keys_only_where_an_admin_said_so() {
    for engine in engines() {
        let ground = Ground::new(engine).await;
        let store = &ground.store;
        let monday = time("2026-11-16T00:00:00Z");
        spending(store, monday).await;
        names(store).await;
        let beat = Beat { rhythm: Rhythm::Weekly, minute: 540, zone: "UTC".into() };
        let due = time("2026-11-30T09:00:00Z");
        let report = store.report(ReportKind::Digest, &beat, due, false).await.unwrap().unwrap();
        assert!(report.is_notable());
        assert_snapshot!(view::plain(&view::report::message(&report)), @r"
        Spend of the week from 23 November to 29 November 2026: $750.48, up 100 % ($375.28) on the week before.
        As billed. Known up to 2026-11-30 00:00 UTC.
        Workspace  This time  Before   Change
        research   $700.00    $350.00  +100 %
        =evals     $42.00     $21.00   +100 %
        w-small-4  $1.96      $0.98    +100 %
        w-small-3  $1.82      $0.91    +100 %
        w-small-2  $1.68      $0.84    +100 %
        3 more     $3.02      $1.47    +105 %
        Spend by day. this week: Mon 23 $107.20, Tue 24 $107.20, Wed 25 $107.20, Thu 26 $107.22, Fri 27 $107.22, Sat 28 $107.22, Sun 29 $107.22 (USD); the week before: Mon 23 $53.60, Tue 24 $53.60, Wed 25 $53.60, Thu 26 $53.60, Fri 27 $53.60, Sat 28 $53.60, Sun 29 $53.60 (USD)
        By workspace
        Workspace  This time  Before   Change
        research   $700.00    $350.00  +100 %
        =evals     $42.00     $21.00   +100 %
        w-small-4  $1.96      $0.98    +100 %
        w-small-3  $1.82      $0.91    +100 %
        w-small-2  $1.68      $0.84    +100 %
        w-small-1  $1.54      $0.77    +100 %
        w-small-0  $1.40      $0.70    +100 %
        Default    $0.08      $0.00    new
        By model
        Model         This time  Before   Change
        claude-opus   $700.00    $350.00  +100 %
        claude-haiku  $50.48     $25.20   +100 %
        ");
        let named = store.report(ReportKind::Digest, &beat, due, true).await.unwrap().unwrap();
        let named = view::plain(&view::report::message(&named));
        assert!(named.contains("By key") && named.contains("nightly-key"), "{engine:?}: {named}");
        let daily = Beat { rhythm: Rhythm::Daily, ..beat };
        let report = store.report(ReportKind::Digest, &daily, due, false).await.unwrap().unwrap();
        assert!(!report.is_notable(), "Sunday was as Saturday");
        let empty =
            store.report(ReportKind::Digest, &daily, time("2026-06-01T09:00:00Z"), false).await.unwrap().unwrap();
        assert_snapshot!(view::plain(&view::report::message(&empty)), @r"
        Spend on Sunday, 31 May 2026: $0.00, as much as the day before.
        Estimated, in part at least: tokens at list prices. Known up to 2026-05-31 00:00 UTC.
        ");
    }
}
