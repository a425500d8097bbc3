//! A chart as numbers. Platforms draw it natively, as a picture, or not at all; the numbers are always there as text.

use serde::{Deserialize, Serialize};

use super::grouped;

/// How it is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChartKind {
    /// One bar per category and series.
    Bar,
    /// One line per series.
    Line,
    /// One segment per category; the first series only.
    Pie,
}

/// One named row of numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// Its name in the legend.
    pub name: String,
    /// One number per category of the chart.
    pub points: Vec<f64>,
}

/// A chart with a title, categories along the axis, and one point per category in each series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    /// What is shown.
    pub title: String,
    /// How it is drawn.
    pub kind: ChartKind,
    /// The unit of all points, such as `USD` or `members`.
    pub unit: String,
    /// The labels along the axis.
    pub categories: Vec<String>,
    /// The rows.
    pub series: Vec<Series>,
}

impl Chart {
    /// The same numbers as a sentence each, for screen readers and for platforms that cannot draw.
    #[must_use]
    pub fn to_plain(&self) -> String {
        let rows = self.series.iter().enumerate().map(|(row, series)| {
            let points = self.categories.iter().enumerate().take(series.points.len());
            let points = points.map(|(at, name)| format!("{name} {}", self.said(at, row)));
            format!("{}: {} ({})", series.name, points.collect::<Vec<_>>().join(", "), self.unit)
        });
        format!("{}. {}", self.title, rows.collect::<Vec<_>>().join("; "))
    }

    /// One number as it is read: category `at` of series `row`.
    #[must_use]
    pub fn said(&self, at: usize, row: usize) -> String {
        match self.series.get(row).and_then(|it| it.points.get(at)) {
            Some(point) if point.is_finite() => said(*point, &self.unit),
            _ => "unknown".into(),
        }
    }
}

/// A number as it is read: `$1,234.50`, `<$0.01`, `1,200`, `0.25`.
fn said(point: f64, unit: &str) -> String {
    let size = point.abs();
    let sign = if point < 0.0 { "-" } else { "" };
    let (coin, decimals) = if unit == "USD" { ("$", 2) } else { ("", 0) };
    if size >= 1e15 {
        return format!("{sign}{coin}{size:.2e}");
    }
    if size > 0.0 && size < 0.005 {
        return format!("{}{coin}0.01", if point < 0.0 { ">-" } else { "<" });
    }
    let text = format!("{size:.2}");
    let (whole, part) = text.split_once('.').unwrap_or((text.as_str(), ""));
    let part = if decimals == 0 { part.trim_end_matches('0') } else { part };
    let point = if part.is_empty() { "" } else { "." };
    // Below 1e15 there are no more digits than that.
    let whole = grouped(whole.parse().unwrap_or_default());
    format!("{sign}{coin}{whole}{point}{part}")
}

/// A number in little room, as along an axis: `$1.2K`, `250M`.
#[must_use]
pub fn compact(point: f64, unit: &str) -> String {
    const STEPS: [(f64, &str); 4] = [(1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")];
    let (sign, coin, size) = (if point < 0.0 { "-" } else { "" }, if unit == "USD" { "$" } else { "" }, point.abs());
    if size >= 1e15 {
        return format!("{sign}{coin}{size:.0e}");
    }
    let (size, mark) = STEPS.iter().find(|it| size >= it.0).map_or((size, ""), |(step, mark)| (size / step, *mark));
    let decimals = if size >= 0.1 || size == 0.0 { 2 } else { 4 };
    let text = format!("{size:.decimals$}");
    format!("{sign}{coin}{}{mark}", text.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        let money = [0.0, 0.004, -0.004, 0.01, 12.5, -1_234.5, 1e12, 2e17].map(|it| said(it, "USD"));
        assert_eq!(money.join(" "), "$0.00 <$0.01 >-$0.01 $0.01 $12.50 -$1,234.50 $1,000,000,000,000.00 $2.00e17");
        let counts = [0.0, 3.0, 0.25, 1_200.0, -7.0, 1.5].map(|it| said(it, "members"));
        assert_eq!(counts.join(" "), "0 3 0.25 1,200 -7 1.5");
        let ticks = [0.0, 0.25, 10.0, 500.0, 1_000.0, -2_500.0, 7.5e11, 1e12, 1e18].map(|it| compact(it, "USD"));
        assert_eq!(ticks.join(" "), "$0 $0.25 $10 $500 $1K -$2.5K $750B $1T $1e18");
        assert_eq!([compact(0.0025, ""), compact(100.0, "")].join(" "), "0.0025 100");
    }
}
