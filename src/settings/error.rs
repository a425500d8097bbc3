//! What is wrong with the settings: all of it, each with its place, none with a value.

use std::cell::RefCell;
use std::fmt;

/// Everything that is wrong with the settings. Shown, it is one mistake a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    mistakes: Vec<String>,
}

impl Error {
    /// One sentence for each mistake, in the order of their places.
    #[must_use]
    pub fn mistakes(&self) -> &[String] {
        &self.mistakes
    }

    /// One mistake, after which looking further makes no sense.
    pub(super) fn alone(mistake: String) -> Self {
        Self { mistakes: vec![mistake] }
    }

    /// That `variable` is needed and not set.
    pub(super) fn missing(variable: &str) -> Self {
        Self::alone(format!("`{variable}` is missing: set it, or put it into the secrets folder"))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.mistakes.join("\n"))
    }
}

impl std::error::Error for Error {}

/// Collects mistakes, so that the operator hears of all of them at once.
#[derive(Default)]
pub(super) struct Mistakes(RefCell<Vec<(usize, String)>>);

impl Mistakes {
    /// Notes a mistake that has no line.
    pub(super) fn note(&self, mistake: String) {
        self.note_at(0, mistake);
    }

    /// Notes a mistake in line `line` of the configuration file.
    pub(super) fn note_at(&self, line: usize, mistake: String) {
        self.0.borrow_mut().push((line, mistake));
    }

    /// `value`, if there was no mistake.
    pub(super) fn or<T>(self, value: T) -> Result<T, Error> {
        let mut noted = self.0.into_inner();
        if noted.is_empty() {
            return Ok(value);
        }
        noted.sort_by_key(|&(line, _)| line);
        Err(Error { mistakes: noted.into_iter().map(|(_, mistake)| mistake).collect() })
    }
}

/// Why a value is not accepted, to be put behind the name of its setting: "must be …". It never holds the value.
pub(super) struct Wrong(pub(super) String);

/// Shorthand for a [`Wrong`].
pub(super) fn wrong<T>(why: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong(why.into()))
}
