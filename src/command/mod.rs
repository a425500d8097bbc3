//! Commands: the grammar, declared once, and everything that comes from it.
//!
//! A text is split into words ([`split`]), words become a [`Command`] ([`parse`]) or a [`Mistake`] that says how to do
//! better. Help, suggestions and both platforms' registrations come from the same [`tree`].

pub mod ask;
pub mod audit;
pub mod doctor;
pub mod help;
pub mod home;
pub mod invite;
pub mod invites;
pub mod link;
pub mod manifest;
pub mod member;
pub mod request;
pub mod status;
pub mod whoami;

mod alias;
mod complete;
mod grammar;
mod mistake;
mod page;
mod parse;
mod walk;
mod words;

pub use complete::{Expected, Expecting, expects, suggest};
pub use grammar::{Command, examples, tree};
pub use mistake::{Missing, Mistake};
pub use page::help;
pub use parse::parse;
pub use words::{join, split};
