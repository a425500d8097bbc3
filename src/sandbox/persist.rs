//! The organization as one JSON file: the whole of it, replaced in one step, so that a kill leaves the old or the new.

use super::state::{FORMAT, State};
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Why a kept organization could not be taken up again.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file could not be read.
    #[error("the simulated organization could not be read: {0}")]
    Unreadable(io::ErrorKind),
    /// The file holds something else, or another version's organization.
    #[error("the file does not hold a simulated organization of this version")]
    NotOurs,
}

/// Writes `state` beside `path` and renames it over it. Readable for its owner only: it holds the admin key.
pub(super) fn save(state: &State, path: &Path) -> io::Result<()> {
    let beside = beside(path);
    let mut file = BufWriter::new(private(&beside)?);
    serde_json::to_writer(&mut file, state)?;
    file.flush()?;
    file.get_ref().sync_data()?;
    std::fs::rename(&beside, path)
}

/// Reads what [`save`] wrote.
pub(super) fn load(path: &Path) -> Result<State, LoadError> {
    let text = std::fs::read(path).map_err(|error| LoadError::Unreadable(error.kind()))?;
    let state: State = serde_json::from_slice(&text).map_err(|_| LoadError::NotOurs)?;
    if state.format == FORMAT { Ok(state) } else { Err(LoadError::NotOurs) }
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    PathBuf::from(name)
}

fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
