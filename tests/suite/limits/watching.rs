//! Each threshold is told exactly once in its period, none early, none later than one look after it is known: over month ends, a leap
//! day and changes of the clocks, with looks that are broken off and a second house that looks at the same moment.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::task::noop_waker_ref;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use steward::clock::{Moment, moment};
use steward::domain::{Amount, Brake, LimitTerms, LiveRules, Per, Rules, Scope};
use steward::job::{Audience, LimitWatch};
use steward::random::Random;

use super::bills::{Bills, HOUR_MS, USD, reads_no_reports};
use crate::bench::{Engine, engines, is_full, measured};
use crate::stage::Stage;

const MINUTE_MS: i64 = 60_000;
/// So late data comes.
const LATE_MS: i64 = 5 * MINUTE_MS;
const THRESHOLDS: [u32; 3] = [50, 80, 100];
/// The leap day, the ends of two months and the changes of three zones' clocks lie within six weeks of it.
const BEGIN: &str = "2028-02-20T09:00:00Z";
/// The whole run begins here: 400 days later all of it was passed, and most twice.
const BEGIN_FULL: &str = "2027-09-01T09:00:00Z";

/// So many keys spend; the more limits, the more of them.
fn keys(limits: usize) -> u64 {
    u64::try_from(limits / 3).unwrap().max(12)
}

/// A key, its workspace and a model.
fn part(keys: u64, random: &Random) -> [String; 3] {
    let key = random.below(keys);
    [format!("apikey_{key}"), format!("wrkspc_{}", key % 4), format!("model-{}", random.below(3))]
}

/// Limits of every scope and length of period, of amounts that some periods reach and some do not.
fn limits(count: usize, random: &Random) -> Vec<LimitTerms> {
    let keys = keys(count);
    let mut limits: Vec<LimitTerms> = Vec::new();
    while limits.len() < count {
        let per = Per::ALL[usize::try_from(random.below(3)).unwrap()];
        let scope = match random.below(8) {
            0 => Scope::Organization,
            1 | 2 => Scope::Workspace(format!("wrkspc_{}", random.below(4))),
            3 => Scope::Model(format!("model-{}", random.below(3))),
            _ => Scope::Key(format!("apikey_{}", random.below(keys))),
        };
        let days = match per {
            Per::Day => 1,
            Per::Week => 7,
            Per::Month => 30,
        };
        let cents_a_day = match scope {
            Scope::Organization => 6_000,
            Scope::Workspace(_) | Scope::Model(_) => 1_500,
            _ => 6_000 / i64::try_from(keys).unwrap(),
        };
        let usual = cents_a_day * days * USD / 100;
        let amount = Amount(usual / 2 + i64::try_from(random.below(u64::try_from(usual).unwrap())).unwrap());
        let terms = LimitTerms { scope, per, amount, brake: Brake::Soft };
        if !limits.iter().any(|it| it.id() == terms.id()) {
            limits.push(terms);
        }
    }
    limits
}

/// The beginning of the period that the hour `at` lies in, reckoned otherwise than by the house: back, hour by hour, as long as the
/// calendar on the wall shows the same period.
fn beginning(per: Per, at: Moment, zone: &TimeZone) -> Moment {
    let wall = |ms: i64| zone.to_datetime(moment(ms)).date();
    let begins = |before: Date, day: Date| match per {
        Per::Day => before != day,
        Per::Week => before != day && day.weekday() == Weekday::Monday,
        Per::Month => before.month() != day.month(),
    };
    let mut ms = at.as_millisecond();
    while !begins(wall(ms - HOUR_MS), wall(ms)) {
        ms -= HOUR_MS;
    }
    moment(ms)
}

/// What should be told: when each threshold of each limit is known to be reached, by period.
type Expected = BTreeMap<(String, Moment, u32), Moment>;

/// What a limit has seen in its periods.
struct Ledger {
    zone: TimeZone,
    limits: Vec<LimitTerms>,
    spent: BTreeMap<(String, Moment), i64>,
    expected: Expected,
}

