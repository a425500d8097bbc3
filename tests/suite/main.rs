//! One suite, one binary.

mod outgoing;
mod seal;
mod settings;
mod settings_environment;
