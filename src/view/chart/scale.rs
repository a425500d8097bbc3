//! Round numbers along an axis, from at most zero to at least the largest.

use crate::chat::Chart;

/// Nothing that is counted here is larger; it keeps the reckoning finite.
const MOST: f64 = 1e18;

/// A point as it is drawn; none where no number is known.
pub(super) fn drawable(point: f64) -> Option<f64> {
    point.is_finite().then(|| point.clamp(-MOST, MOST))
}

/// The axis of numbers, laid between two heights.
pub(super) struct Scale {
    /// The numbers to write.
    pub(super) ticks: Vec<f64>,
    low: f64,
    high: f64,
    top: f64,
    bottom: f64,
}

impl Scale {
    /// An axis for all points of a chart, its largest number at `top`, its smallest at `bottom`.
    pub(super) fn of(chart: &Chart, top: f64, bottom: f64) -> Self {
        let points = || chart.series.iter().flat_map(|it| &it.points).filter_map(|it| drawable(*it));
        let (low, high) = (points().fold(0.0, f64::min), points().fold(0.0, f64::max));
        let step = round_step(if high > low { (high - low) / 4.0 } else { 0.25 });
        let (low, mut high) = ((low / step).floor() * step, (high / step).ceil() * step);
        if high <= low {
            high = low + step;
        }
        let mut ticks = Vec::new();
        let mut at = 0_u32;
        // Seven at most; the bound is for what rounding may do at the far end of what can be counted.
        while at < 12 && low + step * f64::from(at) <= high + step / 2.0 {
            let tick = low + step * f64::from(at);
            ticks.push(if tick.abs() < step / 1e6 { 0.0 } else { tick });
            at += 1;
        }
        Self { ticks, low, high, top, bottom }
    }

    /// How high a number stands.
    pub(super) fn y(&self, value: f64) -> f64 {
        let share = (value - self.low) / (self.high - self.low);
        self.bottom - (self.bottom - self.top) * share.clamp(0.0, 1.0)
    }
}

/// The next of 1, 2, 2.5, 5, 10, 20 …
fn round_step(rough: f64) -> f64 {
    let power = 10_f64.powf(rough.max(1e-9).log10().floor());
    [1.0, 2.0, 2.5, 5.0].iter().map(|it| it * power).find(|it| *it >= rough * 0.999_999).unwrap_or(power * 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::{ChartKind, Series};

    fn ticks(points: &[f64]) -> Vec<f64> {
        let series = vec![Series { name: String::new(), points: points.to_vec() }];
        let (title, unit) = (String::new(), String::new());
        Scale::of(&Chart { title, kind: ChartKind::Bar, unit, categories: Vec::new(), series }, 0.0, 100.0).ticks
    }

    #[test]
    fn the_numbers_are_round() {
        assert_eq!(ticks(&[3.0, 18.0]), [0.0, 5.0, 10.0, 15.0, 20.0]);
        assert_eq!(ticks(&[-30.0, 40.0]), [-40.0, -20.0, 0.0, 20.0, 40.0]);
        assert_eq!(ticks(&[0.0]), [0.0, 0.25]);
        assert_eq!(ticks(&[]), [0.0, 0.25]);
        assert_eq!(ticks(&[1e12]), [0.0, 2.5e11, 5e11, 7.5e11, 1e12]);
        assert!(ticks(&[f64::NAN, f64::INFINITY, 1e308, -1e308]).len() < 9);
    }
}
