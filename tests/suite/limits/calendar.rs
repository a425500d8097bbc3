//! Periods, thresholds and forecasts, for whatever moments, zones and amounts there are.

use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use steward::clock::{Moment, moment};
use steward::domain::{Amount, Pace, Per, Period, Raise, Told, crossed, is_told, raised, reaches};

use crate::bench::is_full;

/// Zones whose clocks change at midnight, by half an hour, twice a year, never, or over the date line.
const ZONES: [&str; 9] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Havana",
    "Asia/Beirut",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
];

fn cases() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(if is_full() { 20_000 } else { 1_000 }) }
}

/// 2008 to 2046: leap days and every rule of those zones.
fn moments() -> impl Strategy<Value = Moment> {
    (1_200_000_000_000..2_400_000_000_000_i64).prop_map(moment)
}

fn zones() -> impl Strategy<Value = TimeZone> {
    prop::sample::select(&ZONES[..]).prop_map(|name| TimeZone::get(name).unwrap())
}

fn pers() -> impl Strategy<Value = Per> {
    prop::sample::select(&Per::ALL[..])
}

proptest! {
    #![proptest_config(cases())]

    /// Every moment lies in one period of each length; its neighbours touch it, and nothing lies between.
    #[test]
    fn periods_touch_and_never_overlap(at in moments(), zone in zones(), per in pers()) {
        let period = Period::around(per, at, &zone).unwrap();
        prop_assert!(period.from <= at && at < period.to);
        let last = moment(period.to.as_millisecond() - 1);
        for inside in [period.from, last] {
            prop_assert_eq!(Period::around(per, inside, &zone), Some(period));
        }
        let next = Period::around(per, period.to, &zone).unwrap();
        prop_assert_eq!(next.from, period.to);
        let before = period.before(per, &zone).unwrap();
        prop_assert_eq!(before.to, period.from);
        // Whole days have been left out of a calendar: Apia had no 30 December 2011. Such a day has no moment.
        if before.from < before.to {
            prop_assert_eq!(Period::around(per, before.from, &zone), Some(before));
        }
    }

    /// Its first day is what its length says, and it begins with that day there.
    #[test]
    fn periods_begin_on_their_days(at in moments(), zone in zones(), per in pers()) {
        let period = Period::around(per, at, &zone).unwrap();
        let there = zone.to_datetime(period.from);
        prop_assert!(there.date() >= period.first);
        let just_before = zone.to_datetime(moment(period.from.as_millisecond() - 1));
        prop_assert!(just_before.date() < period.first);
        match per {
            Per::Day => {}
            Per::Week => prop_assert_eq!(period.first.weekday(), Weekday::Monday),
            Per::Month => prop_assert_eq!(period.first.day(), 1),
        }
        let hours = (period.to.as_millisecond() - period.from.as_millisecond()) / 3_600_000;
        let most = match per { Per::Day => 2, Per::Week => 8, Per::Month => 32 };
        prop_assert!(hours > 22 && hours < most * 24 + 2, "{hours}");
    }

    /// As spending grows, each threshold is told once, in order, none before it is reached.
    #[test]
    fn each_threshold_is_told_once(
        of in 1..1_000_000_000_000_i64,
        steps in prop::collection::vec(0..200_000_000_000_i64, 1..60),
        thresholds in prop::collection::btree_set(1..=150_u32, 1..6),
    ) {
        let thresholds: Vec<u32> = thresholds.into_iter().collect();
        let (of, mut spent, mut told) = (Amount(of), 0_i64, Vec::<Told>::new());
        for step in steps {
            spent += step;
            let reached = crossed(Amount(spent), of, &thresholds);
            for percent in &reached {
                prop_assert!(i128::from(spent) * 100 >= i128::from(of.0) * i128::from(*percent), "early");
                prop_assert!(Amount(spent).percent_of(of).unwrap() >= i64::from(*percent));
            }
            let news: Vec<u32> = reached.iter().copied().filter(|it| !is_told(&told, *it, of)).collect();
            told.extend(news.iter().map(|percent| Told { percent: *percent, amount: of }));
            // Nothing that is reached is left out, nothing is there twice.
            let mut all: Vec<u32> = told.iter().map(|it| it.percent).collect();
            prop_assert!(all.is_sorted_by(|one, next| one < next));
            all.retain(|it| reached.contains(it));
            prop_assert_eq!(all, reached);
        }
    }

    /// What was told of a limit stays told when it is raised; of a lower one, whatever comes closer to it is news.
    #[test]
    fn a_raise_tells_nothing_again(of in 1_000..1_000_000_000_i64, by in 1..1_000_000_000_i64, percent in 1..=100_u32) {
        let told = [Told { percent, amount: Amount(of) }];
        prop_assert!(is_told(&told, percent, Amount(of)));
        prop_assert!(!is_told(&told, percent, Amount(of + by)), "the same part of more is more");
        prop_assert!(!is_told(&told, percent + 1, Amount(of)));
        prop_assert!(!is_told(&told, percent + 1, Amount(1)), "closer to a lower limit is news");
        let less = percent.saturating_sub(1).max(1);
        let stays = i128::from(of + by) * i128::from(less) <= i128::from(of) * i128::from(percent);
        prop_assert_eq!(is_told(&told, less, Amount(of + by)), stays && less <= percent);
    }

    /// At the pace so far: where a forecast says that a limit is reached, it is, and not a moment before.
    #[test]
    fn forecasts_agree_with_themselves(
        spent in 0..1_000_000_000_000_i64,
        of in 1..2_000_000_000_000_i64,
        elapsed in 1..700_i64,
        rest in 0..700_i64,
    ) {
        let hour = 3_600_000;
        let pace = Pace {
            spent: Amount(spent),
            from: moment(0),
            as_of: moment(elapsed * hour),
            to: moment((elapsed + rest) * hour),
        };
        let forecast = pace.forecast().unwrap();
        prop_assert!(forecast.0 >= spent);
        match pace.reaches_at(Amount(of)) {
            Some(at) => {
                prop_assert!(at >= pace.as_of || spent >= of, "{at}");
                prop_assert!(at <= pace.to);
                let then = Pace { to: at.max(pace.as_of), ..pace }.forecast().unwrap();
                prop_assert!(then.0 >= of || spent >= of, "{} of {of}", then.0);
            }
            None => prop_assert!(forecast.0 <= of || spent == 0, "{} of {of}", forecast.0),
        }
        let young = Pace { as_of: moment(hour - 1), ..pace };
        prop_assert_eq!(young.forecast(), None);
    }

    /// Raises are on top of a limit, and end by themselves, each for itself.
    #[test]
    fn raises_end_by_themselves(of in 1..1_000_i64, raises in prop::collection::vec((1..1_000_i64, 0..50_i64), 0..6), now in 0..50_i64) {
        let raises: Vec<Raise> =
            raises.into_iter().map(|(by, until)| Raise { by: Amount(by), until: moment(until) }).collect();
        let wanted: i64 = raises.iter().filter(|it| moment(now) < it.until).map(|it| it.by.0).sum();
        prop_assert_eq!(raised(Amount(of), &raises, moment(now)), Amount(of + wanted));
    }
}

#[test]
fn nothing_is_reached_by_a_hair() {
    let of = Amount(300);
    assert!(!reaches(Amount(149), 50, of) && reaches(Amount(150), 50, of));
    assert_eq!(crossed(Amount(299), of, &[50, 80, 100]), [50, 80]);
    assert_eq!(crossed(Amount(i64::MAX), Amount(i64::MAX), &[100, 101]), [100]);
    assert_eq!(Amount(299).percent_of(of), Some(99));
}
