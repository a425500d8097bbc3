//! The lock file that refuses a second `run`, `sandbox`, `migrate` or `restore` on one SQLite file.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use super::Error;

/// Held as long as the process runs on the database; the operating system releases it with the process.
pub struct Lock(#[expect(dead_code, reason = "held, never read: closing the file releases the lock")] Option<File>);

impl Lock {
    /// Takes the lock of the database at `url`. PostgreSQL needs none.
    ///
    /// # Errors
    ///
    /// [`Error::Locked`] if another process holds it, [`Error::Unreachable`] if the file cannot be made.
    pub fn take(url: &str) -> Result<Self, Error> {
        let Some(file) = sqlite_file(url) else { return Ok(Self(None)) };
        let mut name = file.into_os_string();
        name.push(".lock");
        let options = OpenOptions::new().create(true).truncate(false).write(true).open(Path::new(&name));
        let file = options.map_err(|_| Error::Unreachable)?;
        file.try_lock().map_err(|_| Error::Locked)?;
        Ok(Self(Some(file)))
    }
}

fn sqlite_file(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:"))?;
    let path = path.split('?').next().unwrap_or(path);
    (!path.is_empty() && path != ":memory:").then(|| PathBuf::from(path))
}
