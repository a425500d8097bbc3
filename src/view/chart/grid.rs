//! Numbers over categories: the axes, bars on them, lines through them.

use super::drawing::{COLOURS, EDGE, Frame, SMALL, coloured, number, tip, words};
use super::node::{Node, tenth};
use super::scale::{Scale, drawable};
use super::words::{fitting, width};
use crate::chat::{Chart, ChartKind, Series, compact};

/// The height of what is drawn between title and labels.
const PLOT: f64 = 168.0;
/// The room of a label along the axis: as much as the widest needs, within these bounds.
const LABEL: (f64, f64) = (30.0, 84.0);

struct Grid<'a> {
    chart: &'a Chart,
    scale: Scale,
    left: f64,
    right: f64,
    bottom: f64,
    /// The room of one category.
    room: f64,
}

/// Axes, and bars or lines; and how far down they reach.
pub(super) fn grid(chart: &Chart, frame: &Frame) -> (Vec<Node>, f64) {
    let (top, bottom) = (frame.top + 8.0, frame.top + 8.0 + PLOT);
    let scale = Scale::of(chart, top, bottom);
    let widest = scale.ticks.iter().map(|it| width(&compact(*it, &chart.unit), SMALL)).fold(20.0, f64::max);
    let (left, right) = (EDGE + widest + 8.0, frame.width - EDGE);
    let room = (right - left) / number(chart.categories.len().max(1));
    let grid = Grid { chart, scale, left, right, bottom, room };
    let mut nodes = grid.axes();
    for (row, series) in chart.series.iter().enumerate() {
        match chart.kind {
            ChartKind::Line => nodes.extend(grid.line(row, series)),
            ChartKind::Bar | ChartKind::Pie => nodes.extend(grid.bars(row, series)),
        }
    }
    (nodes, bottom + 26.0)
}

impl Grid<'_> {
    /// The middle of a category.
    fn x(&self, at: usize) -> f64 {
        self.left + self.room * (number(at) + 0.5)
    }

    fn axes(&self) -> Vec<Node> {
        let mut nodes = Vec::new();
        for tick in &self.scale.ticks {
            let y = self.scale.y(*tick);
            let class = if *tick == 0.0 { "base" } else { "grid" };
            let rule = Node::new("line").set("class", class).at("x1", self.left).at("x2", self.right);
            nodes.push(rule.at("y1", y).at("y2", y));
            let text = words("words", self.left - 8.0, y + 4.0, &compact(*tick, &self.chart.unit));
            nodes.push(text.set("text-anchor", "end"));
        }
        let widest = self.chart.categories.iter().map(|it| width(it, SMALL)).fold(0.0, f64::max);
        let needs = (widest + 8.0).clamp(LABEL.0, LABEL.1);
        let mut every = 1;
        while self.room * number(every) < needs && every < self.chart.categories.len() {
            every += 1;
        }
        for (at, name) in self.chart.categories.iter().enumerate().step_by(every) {
            // The first and the last may not reach over the edge.
            let inside = 2.0 * (self.x(at) - EDGE / 2.0).min(self.right + EDGE / 2.0 - self.x(at));
            let name = fitting(name, SMALL, (self.room * number(every) - 6.0).min(inside));
            let text = words("words", self.x(at), self.bottom + 17.0, &name);
            nodes.push(text.set("text-anchor", "middle"));
        }
        nodes
    }

    /// What is read of one point.
    fn tip(&self, row: usize, at: usize) -> Node {
        let series = self.chart.series.get(row).map_or("", |it| it.name.as_str());
        let of = if series.is_empty() { String::new() } else { format!(" ({series})") };
        tip(&format!("{}: {}{of}", self.chart.categories[at], self.chart.said(at, row)))
    }

    fn bars(&self, row: usize, series: &Series) -> Vec<Node> {
        let rows = number(self.chart.series.len().max(1));
        let thick = (self.room * 0.74 / rows).min(38.0);
        let mut nodes = Vec::new();
        for at in 0..self.chart.categories.len() {
            let Some(point) = series.points.get(at).and_then(|it| drawable(*it)).filter(|it| *it != 0.0) else {
                continue;
            };
            let (one, other) = (self.scale.y(point), self.scale.y(0.0));
            // However small, it is not nothing.
            let tall = (one - other).abs().max(1.0);
            let top = if point > 0.0 { other - tall } else { other };
            let gap = if thick > 4.0 { 1.0 } else { 0.0 };
            let left = self.x(at) - thick * rows / 2.0 + thick * number(row);
            let bar = Node::new("rect").set("class", coloured("fill", row)).at("x", left + gap / 2.0).at("y", top);
            let bar = bar.at("width", (thick - gap).max(0.4)).at("height", tall).at("rx", (thick / 5.0).min(2.5));
            nodes.push(bar.holding([self.tip(row, at)]));
        }
        nodes
    }

    /// The line breaks where no number is known.
    fn line(&self, row: usize, series: &Series) -> Vec<Node> {
        let point = |at: usize| series.points.get(at).and_then(|it| drawable(*it));
        let (mut path, mut marks, mut draws) = (String::new(), Vec::new(), false);
        // The first of each run, so that one point alone is seen too.
        let few = self.room >= 9.0;
        for at in 0..self.chart.categories.len() {
            let Some(value) = point(at) else {
                draws = false;
                continue;
            };
            let (x, y) = (self.x(at), self.scale.y(value));
            path.push_str(&format_args!("{}{} {}", if draws { "L" } else { "M" }, tenth(x), tenth(y)).to_string());
            let alone = !draws && at + 1 < self.chart.categories.len() && point(at + 1).is_none();
            if few || alone {
                let mark = Node::new("circle").set("class", coloured("fill", row)).at("cx", x).at("cy", y).at("r", 3.0);
                marks.push(mark.holding([self.tip(row, at)]));
            }
            draws = true;
        }
        let mut stroke = Node::new("path").set("class", coloured("stroke", row)).set("d", path);
        if row >= COLOURS / 2 {
            // Colour alone does not tell many lines apart.
            stroke = stroke.set("stroke-dasharray", "6 3");
        }
        if marks.is_empty() && self.chart.categories.is_empty() {
            Vec::new()
        } else {
            std::iter::once(stroke).chain(marks).collect()
        }
    }
}
