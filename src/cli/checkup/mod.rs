//! What `steward doctor` looks at.

mod database;
mod discord;
mod files;
mod finding;
mod network;
mod settings;
mod slack;
mod trail;
mod undelivered;

pub(super) use database::database;
pub(super) use discord::discord;
pub(super) use files::files;
pub(super) use finding::{Finding, Level};
pub(super) use network::{listeners, upstream};
pub(super) use settings::{configuration, platforms};
pub(super) use slack::slack;
pub(super) use trail::trail;
