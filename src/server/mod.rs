//! What answers HTTP: serving a router until it is time to stop, and the operator's own paths.

mod leak_hook;
mod metrics;
mod ops;
mod probe;
mod readiness;
mod serve;

pub use leak_hook::{LeakHook, leak_hook};
pub use metrics::record_metrics;
pub use ops::ops;
pub use probe::Probe;
pub use readiness::{Readiness, Ready};
pub use serve::serve;
