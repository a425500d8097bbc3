//! What can go wrong, in codes.
//!
//! No variant holds a body, an address, a header or another crate's error: those quote what they choke on, and one of
//! those things is the admin key. Texts that came from upstream are kept only if they look like a code.

use std::fmt;
use std::time::Duration;

/// Why a call did not give its answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nothing was connected: what is wrong with the settings.
    #[error("{0}")]
    Settings(&'static str),
    /// Nothing was sent: the API never lets this role or status be set. Holds its name.
    #[error("`{0}` cannot be assigned through the Admin API")]
    NotAssignable(String),
    /// Nothing was sent: what was given as an id can be none.
    #[error("that cannot be an id")]
    NotAnId,
    /// Nothing was sent: the budget of requests is spent, or the API asked for a pause, for at least so long.
    #[error("the request budget is spent for the next {} s", .retry_after.as_secs())]
    Busy {
        /// How long until a try makes sense.
        retry_after: Duration,
    },
    /// Nothing was sent: the last calls all ended in an outage, so this one rests, for at least so long.
    #[error("{last}; not asked again for the next {} s", .retry_after.as_secs().max(1))]
    Resting {
        /// How long until a try makes sense.
        retry_after: Duration,
        /// How the latest call that was sent ended.
        last: Box<Error>,
    },
    /// Nothing was sent: no connection.
    #[error("the Admin API cannot be reached")]
    Unreachable,
    /// No complete answer in time.
    #[error("the Admin API did not answer in time")]
    TimedOut,
    /// The connection ended before the answer did.
    #[error("the connection was cut before the answer was complete")]
    Cut,
    /// A redirect, which is never followed: the key would travel along.
    #[error("the Admin API answered with a redirect ({status}), which is not followed")]
    Redirected {
        /// The status, 300 to 399.
        status: u16,
    },
    /// A status of 400 or more.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// A success whose body is larger than is ever read.
    #[error("the answer was too large to be read")]
    TooLarge,
    /// A success that cannot be understood or contradicts what was asked.
    #[error("the answer about {what} cannot be trusted: {flaw}")]
    Malformed {
        /// What was asked for, such as `members`.
        what: &'static str,
        /// What is wrong with it.
        flaw: &'static str,
        /// The API's name for this exchange, to be told to its support.
        request_id: Option<String>,
    },
    /// A repeated change ended in this, but an earlier try of it may have been applied.
    #[error("an earlier try may have been applied; the last one: {0}")]
    Unsettled(Box<Error>),
}

/// An answer with a status of 400 or more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// `error.type`, such as `invalid_request_error`.
    pub kind: Option<String>,
    /// `error.details.error_code`, such as `already_member`.
    pub code: Option<String>,
    /// The API's name for this exchange, to be told to its support.
    pub request_id: Option<String>,
    /// How long the API asked to be left alone.
    pub retry_after: Option<Duration>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the Admin API answered {}", self.status)?;
        for (name, text) in [("type", &self.kind), ("code", &self.code), ("request", &self.request_id)] {
            if let Some(text) = text {
                write!(f, ", {name} {text}")?;
            }
        }
        match self.retry_after {
            Some(pause) => write!(f, ", retry after {} s", pause.as_secs()),
            None => Ok(()),
        }
    }
}

impl Error {
    /// May a change have been applied although this is the answer? Then only a look upstream can tell.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        match self {
            Self::TimedOut | Self::Cut | Self::TooLarge | Self::Malformed { .. } | Self::Unsettled(_) => true,
            Self::Refused(refusal) => refusal.status >= 500 || refusal.status == 408,
            // "See other" is what one is told after a request was worked on; the other redirects come before.
            Self::Redirected { status } => *status == 303,
            Self::Settings(_)
            | Self::NotAssignable(_)
            | Self::NotAnId
            | Self::Busy { .. }
            | Self::Resting { .. }
            | Self::Unreachable => false,
        }
    }

    /// 404: there is no such thing, or the key may not see it.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.status() == Some(404)
    }

    /// 401: the key is wrong, revoked or expired. No later call will do better.
    #[must_use]
    pub fn is_unauthorized(&self) -> bool {
        self.status() == Some(401)
    }

    /// 403: the key is known, but may not do this.
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        self.status() == Some(403)
    }

    /// How long to wait before a further try, where upstream, the budget or a rest said so.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Busy { retry_after } | Self::Resting { retry_after, .. } => Some(*retry_after),
            Self::Unsettled(last) => last.retry_after(),
            _ => self.refusal().and_then(|refusal| refusal.retry_after),
        }
    }

    /// The HTTP status, if an answer came whose status says it all.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Redirected { status } => Some(*status),
            Self::Unsettled(last) => last.status(),
            _ => self.refusal().map(|refusal| refusal.status),
        }
    }

    /// `error.details.error_code`, such as `invite_already_exists`.
    #[must_use]
    pub fn error_code(&self) -> Option<&str> {
        self.refusal().and_then(|refusal| refusal.code.as_deref())
    }

    /// `error.type`, such as `not_found_error`.
    #[must_use]
    pub fn error_type(&self) -> Option<&str> {
        self.refusal().and_then(|refusal| refusal.kind.as_deref())
    }

    /// The API's name for the exchange, where there was one.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Malformed { request_id, .. } => request_id.as_deref(),
            _ => self.refusal().and_then(|refusal| refusal.request_id.as_deref()),
        }
    }

    /// May the same call succeed when it is repeated a little later?
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable | Self::TimedOut | Self::Cut => true,
            Self::Refused(refusal) => match refusal.status {
                408 | 429 | 500.. => true,
                409 => refusal.code.as_deref() == Some("concurrent_membership_change"),
                _ => false,
            },
            _ => false,
        }
    }

    /// Is it one of those that the other side gives when it is down: no answer, or one that says so? A refusal is none,
    /// nor is an answer that cannot be understood: somebody is there, and quick.
    pub(super) fn is_outage(&self) -> bool {
        match self {
            Self::Unreachable | Self::TimedOut | Self::Cut => true,
            Self::Refused(refusal) => refusal.status >= 500 || refusal.status == 408,
            _ => false,
        }
    }

    fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            Self::Unsettled(last) => last.refusal(),
            _ => None,
        }
    }
}

/// A text from upstream, if it looks like a code: small letters, digits, underscores. A key does not: it has hyphens.
pub(super) fn code(text: &str) -> Option<String> {
    plain(text, |byte| byte.is_ascii_lowercase())
}

/// A text from upstream, if it looks like the name of a request (`req_…`): letters, digits, underscores.
pub(super) fn request_name(text: &str) -> Option<String> {
    plain(text, |byte| byte.is_ascii_alphabetic())
}

fn plain(text: &str, letter: impl Fn(u8) -> bool) -> Option<String> {
    let fits = (1..=80).contains(&text.len());
    let clean = text.bytes().all(|byte| letter(byte) || byte.is_ascii_digit() || byte == b'_');
    (fits && clean).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_code_is_dropped() {
        assert_eq!(code("rate_limit_error").as_deref(), Some("rate_limit_error"));
        assert_eq!(code("sk-ant-admin01-abc"), None);
        assert_eq!(code(""), None);
        assert_eq!(code(&"a".repeat(81)), None);
        assert_eq!(request_name("req_011CUx9").as_deref(), Some("req_011CUx9"));
        assert_eq!(request_name("req 1\nforged: line"), None);
    }
}
