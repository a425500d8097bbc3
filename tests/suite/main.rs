//! One suite, one binary.

mod seal;
