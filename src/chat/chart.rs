//! A chart as numbers. Platforms draw it natively, as a picture, or not at all; the numbers are always there as text.

use serde::{Deserialize, Serialize};

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
        let rows = self.series.iter().map(|series| {
            let points = self.categories.iter().zip(&series.points).map(|(name, point)| format!("{name} {point}"));
            format!("{}: {} ({})", series.name, points.collect::<Vec<_>>().join(", "), self.unit)
        });
        format!("{}. {}", self.title, rows.collect::<Vec<_>>().join("; "))
    }
}
