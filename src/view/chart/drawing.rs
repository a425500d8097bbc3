//! What the parts of a drawing share: measures, words, the legend.

use super::node::Node;
use super::words::{fitting, width};

/// Letters along the axes and in the legend.
pub(super) const SMALL: f64 = 11.0;
/// Letters of the title.
pub(super) const LARGE: f64 = 15.0;
/// Colours for series; a seventh begins again.
pub(super) const COLOURS: usize = 6;
/// The edge on both sides.
pub(super) const EDGE: f64 = 12.0;

/// Where there is room left for a drawing.
pub(super) struct Frame {
    pub(super) width: f64,
    pub(super) top: f64,
}

/// Counts are small here: what a picture holds.
pub(super) fn number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}

/// Words at a place.
pub(super) fn words(class: &'static str, x: f64, y: f64, text: &str) -> Node {
    Node::new("text").set("class", class).at("x", x).at("y", y).saying(text)
}

/// The class that a series is coloured by.
pub(super) fn coloured(what: &str, row: usize) -> String {
    format!("{what} series-{}", row % COLOURS)
}

/// What is read when somebody points at it.
pub(super) fn tip(text: &str) -> Node {
    Node::new("title").saying(text)
}

/// Names beside their colours, in lines of at most `room`; and the height of all lines.
pub(super) fn legend(names: &[String], top: f64, room: f64) -> (Vec<Node>, f64) {
    let (mut nodes, mut x, mut y) = (Vec::new(), EDGE, top);
    for (row, name) in names.iter().enumerate() {
        let name = fitting(name, SMALL, (room - 2.0 * EDGE - 16.0).min(190.0));
        let needs = 16.0 + width(&name, SMALL) + 14.0;
        if x > EDGE && x + needs > room {
            x = EDGE;
            y += 17.0;
        }
        nodes.push(dot(row, x, y));
        nodes.push(words("words", x + 16.0, y + 9.5, &name));
        x += needs;
    }
    (nodes, y + 17.0 - top)
}

/// The colour of a series.
pub(super) fn dot(row: usize, x: f64, y: f64) -> Node {
    let square = Node::new("rect").set("class", coloured("fill", row));
    square.at("x", x).at("y", y).at("width", 10.0).at("height", 10.0).at("rx", 2.5)
}
