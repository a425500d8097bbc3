//! `steward run`.

use super::arguments::RunArgs;
use super::exit::Exit;
use crate::settings::Settings;

/// Not built yet.
///
/// # Errors
///
/// Always.
#[expect(clippy::unused_async, reason = "it will wait for much")]
pub async fn run(_args: RunArgs, _settings: Settings) -> anyhow::Result<Exit> {
    anyhow::bail!("`steward run` is not built yet")
}
