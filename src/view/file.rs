//! A file as bytes, at the moment it leaves the house.

use super::chart;
use crate::chat::{Content, File};

/// What the file holds; none if its picture cannot be drawn.
///
/// A table begins with the mark by which spreadsheets know that its letters are UTF-8.
#[must_use]
pub fn bytes(file: &File) -> Option<Vec<u8>> {
    match &file.content {
        Content::Csv(text) => Some(format!("\u{feff}{text}").into_bytes()),
        Content::Picture(chart) => chart::png(chart),
    }
}
