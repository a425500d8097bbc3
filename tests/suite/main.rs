//! One suite, one binary.
