//! One suite, one binary.

mod bench;
mod chromium;
mod floors;
mod house;
mod source;
