//! `steward exec`.

use super::arguments::ExecArgs;
use super::exit::Exit;
use crate::settings::Settings;

/// Not built yet.
///
/// # Errors
///
/// Always.
#[expect(clippy::unused_async, reason = "it will wait for much")]
pub async fn exec(_args: ExecArgs, _settings: Settings) -> anyhow::Result<Exit> {
    anyhow::bail!("`steward exec` is not built yet")
}
