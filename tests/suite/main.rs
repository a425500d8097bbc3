//! One suite, one binary.

mod grammar;
mod outgoing;
mod seal;
mod settings;
mod settings_environment;
