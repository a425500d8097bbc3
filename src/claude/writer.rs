//! The half of the client that can only change. What it can change stands with each resource.

use std::fmt;

use super::http::Http;

/// Changes the organization. Only [`connect`](super::connect()) makes one; clones share the reader's budget.
#[derive(Clone)]
pub struct Writer {
    pub(super) http: Http,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("origin", &self.http.origin()).finish_non_exhaustive()
    }
}
