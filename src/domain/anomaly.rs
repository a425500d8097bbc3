//! What is unusual about a day's spend: measured against the same weekdays before, because a week has its own rhythm.

use super::Amount;

/// So many of the same weekdays are looked at,
pub const SAME_WEEKDAYS: usize = 8;
/// and fewer than these say nothing.
const FEWEST: usize = 4;
/// A day is unusual from this many times what is usual on,
const TIMES: i64 = 2;
/// if it is further from it than so many times the distance that is usual,
const SPREADS: i64 = 6;
/// and by at least ten dollars.
const LEAST: Amount = Amount(1_000_000_000);

/// A day that is unusual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unusual {
    /// What was spent.
    pub spent: Amount,
    /// What is usual: the median of the same weekdays before.
    pub usual: Amount,
}

impl Unusual {
    /// `spent`, if it is unusual after `before`, which are whole days. The day itself may still be running: more of it is only more
    /// unusual.
    #[must_use]
    pub fn of(spent: Amount, before: &[Amount]) -> Option<Self> {
        if before.len() < FEWEST {
            return None;
        }
        let usual = median(before.iter().map(|it| it.0).collect());
        let spread = median(before.iter().map(|it| it.0.saturating_sub(usual).saturating_abs()).collect());
        let more = spent.0.saturating_sub(usual);
        let is_unusual =
            spent.0 >= usual.saturating_mul(TIMES) && more >= LEAST.0 && more >= spread.saturating_mul(SPREADS);
        is_unusual.then_some(Self { spent, usual: Amount(usual) })
    }

    /// How much more than usual.
    #[must_use]
    pub fn more(&self) -> Amount {
        Amount(self.spent.0.saturating_sub(self.usual.0))
    }
}

/// What is usual of one part of the spend, such as a key.
#[must_use]
pub fn usual(before: &[Amount]) -> Amount {
    Amount(median(before.iter().map(|it| it.0).collect()))
}

/// The middle one; of an even number the lower of the two. Zero of none.
fn median(mut all: Vec<i64>) -> i64 {
    all.sort_unstable();
    all.get(all.len().saturating_sub(1) / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dollars(all: &[i64]) -> Vec<Amount> {
        all.iter().map(|it| Amount(it * 100_000_000)).collect()
    }

    fn unusual(spent: i64, before: &[i64]) -> bool {
        Unusual::of(Amount(spent * 100_000_000), &dollars(before)).is_some()
    }

    #[test]
    fn a_day_is_unusual_beside_its_own_weekday() {
        let steady = [100, 110, 95, 105, 100, 98, 102, 101];
        assert!(unusual(300, &steady) && !unusual(190, &steady));
        let wild = [10, 400, 90, 250, 30, 300, 120, 200];
        assert!(!unusual(600, &wild), "it goes up and down like that");
        assert!(unusual(2_000, &wild));
        assert!(!unusual(300, &steady[..3]), "three weeks say nothing");
        assert!(unusual(30, &[0, 0, 0, 0]), "where nothing was spent before");
        assert!(!unusual(9, &[1, 1, 1, 1]), "little money");
        assert!(unusual(300, &[100, 900, 100, 100, 100]), "one spike before does not hide the next");
        assert!(!unusual(0, &[0, 0, 0, 0]));
    }

    #[test]
    fn what_is_usual_is_the_middle() {
        let usual = |all: &[i64]| usual(&dollars(all)).0 / 100_000_000;
        assert_eq!([usual(&[]), usual(&[3]), usual(&[1, 9]), usual(&[5, 1, 9])], [0, 3, 1, 5]);
        let it = Unusual::of(Amount(i64::MAX), &[Amount(i64::MIN); 4]);
        assert_eq!(it.map(|it| it.more()), Some(Amount(i64::MAX)), "no number is too large");
    }
}