impl Ledger {
    fn add(&mut self, [key, workspace, model]: &[String; 3], (at, known): (Moment, Moment), microcents: i64) {
        let hour = moment(at.as_millisecond() - at.as_millisecond().rem_euclid(HOUR_MS));
        for terms in &self.limits {
            let counts = match &terms.scope {
                Scope::Organization => true,
                Scope::Workspace(it) => it == workspace,
                Scope::Key(it) => it == key,
                Scope::Model(it) => it == model,
                Scope::Person(_) | Scope::Tag(_) => false,
            };
            if !counts {
                continue;
            }
            let (id, period) = (terms.id().to_string(), beginning(terms.per, hour, &self.zone));
            let spent = self.spent.entry((id.clone(), period)).or_default();
            *spent += microcents;
            for percent in THRESHOLDS {
                if i128::from(*spent) * 100 >= i128::from(terms.amount.0) * i128::from(percent) {
                    self.expected.entry((id.clone(), period, percent)).or_insert(known);
                }
            }
        }
    }
}

/// Looks, and is broken off somewhere on the way, as by a kill.
fn broken_off(look: impl Future<Output = ()>, polls: u64) {
    let mut look = pin!(look);
    for _ in 0..polls {
        if let Poll::Ready(()) = look.as_mut().poll(&mut Context::from_waker(noop_waker_ref())) {
            return;
        }
        std::thread::sleep(std::time::Duration::from_micros(300));
    }
}

fn watch_of(house: &steward::cli::house::House, stage: &Stage, rules: &Rules) -> Arc<LimitWatch> {
    let rules = Arc::new(LiveRules::new(rules.clone()));
    let (store, clock) = (house.store.clone(), stage.clock.clone());
    let audience = Audience::new(store, Arc::clone(&rules), Arc::clone(&stage.chat) as _, clock.clone());
    Arc::new(LimitWatch::new((&house.store, &house.reader, &clock), &rules, &house.pipeline, audience))
}

async fn plays(engine: Engine, name: &str, (count, days): (usize, i64)) -> (usize, usize) {
    let stage = Stage::open(engine).await;
    reads_no_reports(&stage).await;
    let other = stage.another_house(2).await;
    let zone = TimeZone::get(name).unwrap();
    let random = Random::seeded(41);
    let limits = limits(count, &random);
    stage.clock.advance_to(if is_full() { BEGIN_FULL } else { BEGIN }.parse().unwrap());
    let mut rules = (*stage.house.rules.now()).clone();
    (rules.time_zone, rules.thresholds) = (name.to_owned(), THRESHOLDS.to_vec());
    let store = &stage.house.store;
    set_in_chat(&stage, &limits).await;
    let [watch, twin] = [watch_of(&stage.house, &stage, &rules), watch_of(&other, &stage, &rules)];
    let mut ledger = Ledger { zone, limits, spent: BTreeMap::new(), expected: Expected::new() };
    let (mut bills, begin) = (Bills::default(), stage.clock.now());
    let end = begin.as_millisecond() + days * 24 * HOUR_MS;
    let mut at = begin.as_millisecond();
    let mut turn = 0_u64;
    while at < end {
        // About 12 a day, now and then in the last minutes of a day.
        at += i64::try_from(random.below(4 * 3_600_000)).unwrap() + 1;
        let known = at + LATE_MS;
        let part = part(keys(count), &random);
        let microcents = i64::try_from(random.below(10 * 100_000_000)).unwrap() + 1;
        stage.clock.advance_to(moment(known));
        let of = [part[0].as_str(), part[1].as_str(), part[2].as_str()];
        bills.spend(store, (moment(at), moment(known)), of, microcents).await;
        ledger.add(&part, (moment(at), moment(known)), microcents);
        turn += 1;
        // The next look is at most a minute away.
        let look = known + i64::try_from(random.below(60_000)).unwrap() + 1;
        stage.clock.advance_to(moment(look));
        if turn.is_multiple_of(7) {
            let watch = Arc::clone(&watch);
            broken_off(async move { watch.look().await.unwrap() }, random.below(60));
        }
        if turn.is_multiple_of(5) {
            let (one, two) = tokio::join!(watch.look(), twin.look());
            one.unwrap();
            two.unwrap();
        } else {
            watch.look().await.unwrap();
        }
        if turn.is_multiple_of(50) {
            stage.house.outbox.drain().await.unwrap();
        }
        at = look;
    }
    stage.house.outbox.drain().await.unwrap();
    let heard = is_told_once(&stage, name, (begin, &ledger.expected)).await;
    // The stage's own house tells them, too: by its own calendar.
    stage.settle().await;
    stage.chat.forget_unheard();
    stage.close().await;
    (ledger.expected.len(), heard)
}

