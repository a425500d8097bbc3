//! The whole picture: a title, a legend, what is drawn, and for screen readers the same in words.

use std::borrow::Cow;

use super::drawing::{COLOURS, EDGE, Frame, LARGE, SMALL, legend, number, words};
use super::grid::grid;
use super::node::{Node, tenth};
use super::pie::pie;
use super::words::{fitting, width};
use crate::chat::{Chart, ChartKind, Series};

/// The colours, for light surroundings, and for dark ones where a browser shows it. Whoever makes a PNG of it reads the first part.
const STYLE: &str = "text{font-family:'DejaVu Sans',Verdana,sans-serif;font-size:11px;fill:#5a6866}.paper{fill:#fff}\
    .title{font-size:15px;fill:#1d2625}.unit{font-size:11px;fill:#5a6866}.grid{stroke:#e4e2da}\
    .base{stroke:#8a938f}.stroke,.ring,.nothing{fill:none}.stroke{stroke-width:2.2;stroke-linejoin:round}\
    .nothing{stroke:#e4e2da}.fill.series-0{fill:#0b7a71}.stroke.series-0,.ring.series-0{stroke:#0b7a71}\
    .fill.series-1{fill:#d9822b}.stroke.series-1,.ring.series-1{stroke:#d9822b}.fill.series-2{fill:#5b61c9}\
    .stroke.series-2,.ring.series-2{stroke:#5b61c9}.fill.series-3{fill:#b8446f}\
    .stroke.series-3,.ring.series-3{stroke:#b8446f}.fill.series-4{fill:#6f8f2f}\
    .stroke.series-4,.ring.series-4{stroke:#6f8f2f}.fill.series-5{fill:#7c6a58}\
    .stroke.series-5,.ring.series-5{stroke:#7c6a58}@media (prefers-color-scheme:dark){text,.unit{fill:#9aaaa7}\
    .paper{fill:#161d1c}.title{fill:#e4ebe9}.grid,.nothing{stroke:#2d3938}.base{stroke:#6d7b79}\
    .fill.series-0{fill:#4fc1b4}.stroke.series-0,.ring.series-0{stroke:#4fc1b4}.fill.series-1{fill:#e6a15a}\
    .stroke.series-1,.ring.series-1{stroke:#e6a15a}.fill.series-2{fill:#9aa0f0}\
    .stroke.series-2,.ring.series-2{stroke:#9aa0f0}.fill.series-3{fill:#e58aad}\
    .stroke.series-3,.ring.series-3{stroke:#e58aad}.fill.series-4{fill:#a9c765}\
    .stroke.series-4,.ring.series-4{stroke:#a9c765}.fill.series-5{fill:#b9a692}\
    .stroke.series-5,.ring.series-5{stroke:#b9a692}}";

/// How wide a picture is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// Beside other text, on a screen.
    Wide,
    /// On a phone.
    Narrow,
}

impl Width {
    /// The width in units of the drawing.
    #[must_use]
    pub fn units(self) -> u16 {
        match self {
            Self::Wide => 560,
            Self::Narrow => 320,
        }
    }
}

/// The picture as the page draws it, in the page's own colours.
#[must_use]
pub fn drawn(chart: &Chart, width: Width) -> Node {
    let (nodes, height) = parts(chart, f64::from(width.units()));
    root(chart, f64::from(width.units()), height).holding(nodes)
}

/// The picture as a file of its own, with colours and without anything that runs or is fetched.
#[must_use]
pub fn svg(chart: &Chart) -> String {
    let (nodes, height) = parts(chart, f64::from(Width::Wide.units()));
    let width = f64::from(Width::Wide.units());
    let paper = Node::new("rect").set("class", "paper").at("width", width).at("height", height);
    let root = root(chart, width, height).at("width", width).at("height", height);
    let root = root.set("xmlns", "http://www.w3.org/2000/svg").holding([Node::new("style").saying(STYLE), paper]);
    let mut written = String::new();
    root.holding(nodes).write(&mut written);
    written
}

fn root(chart: &Chart, width: f64, height: f64) -> Node {
    let said = [Node::new("title").saying(&chart.title), Node::new("desc").saying(&chart.to_plain())];
    let view = format!("0 0 {} {}", tenth(width), tenth(height));
    Node::new("svg").set("viewBox", view).set("role", "img").holding(said)
}

/// Everything that is seen, and the height of it all.
fn parts(chart: &Chart, wide: f64) -> (Vec<Node>, f64) {
    let chart = &*few(chart);
    let unit_room = width(&chart.unit, SMALL).min(120.0);
    let title = fitting(&chart.title, LARGE, wide - 2.0 * EDGE - unit_room - 10.0);
    let unit = Node::new("tspan").at("dx", 8.0).set("class", "unit");
    let unit = unit.saying(&fitting(&chart.unit, SMALL, 120.0));
    let headline = words("title", EDGE, 22.0, &title);
    let mut nodes = vec![if chart.unit.trim().is_empty() { headline } else { headline.holding([unit]) }];
    let mut top = 34.0;
    if chart.categories.is_empty() || chart.series.is_empty() {
        nodes.push(words("words", EDGE, top + 18.0, "There are no numbers yet."));
        return (nodes, top + 34.0);
    }
    if chart.kind != ChartKind::Pie && chart.series.len() > 1 {
        let names: Vec<String> = chart.series.iter().map(|it| it.name.clone()).collect();
        let (lines, tall) = legend(&names, top, wide);
        nodes.extend(lines);
        top += tall;
    }
    let frame = Frame { width: wide, top };
    let (drawing, bottom) = if chart.kind == ChartKind::Pie { pie(chart, &frame) } else { grid(chart, &frame) };
    nodes.extend(drawing);
    (nodes, bottom.ceil())
}

/// A chart with no more rows than there are colours: the last one is the sum of the rest, named as such.
fn few(chart: &Chart) -> Cow<'_, Chart> {
    let rows = if chart.kind == ChartKind::Pie { chart.categories.len() } else { chart.series.len() };
    if rows <= COLOURS {
        return Cow::Borrowed(chart);
    }
    let kept = COLOURS - 1;
    let rest = format!("{} more", rows - kept);
    let mut fewer = chart.clone();
    if chart.kind == ChartKind::Pie {
        let points = chart.series.first().map(|it| it.points.as_slice()).unwrap_or_default();
        let size = |at: &usize| points.get(*at).copied().filter(|it| it.is_finite()).unwrap_or_default();
        let mut order: Vec<usize> = (0..rows).collect();
        // What is shown by name are the largest.
        order.sort_by(|one, other| size(other).total_cmp(&size(one)));
        let name = |at: &usize| chart.categories[*at].clone();
        fewer.categories = order.iter().take(kept).map(name).chain([rest]).collect();
        let others = sum(order.iter().skip(kept).map(|at| size(at).max(0.0)));
        let points = order.iter().take(kept).map(size).chain([others]).collect();
        fewer.series = chart.series.first().map(|it| Series { name: it.name.clone(), points }).into_iter().collect();
    } else {
        let others = fewer.series.split_off(kept);
        let point = |at: usize| sum(others.iter().filter_map(|it| it.points.get(at).copied()));
        let points = (0..chart.categories.len()).map(point).collect();
        fewer.series.push(Series { name: rest, points });
    }
    Cow::Owned(fewer)
}

/// The sum of what is known.
fn sum(points: impl Iterator<Item = f64>) -> f64 {
    points.filter_map(super::scale::drawable).sum()
}

/// How high the picture is, in units of the drawing.
pub(super) fn height(chart: &Chart) -> f64 {
    parts(chart, number(usize::from(Width::Wide.units()))).1
}
