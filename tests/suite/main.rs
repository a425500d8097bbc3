//! One suite, one binary.

mod outgoing;
mod seal;
