//! What tests stand on: databases of their own, folders that go away, and words to the one who runs them.

mod client;
mod folder;
mod postgres;
mod words;

pub(crate) use client::client;
pub(crate) use folder::Folder;
pub(crate) use postgres::{Database, Engine, engines};
pub(crate) use words::{is_full, is_left_out, measured};
