//! What `steward init` asks with, and what it writes.

mod answers;
mod discord;
mod interview;
mod places;
mod slack;
mod staging;
mod terminal;

pub(super) use answers::Answers;
pub(super) use discord::discord;
pub(super) use interview::{Interview, Question};
pub use places::Places;
pub(super) use slack::slack;
pub(super) use staging::{Staging, private_file};
