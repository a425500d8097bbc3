//! What was spent, read from the reports and reckoned.
//!
//! - [`SpendSync`]: tokens every five minutes, by hour; amounts every quarter of an hour, by day; both again for as long as they may change.
//! - `tokens` reads what was used, `bills` what was billed, `reckoning` brings the two together, one day at a time.

mod bills;
mod reckoning;
mod seats;
mod sync;
mod tokens;

pub use sync::{Backfilled, COSTS, KEY_USAGE, SpendSync};
