//! Messages that are used twice.

mod change;
mod number;
mod plain;
mod time;

pub use change::{answer, asked_already, card, news, parked, plan, rehearsal, reminder, too_late};
pub use number::grouped;
pub use plain::plain;
pub use time::{age, span};
