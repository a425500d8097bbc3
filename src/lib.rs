//! Steward: a company's Claude organization, run from chat.

pub mod chat;
pub mod claude;
pub mod clock;
pub mod dispatch;
pub mod domain;
pub mod outgoing;
pub mod random;
pub mod seal;
pub mod store;