/// Compares what was told with what should have been. Answers in how many messages.
async fn is_told_once(stage: &Stage, name: &str, (begin, expected): (Moment, &Expected)) -> usize {
    let told = stage.house.store.limits_told(moment(begin.as_millisecond() - 40 * 24 * HOUR_MS)).await.unwrap();
    let mut found = Expected::new();
    let mut groups = BTreeSet::new();
    for ((id, period), lines) in told {
        for (told, told_at) in lines {
            groups.insert((id.clone(), told_at));
            let key = (id.clone(), period, told.percent);
            assert_eq!(found.insert(key, told_at), None, "{name}: told twice");
        }
    }
    for (key, known) in expected {
        let Some(told_at) = found.remove(key) else { panic!("{name}: {key:?} was never told") };
        let late = told_at.as_millisecond() - known.as_millisecond();
        assert!((0..=MINUTE_MS).contains(&late), "{name}: {key:?} was told {late} ms after it was known");
    }
    assert!(found.is_empty(), "{name}: told and not reached: {found:?}");
    let is_one = |text: &str| text.contains(" is spent: ") || text.contains(" is reached: ");
    let to_channel =
        |(to, _): &&(steward::chat::Target, steward::chat::Message)| matches!(to, steward::chat::Target::Channel(_));
    let all = stage.chat.everything();
    let heard = all.iter().filter(to_channel).filter(|it| is_one(&it.1.text.to_plain())).count();
    assert_eq!(heard, groups.len(), "{name}: one message each");
    heard
}

/// As if they had been set in chat a while ago.
async fn set_in_chat(stage: &Stage, limits: &[LimitTerms]) {
    let store = &stage.house.store;
    let mut tx = store.begin().await.unwrap();
    for terms in limits {
        let row = steward::store::LimitRow {
            terms: terms.clone(),
            owner: steward::domain::PersonId("person_nobody".into()),
            change: 1,
            since: moment(stage.clock.now().as_millisecond() - 60 * 24 * HOUR_MS),
        };
        store.set_limit(&mut tx, &row).await.unwrap();
    }
    store.commit(tx).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn each_threshold_is_told_once_in_its_period() {
    for engine in engines() {
        let zones = ["Europe/Berlin", "America/New_York", "Pacific/Auckland"];
        let (count, days) = match engine {
            Engine::Sqlite if is_full() => (200, 400),
            Engine::Postgres if is_full() => (200, 100),
            Engine::Sqlite => (6, 42),
            Engine::Postgres => (10, 10),
        };
        let zones = if is_full() || engine == Engine::Sqlite { &zones[..] } else { &zones[..1] };
        let (mut told, mut heard) = (0, 0);
        for name in zones {
            let (thresholds, messages) = Box::pin(plays(engine, name, (count, days))).await;
            assert!(thresholds > count, "{engine:?}, {name}: only {thresholds} were reached");
            (told, heard) = (told + thresholds, heard + messages);
        }
        let name = format!("thresholds told in {days} days, {engine:?}");
        measured(&name, format!("{told} in {heard} messages"), "each once, within a minute", true);
    }
}
