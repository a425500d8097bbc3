//! One suite, one binary.

mod browser_page;
mod outgoing;
mod seal;
