//! One suite, one binary.

// Said for the lints, which are milder where only tests are.
#![cfg(test)]

mod audit_edits;
mod audit_trail;
mod authorization;
mod authorization_commands;
mod bench;
mod browser_page;
mod chromium;
mod claude_budget;
mod claude_errors;
mod claude_lies;
mod claude_listing;
mod claude_secrets;
mod claude_shapes;
mod claude_upstream;
mod command_line;
mod floors;
mod grammar;
mod house;
mod invite;
mod manifest;
mod migrations;
mod outbox;
mod outgoing;
mod policy;
mod sandbox_api;
mod sandbox_console;
mod sandbox_faults;
mod sandbox_program;
mod sandbox_stage;
mod sandbox_story;
mod sandbox_workspaces;
mod schedule;
mod seal;
mod server;
mod settings;
mod settings_environment;
mod source;
mod stage;
mod store_change;
mod store_directory;
mod store_ground;
mod store_lease;
mod store_people;
