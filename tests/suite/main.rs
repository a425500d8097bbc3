//! One suite, one binary.

// Said for the lints, which are milder where only tests are.
#![cfg(test)]

mod bench;
mod canary;
mod chromium;
mod claude_budget;
mod claude_errors;
mod claude_lies;
mod claude_listing;
mod claude_secrets;
mod claude_shapes;
mod claude_upstream;
mod crash;
mod floors;
mod full_disk;
mod fuzz_dispatch;
mod grammar;
mod house;
mod identity;
mod invite;
mod lapse;
mod member_remove;
mod member_role;
mod once;
mod outbox_story;
mod outgoing;
mod sandbox_api;
mod sandbox_console;
mod sandbox_faults;
mod sandbox_stage;
mod sandbox_workspaces;
mod seal;
mod settings;
mod settings_environment;
mod source;
mod stage;
mod upstream;
