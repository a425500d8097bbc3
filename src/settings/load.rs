//! Reading the settings, once, from where they lie.

use std::fs::{File, Metadata};
use std::io::Read;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};

use super::catalogue::Catalogue;
use super::configuration::Configuration;
use super::connections::{
    Claude, DATABASE_URL, Discord, Listeners, Log, Slack, Variables, database_url, shared_secret,
};
use super::document::Document;
use super::environment::Environment;
use super::error::{Error, Mistakes, Wrong};
use crate::seal::MasterKey;

/// The configuration file, if nobody names another.
const USUAL_FILE: &str = "steward.toml";

/// The database, if nobody names another.
const USUAL_DATABASE: &str = "sqlite://steward.db";

/// The longest configuration file, in bytes.
const LONGEST_FILE: u64 = 1024 * 1024;

/// Everything that the operator decides. It holds secrets, and has no `Debug` on purpose.
pub struct Settings {
    /// `STEWARD_CONFIG`, or the one named on the command line, or `steward.toml` if it exists.
    pub config_path: Option<PathBuf>,
    /// What that file says.
    pub configuration: Configuration,
    /// `DATABASE_URL`; `sqlite://steward.db`. It may hold a password.
    pub database_url: SecretString,
    /// `STEWARD_MASTER_KEY`; ask [`Settings::master_key`] where it is needed.
    pub master_key: Option<MasterKey>,
    /// `STEWARD_LISTEN`, `STEWARD_OPS_LISTEN`.
    pub listeners: Listeners,
    /// `STEWARD_LOG`, `STEWARD_LOG_FORMAT`.
    pub log: Log,
    /// `ANTHROPIC_…`.
    pub claude: Claude,
    /// `SLACK_…`.
    pub slack: Option<Slack>,
    /// `DISCORD_…`.
    pub discord: Option<Discord>,
    /// `STEWARD_LEAK_SECRET`: signs what scanners post; without, nothing is taken from them.
    pub leak_secret: Option<SecretString>,
    /// The secrets that come from a variable. A file is better: variables are inherited by every child process and shown
    /// to whoever may look at this one. `doctor` and the log say so.
    pub exposed_secrets: Vec<&'static str>,
}

impl Settings {
    /// Reads everything. `named` is the configuration file that the command line names, if it does; `catalogue` holds the
    /// names that policies and roles may use.
    ///
    /// # Errors
    ///
    /// [`Error`], with every mistake that was found.
    pub fn load(source: &Environment, named: Option<&Path>, catalogue: &Catalogue<'_>) -> Result<Self, Error> {
        source.secrets_dir().map_err(Error::alone)?;
        let mistakes = Mistakes::default();
        let mut variables = Variables { environment: source, mistakes: &mistakes, exposed: Vec::new() };
        let config_path = named.map(Path::to_owned).or_else(|| find_file(&variables));
        let configuration = config_path
            .as_deref()
            .map_or_else(Configuration::default, |path| read_file(path, catalogue, &mistakes).unwrap_or_default());
        let settings = Self {
            config_path,
            configuration,
            database_url: variables.secret(DATABASE_URL, database_url).unwrap_or_else(|| USUAL_DATABASE.into()),
            master_key: variables.secret("STEWARD_MASTER_KEY", master_key),
            listeners: variables.listeners(),
            log: variables.log(),
            claude: variables.claude(),
            slack: variables.slack(),
            discord: variables.discord(),
            leak_secret: variables.secret("STEWARD_LEAK_SECRET", shared_secret),
            exposed_secrets: variables.exposed,
        };
        mistakes.or(settings)
    }

    /// The master key, for whoever cannot do without.
    ///
    /// # Errors
    ///
    /// [`Error`], which says how to set it.
    pub fn master_key(&self) -> Result<&MasterKey, Error> {
        self.master_key.as_ref().ok_or_else(|| Error::missing("STEWARD_MASTER_KEY"))
    }

