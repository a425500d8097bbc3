//! Messages that are used twice.

mod change;
mod plain;
mod time;

pub use change::{
    answer, answered, asked_already, card, counted, news, overridden, parked, plan, question, rehearsal, reminder, review,
    too_late,
};
pub use plain::plain;
pub use time::{age, span};
