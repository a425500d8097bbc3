//! Shares of a whole: a ring, and beside or below it what each colour is, with its number.

use super::drawing::{EDGE, Frame, SMALL, coloured, dot, tip, words};
use super::node::Node;
use super::scale::drawable;
use super::words::{fitting, width};
use crate::chat::Chart;

const RADIUS: f64 = 58.0;
const THICK: f64 = 32.0;
const RING: f64 = 2.0 * (RADIUS + THICK / 2.0);

/// The ring and its legend; and how far down they reach.
pub(super) fn pie(chart: &Chart, frame: &Frame) -> (Vec<Node>, f64) {
    let points: Vec<f64> = chart.series.first().map(|it| it.points.clone()).unwrap_or_default();
    let points: Vec<f64> = (0..chart.categories.len()).map(|at| share(points.get(at))).collect();
    let whole: f64 = points.iter().sum();
    let beside = frame.width >= 460.0;
    let (middle, top) = (if beside { EDGE + RING / 2.0 } else { frame.width / 2.0 }, frame.top + 6.0);
    let mut nodes = ring(chart, &points, whole, (middle, top + RING / 2.0));
    let left = if beside { EDGE + RING + 28.0 } else { EDGE };
    let tall = 19.0 * super::drawing::number(points.len());
    let mut y = if beside { top + ((RING - tall) / 2.0).max(0.0) } else { top + RING + 14.0 };
    for (row, (name, point)) in chart.categories.iter().zip(&points).enumerate() {
        let number = format!("{} ({})", chart.said(row, 0), percent(*point, whole));
        let room = frame.width - EDGE - left - 16.0 - width(&number, SMALL) - 12.0;
        nodes.push(dot(row, left, y));
        nodes.push(words("words", left + 16.0, y + 9.5, &fitting(name, SMALL, room)));
        nodes.push(words("words end", frame.width - EDGE, y + 9.5, &number).set("text-anchor", "end"));
        y += 19.0;
    }
    (nodes, y.max(top + RING) + 8.0)
}

fn share(point: Option<&f64>) -> f64 {
    point.and_then(|it| drawable(*it)).unwrap_or_default().max(0.0)
}

fn percent(point: f64, whole: f64) -> String {
    let share = if whole > 0.0 { 100.0 * point / whole } else { 0.0 };
    if share > 0.0 && share < 1.0 { "<1 %".to_owned() } else { format!("{share:.0} %") }
}

fn ring(chart: &Chart, points: &[f64], whole: f64, (x, y): (f64, f64)) -> Vec<Node> {
    let around = std::f64::consts::TAU * RADIUS;
    let circle = || Node::new("circle").at("cx", x).at("cy", y).at("r", RADIUS);
    if whole <= 0.0 {
        return vec![circle().set("class", "nothing").at("stroke-width", THICK)];
    }
    let gap = if points.iter().filter(|it| **it > 0.0).count() > 1 { 1.5 } else { 0.0 };
    let mut turned = 0.0;
    let mut nodes = Vec::new();
    for (row, point) in points.iter().enumerate() {
        let share = point / whole;
        if share > 0.0 {
            let dashes = format!("{:.2} {:.2}", (share * around - gap).max(0.3), around);
            let turn = format!("rotate({:.2} {x:.1} {y:.1})", turned * 360.0 - 90.0);
            let arc = circle().set("class", coloured("ring", row)).at("stroke-width", THICK);
            let arc = arc.set("stroke-dasharray", dashes).set("transform", turn);
            nodes.push(arc.holding([tip(&format!("{}: {}", chart.categories[row], chart.said(row, 0)))]));
        }
        turned += share;
    }
    nodes
}
