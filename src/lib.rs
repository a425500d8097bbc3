//! Steward: a company's Claude organization, run from chat.

pub mod change;
pub mod chat;
pub mod claude;
pub mod cli;
pub mod clock;
pub mod command;
pub mod dispatch;
pub mod domain;
pub mod job;
pub mod outgoing;
pub mod platform;
pub mod random;
pub mod sandbox;
pub mod seal;
pub mod server;
pub mod settings;
pub mod store;
pub mod view;
