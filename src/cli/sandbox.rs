//! `steward sandbox`.

use super::arguments::SandboxArgs;
use super::exit::Exit;

/// Not built yet.
///
/// # Errors
///
/// Always.
#[expect(clippy::unused_async, reason = "it will wait for much")]
pub async fn sandbox(_args: SandboxArgs) -> anyhow::Result<Exit> {
    anyhow::bail!("`steward sandbox` is not built yet")
}
