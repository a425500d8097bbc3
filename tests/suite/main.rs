//! One suite, one binary.

mod claude_budget;
mod claude_errors;
mod claude_lies;
mod claude_listing;
mod claude_secrets;
mod claude_shapes;
mod claude_upstream;
mod outgoing;
mod seal;
