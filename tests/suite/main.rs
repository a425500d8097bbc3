//! One suite, one binary.

mod outgoing;
mod sandbox_api;
mod sandbox_console;
mod sandbox_faults;
mod sandbox_stage;
mod sandbox_workspaces;
mod seal;
mod settings;
mod settings_environment;
