//! The test language: people who say, press and hear, an organization that can misbehave, a clock that waits to be moved.
//!
//! Everything is real but the chat: the house, the database, the client, the simulated organization over HTTP. Nothing moves
//! by itself: jobs run and messages go out when a story calls [`Stage::settle`] or [`Stage::advance`].

mod actor;
mod chat;
mod end;
mod furniture;
mod meddler;
mod open;
mod rights;
mod seen;
mod setting;
mod shown;
mod words;

pub(crate) use actor::Actor;
pub(crate) use chat::Chat;
pub(crate) use furniture::{Hasty, HouseParts, STAGE_SEED, build, open_store};
pub(crate) use meddler::{Lie, Meddler, serve};
pub(crate) use open::{BEGIN, Stage};
pub(crate) use setting::{Setting, rules};
pub(crate) use shown::Shown;
pub(crate) use words::{assert_snapshot, at, masked};
