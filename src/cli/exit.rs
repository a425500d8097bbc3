//! How a command ended, as the shell sees it.

use std::process::ExitCode;

use crate::settings;

/// The exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: done.
    Done,
    /// 1: it failed, or what was checked is wrong.
    Failed,
    /// 2: wrong usage or configuration; nothing was begun.
    Misused,
    /// 3: refused; nothing was changed.
    Refused,
}

/// Wrong usage: the command was not understood, or an answer to its question was not.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Misuse(pub String);

/// A refusal: it was understood, and must not be done.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Refusal(pub String);

impl Exit {
    /// The number.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Misused => 2,
            Self::Refused => 3,
        }
    }

    /// What an error comes to.
    #[must_use]
    pub fn of(error: &anyhow::Error) -> Self {
        if error.chain().any(|it| it.is::<settings::Error>() || it.is::<Misuse>()) {
            Self::Misused
        } else if error.chain().any(<dyn std::error::Error + 'static>::is::<Refusal>) {
            Self::Refused
        } else {
            Self::Failed
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
