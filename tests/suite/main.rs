//! One suite, one binary.

// Said for the lints, which are milder where only tests are.
#![cfg(test)]

mod audit_edits;
mod audit_trail;
mod authorization;
mod bench;
mod browser_page;
mod canary;
mod chromium;
mod claude_budget;
mod claude_errors;
mod claude_lies;
mod claude_listing;
mod claude_secrets;
mod claude_shapes;
mod claude_upstream;
mod command_line;
mod crash;
mod floors;
mod full_disk;
mod fuzz_dispatch;
mod grammar;
mod house;
mod identity;
mod invite;
mod lapse;
mod manifest;
mod member_remove;
mod member_role;
mod migrations;
mod once;
mod outbox;
mod outbox_story;
mod outgoing;
mod policy;
mod sandbox_api;
mod sandbox_console;
mod sandbox_faults;
mod sandbox_stage;
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
mod upstream;
