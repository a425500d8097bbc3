//! Steward: a company's Claude organization, run from chat.

pub mod claude;
pub mod clock;
pub mod random;
