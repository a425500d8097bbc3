//! `/claude key …`: API keys: asked for, revealed, listed, and switched off.

mod access;
mod act;
mod group;
mod leak;
mod list;
mod look_after;
mod named;
mod request;
mod reveal;
mod show;
mod token;

pub(super) use named::{find, is_own, key_named};

pub use act::{Disable, Enable, Rename, Revoke};
pub use group::Key;
pub use leak::{Leak, leaked_keys};
pub use list::List;
pub use look_after::{Adopt, Assign, Keep, Return, Rotate};
pub use request::Request;
pub use reveal::Reveal;
pub use show::Show;
pub use token::Token;
