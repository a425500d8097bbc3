//! Steward: a company's Claude organization, run from chat.

pub mod chat;
pub mod clock;
pub mod dispatch;
pub mod domain;
pub mod outgoing;
pub mod platform;
pub mod random;
pub mod seal;
pub mod store;
