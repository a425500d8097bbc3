//! Where `steward init` writes, and which organization it asks.

use std::path::{Path, PathBuf};

use crate::cli::exit::Refusal;

/// The places of one setup.
#[derive(Clone, Debug)]
pub struct Places {
    /// The configuration file.
    pub config: PathBuf,
    /// The secrets folder.
    pub secrets: PathBuf,
    /// Where the Admin API is, if not at its usual place.
    pub base_url: Option<String>,
    /// Where Slack's API is, if not at its usual place.
    pub slack_api_url: Option<String>,
    /// Where Discord is, if not at its usual place.
    pub discord_api_url: Option<String>,
}

impl Places {
    /// As the command line and the variables say.
    #[must_use]
    pub fn of_process(config: Option<PathBuf>) -> Self {
        let path = |name| std::env::var_os(name).filter(|it| !it.is_empty()).map(PathBuf::from);
        let config = config.or_else(|| path("STEWARD_CONFIG")).unwrap_or_else(|| PathBuf::from("steward.toml"));
        let beside = config.parent().unwrap_or(Path::new("")).join("secrets");
        let address = |name| std::env::var(name).ok().filter(|it| !it.trim().is_empty());
        let (base_url, slack_api_url) = (address("ANTHROPIC_BASE_URL"), address("SLACK_API_URL"));
        let discord_api_url = address("DISCORD_API_URL");
        let secrets = path("STEWARD_SECRETS_DIR").unwrap_or(beside);
        Self { config, secrets, base_url, slack_api_url, discord_api_url }
    }

    /// Refuses to go on where something would be overwritten. An empty secrets folder is nothing.
    pub(in crate::cli) fn must_be_free(&self) -> Result<(), Refusal> {
        let refused = |path: &Path| {
            let told = format!("{} is there already: nothing was written. Move it away to begin anew.", path.display());
            Err(Refusal(told))
        };
        if self.config.symlink_metadata().is_ok() {
            return refused(&self.config);
        }
        let is_empty = || self.secrets.read_dir().is_ok_and(|mut files| files.next().is_none());
        if self.secrets.symlink_metadata().is_ok() && !is_empty() {
            return refused(&self.secrets);
        }
        Ok(())
    }
}
