//! Programs that use keys by themselves, in a rhythm of the week, as long as their key works. What they used follows from the
//! clock and is not kept: history is there at once, and pushing the clock makes more of it.

use super::meter::{Metered, More, Other, Surface};
use crate::clock::{Moment, moment};
use serde::{Deserialize, Serialize};

/// A program asks this often while it is busy.
const TICK_MS: i64 = 600_000;
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// 1 January 1970 was a Thursday, so many days after a Monday.
const EPOCH_WEEKDAY: i64 = 3;

/// When a program is busy, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rhythm {
    /// Monday to Friday, from 8 to 18 o'clock.
    Office,
    /// Every night from 1 to 3 o'clock.
    Nightly,
    /// Mondays from 6 to 8 o'clock.
    Weekly,
    /// At any time.
    Always,
}

impl Rhythm {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Office, Self::Nightly, Self::Weekly, Self::Always];

    /// The rhythm of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == name)
    }

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Office => "office",
            Self::Nightly => "nightly",
            Self::Weekly => "weekly",
            Self::Always => "always",
        }
    }

    fn is_busy(self, at_ms: i64) -> bool {
        let weekday = (at_ms.div_euclid(DAY_MS) + EPOCH_WEEKDAY).rem_euclid(7);
        let hour = at_ms.rem_euclid(DAY_MS) / HOUR_MS;
        match self {
            Self::Office => weekday < 5 && (8..18).contains(&hour),
            Self::Nightly => (1..3).contains(&hour),
            Self::Weekly => weekday == 0 && (6..8).contains(&hour),
            Self::Always => true,
        }
    }
}

/// How a program asks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Habits {
    /// Most of what it sends lies in a cache, for five minutes or for an hour.
    pub(super) caches: Option<Caching>,
    /// So often it asks for one search on the web; 0: never.
    pub(super) searches_every: i64,
    /// In batches.
    pub(super) batch: bool,
    /// In the US only.
    pub(super) us: bool,
    /// From where.
    pub(super) surface: Surface,
    /// As whom, where it uses no key; nobody who can be named, if this is nothing too.
    pub(super) account: Option<String>,
    /// In which workspace, where it uses no key.
    pub(super) home: Option<String>,
    /// What each time costs beside the tokens, in microcents.
    pub(super) other: Option<(Other, i64)>,
    /// A day on which it asked for so many times as much: its beginning in milliseconds since the epoch.
    pub(super) spike: Option<(i64, i64)>,
}

/// How long a program keeps what it sends in a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Caching {
    FiveMinutes,
    OneHour,
}

/// A program that uses a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workload {
    /// Its key.
    pub key_id: String,
    /// The model that it asks.
    pub model: String,
    /// When it is busy.
    pub rhythm: Rhythm,
    /// About how many input tokens it sends each time; half as many come back.
    pub tokens: i64,
    /// When it ran and its key worked. The last one may be open.
    pub(super) spans: Vec<(Moment, Option<Moment>)>,
    /// True once it is at an end: a key that works again changes nothing.
    pub(super) is_over: bool,
    /// Files of earlier versions have none.
    #[serde(default)]
    pub(super) habits: Habits,
}

impl Workload {
    pub(super) fn new(key_id: &str, (model, tokens): (&str, i64), rhythm: Rhythm, since: Moment) -> Self {
        let spans = vec![(since, None)];
        Self {
            key_id: key_id.to_owned(),
            model: model.to_owned(),
            rhythm,
            tokens,
            spans,
            is_over: false,
            habits: Habits::default(),
        }
    }

    pub(super) fn is_running(&self) -> bool {
        self.spans.last().is_some_and(|(_, until)| until.is_none())
    }

    pub(super) fn pause(&mut self, now: Moment) {
        if let Some((_, until @ None)) = self.spans.last_mut() {
            *until = Some(now);
        }
    }

    /// The moments at which it asked, from one moment to before another.
    pub(super) fn ticks(&self, from: Moment, to: Moment) -> impl Iterator<Item = i64> + '_ {
        self.spans.iter().flat_map(move |(since, until)| {
            let first = since.max(&from).as_millisecond();
            let end = until.unwrap_or(Moment::MAX).min(to).as_millisecond();
            let first = first + (-first).rem_euclid(TICK_MS);
            let count = usize::try_from((end - first + TICK_MS - 1).div_euclid(TICK_MS).max(0)).unwrap_or(0);
            (0..count)
                .map(move |at| first + i64::try_from(at).unwrap_or(0) * TICK_MS)
                .filter(|at| self.rhythm.is_busy(*at))
        })
    }

    pub(super) fn used(&self, workspace_id: &str, at_ms: i64) -> Metered {
        // From half as much to half as much again, and the same whenever it is looked at.
        let name = self.habits.account.as_deref().unwrap_or(&self.key_id);
        let seed = name.bytes().fold(at_ms / TICK_MS, |sum, it| sum.wrapping_mul(31).wrapping_add(i64::from(it)));
        let spiking = self.habits.spike.filter(|(day, _)| (*day..day + DAY_MS).contains(&at_ms));
        let sent = self.tokens * (50 + seed.rem_euclid(101)) / 100 * spiking.map_or(1, |(_, times)| times);
        let kept = if self.habits.caches.is_some() { sent / 10 } else { 0 };
        let cache_read = kept * 7;
        let (cache_5m, cache_1h) = match self.habits.caches {
            Some(Caching::OneHour) => (0, kept),
            _ => (kept, 0),
        };
        let every = self.habits.searches_every;
        let searches = i64::from(every > 0 && (at_ms / TICK_MS).rem_euclid(every.max(1)) == 0);
        let Habits { batch, us, surface, other, .. } = self.habits;
        let account = self.habits.account.clone();
        Metered {
            key_id: self.key_id.clone(),
            workspace_id: self.habits.home.clone().unwrap_or_else(|| workspace_id.to_owned()),
            model: self.model.clone(),
            minute: moment(at_ms),
            requests: 1,
            input_tokens: sent - cache_read - kept,
            output_tokens: sent / 2,
            more: More { cache_read, cache_5m, cache_1h, searches, batch, us, surface, account, other },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_busy_in_their_rhythm_and_while_they_run() {
        // 2026-11-30 is a Monday.
        let monday: Moment = "2026-11-30T00:00:00Z".parse().expect("a moment");
        let after = |hours: i64| moment(monday.as_millisecond() + hours * HOUR_MS);
        let mut it = Workload::new("apikey_1", ("claude-haiku-4-5", 1_000), Rhythm::Office, monday);
        let count = |it: &Workload, from: i64, to: i64| it.ticks(after(from), after(to)).count();
        assert_eq!((count(&it, 0, 24), count(&it, 0, 7 * 24), count(&it, 8, 9), count(&it, 7, 8)), (60, 300, 6, 0));
        it.pause(after(9));
        assert_eq!((count(&it, 0, 24), it.is_running()), (6, false));
        let used = it.used("wrkspc_1", after(8).as_millisecond());
        assert_eq!(used, it.used("wrkspc_1", after(8).as_millisecond()));
        assert!((500..=1_510).contains(&used.input_tokens), "{}", used.input_tokens);
        let nightly = Workload::new("apikey_2", ("claude-haiku-4-5", 1_000), Rhythm::Nightly, monday);
        let weekly = Workload::new("apikey_3", ("claude-haiku-4-5", 1_000), Rhythm::Weekly, monday);
        assert_eq!((count(&nightly, 0, 7 * 24), count(&weekly, 0, 14 * 24)), (84, 24));
    }
}
