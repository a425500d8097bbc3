//! An amount of money, exact: whole microcents, which are the six decimals of a cent that the API sends.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

use crate::chat::grouped;

use serde::{Deserialize, Serialize};

/// Decimals of a cent that are kept.
const DECIMALS: usize = 6;
const CENT: i64 = 1_000_000;
/// Microcents of one millionth of a dollar.
const USD_MICRO: i64 = 100;

/// US dollars in microcents: 10⁻⁸ USD. Never made from a binary fraction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Amount(pub i64);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// As much as can be said.
    pub const MAX: Self = Self(i64::MAX);

    /// Reads cents, as a decimal number such as `1234.567891`. What is beyond the sixth decimal is rounded, half away from
    /// zero. None of anything else, and of more than can be kept.
    #[must_use]
    pub fn from_cents(text: &str) -> Option<Self> {
        decimal(text, DECIMALS).map(Self)
    }

    /// Reads dollars, as a decimal number such as `12.5`.
    #[must_use]
    pub fn from_usd(text: &str) -> Option<Self> {
        decimal(text, DECIMALS + 2).map(Self)
    }

    /// From whole micro-dollars, as the configuration keeps limits.
    #[must_use]
    pub const fn from_usd_micros(micros: i64) -> Self {
        Self(micros.saturating_mul(USD_MICRO))
    }

    /// In whole cents, half away from zero.
    #[must_use]
    pub const fn cents(self) -> i64 {
        let half = if self.0 < 0 { -CENT / 2 } else { CENT / 2 };
        self.0.saturating_add(half) / CENT
    }

    /// In dollars with all decimals, for files and explanations: `12.34500000`.
    #[must_use]
    pub fn exact(self) -> String {
        let (sign, units) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        format!("{sign}{}.{:08}", units / 100_000_000, units % 100_000_000)
    }

    /// In dollars, for a chart's points only.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a chart is drawn, not added up")]
    pub fn to_point(self) -> f64 {
        self.cents() as f64 / 100.0
    }

    /// This much of `whole`, in whole percent; none of nothing.
    #[must_use]
    pub fn percent_of(self, whole: Self) -> Option<i64> {
        let part = i128::from(self.0).checked_mul(100)?.checked_div(i128::from(whole.0))?;
        i64::try_from(part).ok()
    }

    /// True if it is nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

/// A decimal number in units of 10^-`places`.
pub(super) fn decimal(text: &str, places: usize) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |part: &str| part.bytes().all(|it| it.is_ascii_digit());
    if whole.is_empty() || !plain(whole) || !plain(fraction) || (fraction.is_empty() && digits.contains('.')) {
        return None;
    }
    let mut units: i128 = whole.parse().ok()?;
    for at in 0..places {
        let digit = fraction.as_bytes().get(at).map_or(0, |it| i128::from(it - b'0'));
        units = units.checked_mul(10)?.checked_add(digit)?;
    }
    let rounds_up = fraction.as_bytes().get(places).is_some_and(|it| *it >= b'5');
    let units = units + i128::from(rounds_up);
    i64::try_from(if negative { -units } else { units }).ok()
}

impl fmt::Display for Amount {
    /// `$1,234.50`; what is less than a cent, and not nothing, is `<$0.01`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cents = self.cents();
        if cents == 0 && self.0 > 0 {
            return f.write_str("<$0.01");
        }
        let sign = if cents < 0 { "-" } else { "" };
        let dollars = grouped(cents.unsigned_abs() / 100);
        f.pad(&format!("{sign}${dollars}.{:02}", cents.unsigned_abs() % 100))
    }
}

impl Add for Amount {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Amount {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Amount {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl SubAssign for Amount {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl Neg for Amount {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cents_are_read_exactly() {
        let read = |text| Amount::from_cents(text).map(|it| it.0);
        assert_eq!(read("41280.000000"), Some(41_280_000_000));
        assert_eq!(read("123.45"), Some(123_450_000));
        assert_eq!(read("0.1"), Some(100_000), "which a binary fraction cannot say");
        assert_eq!(read("0.0000004"), Some(0));
        assert_eq!(read("0.0000005"), Some(1));
        assert_eq!(read("-12.5"), Some(-12_500_000));
        assert_eq!(read("7"), Some(7_000_000));
        for none in ["", ".", "1.", ".5", "1e3", "+1", "1,5", "NaN", " 1", "1 ", "--1", "9223372036854775808", "١"] {
            assert_eq!(read(none), None, "{none:?}");
        }
        assert_eq!(Amount::from_usd("500").map(|it| it.0), Some(50_000_000_000));
        assert_eq!(Amount::from_usd_micros(1_250_000), Amount::from_usd("1.25").expect("a number"));
    }

    #[test]
    fn people_read_dollars_and_files_all_decimals() {
        let shown = |units: i64| Amount(units).to_string();
        assert_eq!(shown(123_450_000_000), "$1,234.50");
        assert_eq!([shown(0), shown(1), shown(499_999), shown(500_000)].join(" "), "$0.00 <$0.01 <$0.01 $0.01");
        assert_eq!([shown(-1), shown(-250_000_000)].join(" "), "$0.00 -$2.50");
        assert_eq!(shown(123_456_789_012_345_678), "$1,234,567,890.12");
        assert_eq!([Amount(1_234_500_001).exact(), Amount(-1).exact()].join(" "), "12.34500001 -0.00000001");
        assert_eq!(Amount(50).percent_of(Amount(200)), Some(25));
        assert_eq!(Amount(50).percent_of(Amount::ZERO), None);
    }
}
