//! A terminal that does not show what is typed, and shows it again whatever happens.

use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::cli::output::remark;

/// How the terminal was set before it fell silent.
static BEFORE: Mutex<Option<String>> = Mutex::new(None);

/// The terminal shows nothing while this lives.
pub(super) struct Silence(());

impl Silence {
    /// Stops the terminal from showing what is typed. None if this terminal cannot.
    pub(super) fn begin() -> Option<Self> {
        let before = stty(&["-g"])?.trim().to_owned();
        *kept() = Some(before);
        let silence = Self(());
        stty(&["-echo"]).map(|_| silence)
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        restore();
    }
}

/// From now on Ctrl-C gives the terminal back before it ends the program.
pub(super) fn restore_when_interrupted() {
    tokio::spawn(async {
        if tokio::signal::ctrl_c().await.is_ok() {
            restore();
            remark("\nNothing was written.");
            // What the shell expects of a program that was interrupted: 128 and the number of the signal.
            std::process::exit(130);
        }
    });
}

fn restore() {
    if let Some(before) = kept().take() {
        let _shown_again = stty(&[&before]);
    }
}

fn kept() -> MutexGuard<'static, Option<String>> {
    BEFORE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs `stty` on our own terminal; none if it could not do as it was told.
fn stty(arguments: &[&str]) -> Option<String> {
    let done = Command::new("stty").args(arguments).stdin(Stdio::inherit()).stderr(Stdio::null()).output().ok()?;
    done.status.success().then(|| String::from_utf8_lossy(&done.stdout).into_owned())
}
