//! The half of the client that can only look. What it can look at stands with each resource.

use std::fmt;

use super::budget::Lane;
use super::condition::Condition;
use super::http::{Http, UpstreamDate};

/// Looks at the organization; every call is a `GET`. Cheap to clone, clones share one budget.
#[derive(Clone)]
pub struct Reader {
    pub(super) http: Http,
}

impl Reader {
    /// The same reader for work that nobody waits for: it uses at most a fifth of the budget.
    #[must_use]
    pub fn background(&self) -> Self {
        Self { http: self.http.on(Lane::Background) }
    }

    /// The same reader for what takes access away: it may use everything, also what is kept from the others.
    #[must_use]
    pub fn urgent(&self) -> Self {
        Self { http: self.http.on(Lane::Revocation) }
    }

    /// How the connection fares: whether it rests, and what its budget is.
    #[must_use]
    pub fn condition(&self) -> Condition {
        self.http.condition()
    }

    /// What the API's own clock showed last, to notice that ours is off.
    #[must_use]
    pub fn upstream_date(&self) -> Option<UpstreamDate> {
        self.http.upstream_date()
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("origin", &self.http.origin()).finish_non_exhaustive()
    }
}
