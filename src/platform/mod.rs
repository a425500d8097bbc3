//! The only place that knows a chat platform. Each folder translates, lays out and delivers; none judges or words.

mod answers;
pub mod browser;
pub mod discord;
mod fields;
mod lately;
mod measure;
mod pieces;
pub mod slack;
mod work;

pub use answers::Answers;
