//! When a key is used in a usual week, and what follows from its silence.

use crate::clock::Moment;

const HOUR_MS: i64 = 3_600_000;
const WEEK_HOURS: usize = 7 * 24;
/// 1 January 1970 was a Thursday: so many hours after a Monday's beginning.
const EPOCH_HOUR: i64 = 3 * 24;
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
/// In so many weeks a key must have been used in an hour of the week for that hour to be usual.
const USUAL_WEEKS: usize = 2;
/// More usual hours than this, and a key is used at any time.
const ANY_TIME: usize = 140;
/// How many spans of hours are named.
const MOST_NAMED: usize = 3;

/// In how many weeks a key was used in each hour of the week, Monday 00:00 UTC first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRhythm {
    weeks: Vec<usize>,
    used: bool,
}

impl KeyRhythm {
    /// The rhythm of these hours, each named once.
    #[must_use]
    pub fn of(hours: impl IntoIterator<Item = Moment>) -> Self {
        let mut it = Self { weeks: vec![0; WEEK_HOURS], used: false };
        for hour in hours {
            it.weeks[hour_of_week(hour.as_millisecond())] += 1;
            it.used = true;
        }
        it
    }

    /// True if it was used at all.
    #[must_use]
    pub fn is_used(&self) -> bool {
        self.used
    }

    /// True if the key is usually used in the hour that holds this moment.
    #[must_use]
    pub fn is_busy(&self, at: Moment) -> bool {
        self.weeks[hour_of_week(at.as_millisecond())] >= USUAL_WEEKS
    }

    /// How many hours of the week are usual.
    fn usual(&self) -> usize {
        self.weeks.iter().filter(|it| **it >= USUAL_WEEKS).count()
    }

    /// True if there is hardly an hour in which it is not used.
    #[must_use]
    pub fn is_any_time(&self) -> bool {
        self.usual() > ANY_TIME
    }

    /// How many usual hours lie wholly between two moments.
    #[must_use]
    pub fn busy_between(&self, from: Moment, to: Moment) -> usize {
        let first = from.as_millisecond() + (-from.as_millisecond()).rem_euclid(HOUR_MS);
        let hours = (to.as_millisecond() - first).div_euclid(HOUR_MS).max(0);
        (0..hours).filter(|at| self.weeks[hour_of_week(first + at * HOUR_MS)] >= USUAL_WEEKS).count()
    }

    /// The usual hours in words, UTC.
    #[must_use]
    pub fn words(&self) -> String {
        if self.is_any_time() {
            return "at any time".into();
        }
        let by_day: Vec<String> = (0..7).map(|day| self.hours_of(day)).collect();
        let (work, weekend) = by_day.split_at(5);
        let same = |days: &[String]| days.iter().all(|it| *it == days[0]);
        if self.usual() == 0 {
            return if self.used { "at no usual hours" } else { "not used" }.into();
        }
        if same(&by_day) {
            return format!("every day {} UTC", by_day[0]);
        }
        if same(work) && weekend.iter().all(String::is_empty) {
            return format!("Mon to Fri {} UTC", work[0]);
        }
        let named: Vec<String> =
            by_day.iter().zip(DAYS).filter(|(it, _)| !it.is_empty()).map(|(it, day)| format!("{day} {it}")).collect();
        let more = if named.len() > MOST_NAMED { ", and more" } else { "" };
        format!("{}{more} UTC", named[..named.len().min(MOST_NAMED)].join(", "))
    }

    fn hours_of(&self, day: usize) -> String {
        let usual = |hour: usize| hour < 24 && self.weeks[day * 24 + hour] >= USUAL_WEEKS;
        let mut spans = Vec::new();
        let mut hour = 0;
        while hour < 24 {
            if usual(hour) {
                let end = (hour..=24).find(|it| !usual(*it)).unwrap_or(24);
                spans.push(format!("{hour:02}-{end:02}"));
                hour = end;
            }
            hour += 1;
        }
        spans.join(" and ")
    }
}

/// Why a key whose replacement was revealed is not switched off yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StillNeeded {
    /// It was used within the hours that have to pass in silence.
    Used(Moment),
    /// It has been silent, but not through hours in which it is usually used.
    NotItsHours,
    /// It has been silent, but it was used at no usual hours, and a week has not passed.
    NoRhythm,
    /// It is silent, and this is an hour in which it used to be used: nothing is switched off in it.
    BusyNow,
}

/// How many usual hours have to pass in silence.
const SILENT_BUSY_HOURS: usize = 2;
/// How long a key without usual hours has to be silent.
const NO_RHYTHM_MS: i64 = 7 * 24 * HOUR_MS;

