//! Commands: the grammar, declared once, and everything that comes from it.
//!
//! A text is split into words ([`split`]), words become a [`Command`] ([`parse()`]) or a [`Mistake`] that says how to do
//! better. Help, suggestions and both platforms' registrations come from the same [`tree`].

pub mod ask;
pub mod audit;
pub mod doctor;
pub mod drift;
pub mod grant;
pub mod help;
pub mod home;
pub mod invite;
pub mod invites;
pub mod key;
pub mod limit;
mod link;
pub mod manifest;
pub mod member;
pub mod offboard;
pub mod policy;
pub mod report;
pub mod report_expected;
pub mod report_wish;
pub mod request;
pub mod ruling;
pub mod spend;
pub mod status;
pub mod sync;
pub mod whoami;
pub mod workspace;

mod access;
mod alias;
mod allowed;
mod audit_names;
mod complete;
mod day;
mod doctor_key;
mod doctor_limit;
mod find;
mod form;
mod grammar;
mod listing;
mod mistake;
mod near;
mod need;
mod outcome;
mod page;
mod parse;
mod person;
mod run;
mod suggest;
mod tools;
mod walk;
mod words;

pub use allowed::{allowed, not_ours};
pub use audit_names::{trail_names, trail_subject};
pub use complete::{Expected, Expecting, expects, suggest};
pub use form::{confirmation, form, form_again};
pub use grammar::{Command, examples, tree};
pub use mistake::{Missing, Mistake};
pub use outcome::{Outcome, Ruling};
pub use page::help;
pub use parse::parse;
pub use suggest::suggestions;
pub use tools::Tools;
pub use words::{join, split};
