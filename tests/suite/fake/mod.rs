//! Stand-ins for other companies' services, which misbehave when a test asks.

#![expect(dead_code, reason = "the stories use a part of it")]

pub(crate) mod discord;
pub(crate) mod slack;
mod wire;
