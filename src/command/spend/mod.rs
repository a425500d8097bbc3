//! `/claude usage` and `/claude cost`: what was used and what it came to, of whom, by what, in which time.
//!
//! - Needs: a linked account; what is asked about decides which right (the table of `whose`).
//! - Reads: Steward's own books of what was spent. Leaves behind: nothing.

mod answer;
mod asked;
mod explain;
mod file;
mod lines;
mod whose;
mod words;

pub use asked::{Asked, By, Cost, Of, Usage};
