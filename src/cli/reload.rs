//! Looks whether `steward.toml` has changed: every few seconds, and at once on SIGHUP. What it says then goes to [`Reload`].

use std::fs::metadata;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tokio_util::sync::CancellationToken;

use super::configured::with_catalogue;
use crate::job::Reload;
use crate::settings::FileNow;

/// How often it is looked at.
const EVERY: Duration = Duration::from_secs(3);

/// The configuration file of a running Steward.
pub struct WatchedFile {
    path: PathBuf,
    stamp: Option<Stamp>,
    /// What was handed on last.
    handed: String,
    /// What lay there at the last look, if that was something else.
    waiting: Option<String>,
}

/// When the file was written last, and how long it is.
type Stamp = (Option<SystemTime>, u64);

impl WatchedFile {
    /// The file at `path`, as it lies there now.
    #[must_use]
    pub fn new(path: PathBuf) -> (Self, FileNow) {
        let (stamp, file) = (stamp(&path), read(&path));
        (Self { path, stamp, handed: file.digest.clone(), waiting: None }, file)
    }

    /// What it says, if that is something new. `at_once` for whoever was told to look: then even what it said before.
    ///
    /// Without being told, what is new is handed on when two looks have found the same: an editor may be in the middle of writing
    /// it, and half a file can be one that allows more.
    pub fn look(&mut self, at_once: bool) -> Option<FileNow> {
        let stamp = stamp(&self.path);
        if stamp == self.stamp && self.waiting.is_none() && !at_once {
            return None;
        }
        self.stamp = stamp;
        let file = read(&self.path);
        let is_settled = self.waiting.as_ref() == Some(&file.digest);
        if !at_once && file.digest == self.handed {
            self.waiting = None;
            return None;
        }
        if !at_once && !is_settled {
            self.waiting = Some(file.digest);
            return None;
        }
        self.waiting = None;
        self.handed.clone_from(&file.digest);
        Some(file)
    }

    /// What was handed on could not be taken: the next looks hand it on again.
    pub fn give_back(&mut self) {
        self.stamp = None;
        self.handed.clear();
    }
}

/// Hands on whatever the file says, until `stop`. Runs beside the jobs of a house that was told what it starts with
/// ([`Reload::starts_with`]).
pub async fn keep_watching(mut file: WatchedFile, reload: Reload, stop: CancellationToken) {
    let mut hangups = Hangups::listen();
    while !stop.is_cancelled() {
        let at_once = tokio::select! {
            () = stop.cancelled() => return,
            () = hangups.next() => true,
            () = tokio::time::sleep(EVERY) => false,
        };
        let Some(now) = file.look(at_once) else { continue };
        if let Err(failure) = reload.take(now).await {
            tracing::warn!(trouble = %failure.logged(), "the configuration was not taken; it is tried again");
            file.give_back();
        }
    }
}

fn read(path: &Path) -> FileNow {
    with_catalogue(|catalogue| FileNow::read(path, catalogue))
}

fn stamp(path: &Path) -> Option<Stamp> {
    metadata(path).ok().map(|it| (it.modified().ok(), it.len()))
}

/// SIGHUP, where there is one.
struct Hangups {
    #[cfg(unix)]
    signal: Option<tokio::signal::unix::Signal>,
}

impl Hangups {
    fn listen() -> Self {
        #[cfg(unix)]
        {
            let signal = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).ok();
            if signal.is_none() {
                tracing::warn!("SIGHUP cannot be listened to; the configuration file is looked at every few seconds");
            }
            Self { signal }
        }
        #[cfg(not(unix))]
        Self {}
    }

    /// The next one; never, where none can come.
    async fn next(&mut self) {
        #[cfg(unix)]
        if let Some(signal) = &mut self.signal
            && signal.recv().await.is_some()
        {
            return;
        }
        std::future::pending::<()>().await;
    }
}
