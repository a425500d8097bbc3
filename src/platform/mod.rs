//! The only place that knows a chat platform. Each folder translates, lays out and delivers; none judges or words.

mod answers;
pub mod browser;
pub mod discord;
pub mod slack;

pub use answers::Answers;
