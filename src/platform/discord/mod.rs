//! Discord: over the gateway, with one connection that we open, or over signed HTTP.
//!
//! The same four files as the other platforms. `listen` takes in (`gateway` with `events`, `watch`, `lease` and `budget` over the gateway,
//! `http` with `signature` over HTTP), `inbound` translates (`payload` reads, `people` says who is who, `server` whose they are),
//! `render` lays out (`page`, `buttons`, `grids`, `forms`, `markdown`, `limits`), `messenger` sends (`api` calls, `pace` waits,
//! `webhook` calls under an interaction's token, `direct` opens conversations; `conversation` answers an act, `telling` puts the answer where it belongs, `reveal` shows
//! secrets). `commands` registers.

mod api;
mod budget;
mod buttons;
mod checks;
mod commands;
mod conversation;
mod direct;
mod events;
mod first;
mod forms;
mod gateway;
mod grids;
mod http;
mod inbound;
mod layout;
mod lease;
mod limits;
mod listen;
mod markdown;
mod messenger;
mod notes;
mod pace;
mod page;
mod parts;
mod payload;
mod people;
mod render;
mod reveal;
mod server;
mod signature;
mod telling;
mod trouble;
mod watch;
mod webhook;
mod whole;

pub use api::Api;
pub use budget::{Budget, MOST_A_DAY};
pub use checks::{identifies, invite_link, sees};
pub use commands::{Scope, missing, register};
pub use gateway::{Connection, Patience};
pub use layout::{card, form_modal, form_sheet, home_page, laid_out};
pub use messenger::DiscordMessenger;
pub use parts::Parts;
pub use people::People;
pub use server::{NoServer, Server, server};
pub use trouble::Trouble;
pub use whole::Discord;
