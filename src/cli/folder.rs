//! Where a sandbox keeps its things: a folder of its own, which goes with the process unless it was named.

use std::path::{Path, PathBuf};

use anyhow::Context;
use secrecy::{ExposeSecret, SecretString};

use crate::clock::{Clock, moment};
use crate::random::Random;
use crate::seal::MasterKey;

/// Where a sandbox keeps its things.
pub(super) struct Folder {
    /// The folder itself.
    pub(super) path: PathBuf,
    temporary: bool,
}

impl Folder {
    pub(super) fn open(named: Option<&Path>) -> anyhow::Result<Self> {
        let (path, temporary) = match named {
            Some(path) => (path.to_owned(), false),
            None => (std::env::temp_dir().join(format!("steward-sandbox-{}", Random::system().short(12))), true),
        };
        std::fs::create_dir_all(&path).with_context(|| format!("the folder {} cannot be made", path.display()))?;
        Ok(Self { path, temporary })
    }

    pub(super) fn database_url(&self) -> String {
        format!("sqlite://{}", self.path.join("steward.db").display())
    }

    /// The key that seals this sandbox's database. Beside it on purpose: nothing in a sandbox is secret.
    pub(super) fn master_key(&self) -> anyhow::Result<MasterKey> {
        let path = self.path.join("master_key");
        if let Ok(text) = std::fs::read_to_string(&path) {
            return Ok(MasterKey::parse(&SecretString::from(text.trim()))?);
        }
        let key = MasterKey::generate(&Random::system());
        std::fs::write(&path, key.to_base64().expose_secret())?;
        Ok(key)
    }

    /// The system's clock, as far ahead as it was pushed in this folder before.
    pub(super) fn clock(&self) -> Clock {
        let clock = Clock::system();
        let pushed = std::fs::read_to_string(self.path.join("clock")).ok().and_then(|it| it.trim().parse::<i64>().ok());
        if let Some(ms) = pushed {
            clock.advance_to(moment(ms));
        }
        clock
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.temporary {
            // Best effort: the operating system empties its temporary folder anyway.
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}
