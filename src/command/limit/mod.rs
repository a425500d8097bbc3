//! `/claude limit …`: how much may be spent, who is told, and what happens then.

mod brake;
mod group;
mod keep;
mod list;
mod meant;
mod raise;
mod set;
mod words;

pub(super) use list::{Sees, Stand, sees, stands};

pub use brake::Stop;
pub use group::Limit;
pub use keep::Keep;
pub use list::List;
pub use raise::{Raise, Snooze};
pub use set::{Remove, Set};
