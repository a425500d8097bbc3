//! Stand-ins for other companies' services, which misbehave when a test asks.

pub(crate) mod slack;
