//! Messages that are used twice.

pub mod activity;
pub mod anomaly;
mod change;
pub mod chart;
pub mod configuration;
pub mod csv;
pub mod drift;
pub mod file;
pub mod given;
pub mod head;
pub mod key;
pub mod key_life;
pub mod leaver;
pub mod limit;
mod plain;
pub mod policy;
pub mod rate_limit;
pub mod report;
pub mod secret;
mod talk;
mod time;
pub mod token;
mod word;

pub use change::{answer, asked_already, card, news, parked, plan, rehearsal, reminder, too_late};
pub use plain::plain;
pub use talk::{answered, counted, overridden, question, review};
pub use time::{age, span};
pub use word::capital;