    /// The admin key, for whoever cannot do without.
    ///
    /// # Errors
    ///
    /// [`Error`], which says how to set it.
    pub fn admin_key(&self) -> Result<&SecretString, Error> {
        self.claude.admin_key.as_ref().ok_or_else(|| Error::missing("ANTHROPIC_ADMIN_KEY"))
    }
}

/// The configuration file as it lies there at one moment: read once, so that what is understood is what the digest is of.
#[derive(Clone, Debug, PartialEq)]
pub struct FileNow {
    /// What the file is called.
    pub name: String,
    /// SHA-256 of its text, in hexadecimal; of the trouble, if it cannot be read.
    pub digest: String,
    /// What it says.
    pub configuration: Result<Configuration, Error>,
}

impl FileNow {
    /// Reads the file at `path`.
    #[must_use]
    pub fn read(path: &Path, catalogue: &Catalogue<'_>) -> Self {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let digest = |text: &str| HEXLOWER.encode(&Sha256::digest(text.as_bytes()));
        match read_text(path) {
            Err(why) => {
                let mistake = format!("the configuration file {name} {why}");
                Self { name, digest: digest(why), configuration: Err(Error::alone(mistake)) }
            }
            Ok(text) => {
                let mistakes = Mistakes::default();
                let read = parse(&text, path, catalogue, &mistakes);
                let configuration = mistakes.or(()).map(|()| read.unwrap_or_default());
                Self { name, digest: digest(&text), configuration }
            }
        }
    }
}

fn find_file(variables: &Variables<'_>) -> Option<PathBuf> {
    let named = variables.read("STEWARD_CONFIG", |path| Ok(PathBuf::from(path)));
    // Something is there: if it is no readable file, that is a mistake, and not as good as nothing.
    named.or_else(|| Path::new(USUAL_FILE).symlink_metadata().is_ok().then(|| PathBuf::from(USUAL_FILE)))
}

fn read_file(path: &Path, catalogue: &Catalogue<'_>, mistakes: &Mistakes) -> Option<Configuration> {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let text = match read_text(path) {
        Ok(text) => text,
        Err(why) => {
            mistakes.note(format!("the configuration file {name} {why}"));
            return None;
        }
    };
    parse(&text, path, catalogue, mistakes)
}

fn parse(text: &str, path: &Path, catalogue: &Catalogue<'_>, mistakes: &Mistakes) -> Option<Configuration> {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let document = Document { text, name: &name, mistakes };
    let mut configuration = document.read(|file| Configuration::read(file, catalogue))?;
    configuration.resolve_paths(path.parent().unwrap_or(Path::new("")));
    Some(configuration)
}

pub(super) fn read_text(path: &Path) -> Result<String, &'static str> {
    match std::fs::metadata(path) {
        Err(_) => return Err("is not there, or cannot be looked at"),
        Ok(found) if !found.is_file() => return Err("is no file"),
        Ok(_) => {}
    }
    let file = File::open(path).map_err(|_| "cannot be opened")?;
    let found = file.metadata().map_err(|_| "cannot be looked at")?;
    if found.len() > LONGEST_FILE {
        return Err("is longer than 1 MiB");
    }
    if writable_by_all(&found) {
        return Err("can be written by every user of this machine, who could make themselves an admin: `chmod o-w` it");
    }
    let mut text = String::new();
    file.take(LONGEST_FILE).read_to_string(&mut text).map_err(|_| "is not text in UTF-8")?;
    Ok(text)
}

#[cfg(unix)]
fn writable_by_all(file: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.permissions().mode() & 0o002 != 0
}

#[cfg(not(unix))]
fn writable_by_all(_: &Metadata) -> bool {
    false
}

fn master_key(text: &SecretString) -> Result<MasterKey, Wrong> {
    MasterKey::parse(text)
        .map_err(|_| Wrong("must be 32 random bytes in base64, 44 characters: `steward init` makes one".to_owned()))
}
