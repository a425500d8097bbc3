//! Writes everything beside its place first, so that either all of it is there in the end or nothing.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use secrecy::{ExposeSecret, SecretString};

use super::places::Places;
use crate::cli::exit::Refusal;
use crate::random::Random;

/// Files that are written, but not in their place yet. Dropped without [`Staging::commit`], they vanish.
pub(in crate::cli) struct Staging<'a> {
    places: &'a Places,
    config: PathBuf,
    secrets: PathBuf,
}

impl<'a> Staging<'a> {
    /// Writes both beside where they belong.
    pub(in crate::cli) fn write(
        places: &'a Places,
        configuration: &str,
        secrets: &[(&str, SecretString)],
    ) -> anyhow::Result<Self> {
        let mark = Random::system().short(8);
        let beside = |path: &Path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            path.with_file_name(format!(".{name}.{mark}"))
        };
        let staging = Self { places, config: beside(&places.config), secrets: beside(&places.secrets) };
        staging.fill(configuration, secrets).map_err(|error| {
            anyhow!("The files cannot be written beside {}: {}", places.config.display(), error.kind())
        })?;
        Ok(staging)
    }

    /// Where the configuration lies meanwhile.
    pub(in crate::cli) fn config(&self) -> &Path {
        &self.config
    }

    /// Where the secrets lie meanwhile.
    pub(in crate::cli) fn secrets(&self) -> &Path {
        &self.secrets
    }

    fn fill(&self, configuration: &str, secrets: &[(&str, SecretString)]) -> io::Result<()> {
        private_folder(&self.secrets)?;
        for (name, secret) in secrets {
            let mut file = private(OpenOptions::new().write(true).create_new(true)).open(self.secrets.join(name))?;
            file.write_all(secret.expose_secret().as_bytes())?;
            file.write_all(b"\n")?;
            file.sync_all()?;
        }
        let mut file = OpenOptions::new().write(true).create_new(true).open(&self.config)?;
        file.write_all(configuration.as_bytes())?;
        file.sync_all()
    }

    /// Puts everything into its place. What came there meanwhile is not overwritten.
    pub(in crate::cli) fn commit(self) -> anyhow::Result<()> {
        let taken = |path: &Path, error: &io::Error| {
            let told =
                format!("{} could not be put into its place: {}. Nothing was written.", path.display(), error.kind());
            Refusal(told)
        };
        fs::rename(&self.secrets, &self.places.secrets).map_err(|error| taken(&self.places.secrets, &error))?;
        // A link is refused where a file is; a renaming would replace it.
        if let Err(error) = fs::hard_link(&self.config, &self.places.config) {
            let _back = fs::rename(&self.places.secrets, &self.secrets);
            return Err(taken(&self.places.config, &error).into());
        }
        Ok(())
    }
}

impl Drop for Staging<'_> {
    fn drop(&mut self) {
        let _gone = fs::remove_file(&self.config);
        let _gone = fs::remove_dir_all(&self.secrets);
    }
}

/// Makes an empty file that only its owner may open, if there is none: SQLite takes it, and gives its other files the
/// same mode.
pub(in crate::cli) fn private_file(path: &Path) -> io::Result<()> {
    let made: io::Result<File> = private(OpenOptions::new().write(true).create_new(true)).open(path);
    match made {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made.map(drop),
    }
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(unix)]
fn private_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    DirBuilder::new().mode(0o700).create(path)
}

#[cfg(not(unix))]
fn private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().create(path)
}
