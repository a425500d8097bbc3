//! One thing that was looked at.

use std::fmt;

use serde::Serialize;

/// How it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::cli) enum Level {
    /// As it should be.
    Ok,
    /// To be known.
    Warning,
    /// To be mended.
    Failure,
}

/// What was found, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(in crate::cli) struct Finding {
    pub(in crate::cli) level: Level,
    pub(in crate::cli) check: &'static str,
    pub(in crate::cli) found: String,
    pub(in crate::cli) todo: Option<String>,
}

impl Finding {
    pub(in crate::cli) fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self { level: Level::Ok, check, found: found.into(), todo: None }
    }

    pub(in crate::cli) fn warning(check: &'static str, found: impl Into<String>, todo: impl Into<String>) -> Self {
        Self { level: Level::Warning, check, found: found.into(), todo: Some(todo.into()) }
    }

    pub(in crate::cli) fn failure(check: &'static str, found: impl Into<String>, todo: impl Into<String>) -> Self {
        Self { level: Level::Failure, check, found: found.into(), todo: Some(todo.into()) }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Ok => "ok",
            Level::Warning => "warning",
            Level::Failure => "failure",
        };
        write!(f, "{level:<8} {:<14} {}", self.check, self.found)?;
        match &self.todo {
            Some(todo) => write!(f, " -> {todo}"),
            None => Ok(()),
        }
    }
}
