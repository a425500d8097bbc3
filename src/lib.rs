//! Steward: a company's Claude organization, run from chat.

pub mod clock;
pub mod outgoing;
pub mod random;
pub mod seal;
