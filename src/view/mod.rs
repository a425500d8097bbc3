//! Messages that are used twice.

mod change;
mod time;

pub use change::{answer, asked_already, card, news, parked, plan, rehearsal, reminder, too_late};
pub use time::{age, span};
