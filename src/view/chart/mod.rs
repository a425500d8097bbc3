//! A chart as a picture: one drawing, which the page draws, which is written as SVG, and which becomes a PNG for platforms that
//! draw no charts themselves. What is drawn never depends on where, so all three are the same picture.

mod drawing;
mod grid;
mod node;
mod picture;
mod pie;
mod png;
mod scale;
mod words;

pub use node::Node;
pub use picture::{Width, drawn, svg};
pub use png::{SCALE, png};
