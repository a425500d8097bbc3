//! Where secrets and addresses come from: variables, and files in `STEWARD_SECRETS_DIR` named like them in lower case.
//!
//! A file wins over its variable. A file that others than owner and group may open is refused: on a shared machine it is
//! no secret any more.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

/// The variable that names the secrets folder.
const SECRETS_DIR: &str = "STEWARD_SECRETS_DIR";

/// The longest value of a variable or a secret file, in bytes.
const LONGEST: u64 = 64 * 1024;

/// The variables that the settings are read from. A test hands in its own; only `cli` takes the process's.
#[derive(Default)]
pub struct Environment {
    variables: BTreeMap<String, Option<SecretString>>,
}

impl Environment {
    /// The process's own variables.
    #[must_use]
    pub fn of_process() -> Self {
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value))).collect()
    }

    /// A variable, from a file of the secrets folder if there is one.
    ///
    /// # Errors
    ///
    /// A sentence that names the variable or the file, and no value.
    pub(super) fn find(&self, name: &str) -> Result<Option<Found>, String> {
        if let Some(folder) = self.secrets_dir()?
            && let Some(value) = read_secret(&folder, &name.to_ascii_lowercase())?
        {
            return Ok(Some(Found { value, in_file: true }));
        }
        Ok(self.variable(name)?.map(|value| Found { value, in_file: false }))
    }

    /// The secrets folder, if one is named.
    ///
    /// # Errors
    ///
    /// A sentence, if it is not there.
    pub(super) fn secrets_dir(&self) -> Result<Option<PathBuf>, String> {
        let Some(folder) = self.variable(SECRETS_DIR)? else { return Ok(None) };
        let folder = PathBuf::from(folder.expose_secret());
        if folder.is_dir() { Ok(Some(folder)) } else { Err(format!("`{SECRETS_DIR}` must name a folder that exists")) }
    }

    fn variable(&self, name: &str) -> Result<Option<SecretString>, String> {
        match self.variables.get(name) {
            None => Ok(None),
            Some(None) => Err(format!("`{name}` must be text in UTF-8")),
            Some(Some(value)) if value.expose_secret().trim().is_empty() => {
                Err(format!("`{name}` is set but empty: give it a value, or unset it"))
            }
            Some(Some(value)) => Ok(Some(value.clone())),
        }
    }
}

impl<N: Into<String>, V: Into<OsString>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let text = |value: V| value.into().into_string().ok().map(SecretString::from);
        Self { variables: pairs.into_iter().map(|(name, value)| (name.into(), text(value))).collect() }
    }
}

/// A value, and whether it lay in a file.
pub(super) struct Found {
    pub(super) value: SecretString,
    pub(super) in_file: bool,
}

/// The content of `folder/name` without the line break that editors add; `None` if there is no such file.
fn read_secret(folder: &Path, name: &str) -> Result<Option<SecretString>, String> {
    let refused = |why: &str| format!("the file `{name}` in the secrets folder {why}");
    let path = folder.join(name);
    match std::fs::metadata(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound && path.symlink_metadata().is_err() => return Ok(None),
        Err(_) => return Err(refused("cannot be looked at")),
        // Opening a pipe would wait for whoever writes to it.
        Ok(found) if !found.is_file() => return Err(refused("is no file")),
        Ok(_) => {}
    }
    let file = File::open(&path).map_err(|_| refused("cannot be opened"))?;
    let opened = file.metadata().map_err(|_| refused("cannot be looked at"))?;
    if open_to_all(&opened) {
        return Err(refused("is open to every user of this machine: `chmod o= ` it"));
    }
    if opened.len() > LONGEST {
        return Err(refused("is too long"));
    }
    let mut text = Zeroizing::new(String::with_capacity(usize::try_from(LONGEST).unwrap_or_default()));
    file.take(LONGEST).read_to_string(&mut text).map_err(|_| refused("cannot be read as text"))?;
    let value = text.trim_end_matches(['\r', '\n']);
    if value.trim().is_empty() {
        return Err(refused("is empty: write the value into it, or remove it"));
    }
    Ok(Some(SecretString::from(value)))
}

#[cfg(unix)]
fn open_to_all(file: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.permissions().mode() & 0o007 != 0
}

#[cfg(not(unix))]
fn open_to_all(_: &Metadata) -> bool {
    false
}