/// May a key be switched off at `now`, which was last used at `last`, when its replacement has been there since `since`? None: yes.
///
/// `rhythm` is what it was before its replacement came.
#[must_use]
pub fn still_needed(
    rhythm: &KeyRhythm,
    (last, since, now): (Option<Moment>, Moment, Moment),
    silent_hours: i64,
) -> Option<StillNeeded> {
    // An hour in which it was used counts as used to its end.
    let quiet_ms = last.map_or(since.as_millisecond(), |it| it.as_millisecond() + HOUR_MS).max(since.as_millisecond());
    let silent_ms = now.as_millisecond() - quiet_ms;
    if silent_ms < silent_hours * HOUR_MS {
        return Some(StillNeeded::Used(last.unwrap_or(since)));
    }
    if rhythm.is_used() && rhythm.usual() == 0 && silent_ms < NO_RHYTHM_MS {
        return Some(StillNeeded::NoRhythm);
    }
    let wanted = SILENT_BUSY_HOURS.min(rhythm.usual());
    if rhythm.busy_between(crate::clock::moment(quiet_ms), now) < wanted {
        return Some(StillNeeded::NotItsHours);
    }
    (rhythm.is_busy(now) && !rhythm.is_any_time()).then_some(StillNeeded::BusyNow)
}

fn hour_of_week(ms: i64) -> usize {
    usize::try_from((ms.div_euclid(HOUR_MS) + EPOCH_HOUR).rem_euclid(7 * 24)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::moment;

    /// 2026-11-30 is a Monday.
    fn monday(hours: i64) -> Moment {
        let monday: Moment = "2026-11-30T00:00:00Z".parse().expect("a moment");
        moment(monday.as_millisecond() + hours * HOUR_MS)
    }

    fn rhythm(busy: impl Fn(i64) -> bool) -> KeyRhythm {
        KeyRhythm::of((-4 * 168_i64..0).filter(|at| busy(at.rem_euclid(168))).map(monday))
    }

    #[test]
    fn a_rhythm_has_words() {
        let office = |at: i64| at / 24 < 5 && (8..18).contains(&(at % 24));
        assert_eq!(rhythm(office).words(), "Mon to Fri 08-18 UTC");
        assert_eq!(rhythm(|at| (1..3).contains(&(at % 24))).words(), "every day 01-03 UTC");
        assert_eq!(rhythm(|at| at == 6 || at == 7 || at == 23).words(), "Mon 06-08 and 23-24 UTC");
        assert_eq!(rhythm(|_| true).words(), "at any time");
        assert_eq!(rhythm(|_| false).words(), "not used");
        assert_eq!(KeyRhythm::of([monday(5)]).words(), "at no usual hours");
        assert_eq!(rhythm(|at| at % 25 == 0).words(), "Mon 00-01, Tue 01-02, Wed 02-03, and more UTC");
    }

    #[test]
    fn silence_counts_where_there_used_to_be_noise() {
        let nightly = rhythm(|at| (1..3).contains(&(at % 24)));
        let judge = |last, now, hours| still_needed(&nightly, (Some(monday(last)), monday(-24), monday(now)), hours);
        // Used last on Monday from 2 to 3; asked on Monday evening: a day's silence says nothing before the next night.
        assert_eq!(judge(2, 12, 12), Some(StillNeeded::Used(monday(2))));
        assert_eq!(judge(2, 20, 12), Some(StillNeeded::NotItsHours));
        assert_eq!(judge(2, 26, 12), Some(StillNeeded::NotItsHours), "half the window");
        assert_eq!(judge(2, 27, 12), None);
        let late = still_needed(&nightly, (Some(monday(2)), monday(-24), monday(49)), 12);
        assert_eq!(late, Some(StillNeeded::BusyNow));
        assert_eq!(still_needed(&rhythm(|_| true), (Some(monday(2)), monday(-24), monday(27)), 24), None);
    }

    #[test]
    fn without_a_rhythm_silence_lasts_a_week() {
        let seldom = KeyRhythm::of([monday(-100)]);
        let judge = |now| still_needed(&seldom, (Some(monday(-100)), monday(0), monday(now)), 24);
        assert_eq!(
            (judge(23), judge(24), judge(167)),
            (Some(StillNeeded::Used(monday(-100))), Some(StillNeeded::NoRhythm), Some(StillNeeded::NoRhythm))
        );
        assert_eq!(judge(168), None);
        let never = KeyRhythm::of([]);
        assert_eq!(still_needed(&never, (None, monday(0), monday(24)), 24), None);
    }
}
