//! Placeholder.
use std::net::SocketAddr;
use std::path::PathBuf;
/// Sandbox.
pub struct SandboxArgs {
    /// Listen.
    pub listen: SocketAddr,
    /// Data.
    pub data: Option<PathBuf>,
    /// Seed.
    pub seed: u64,
}
