//! What a call comes to, and the one place where a permit is spent.

use std::future::Future;

use serde::{Deserialize, Serialize};

use super::permit::Permit;
use crate::claude::Error;
use crate::clock::Moment;

/// What a call left behind, kept in the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// The id of what was made or changed.
    pub id: String,
    /// What it is in words: "invitation sent to lea@example.com".
    pub done: String,
    /// The state before, where undo needs it.
    #[serde(default)]
    pub was: Option<String>,
}

/// What a look upstream says about a call that may have been made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// It was done, by us.
    Done(Applied),
    /// It was not.
    NotDone,
    /// The world is neither as before nor as after; somebody has to look. The code says why.
    Unclear(&'static str),
}

/// Whether a call can be made now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ready<T> {
    /// Now, and this is the call with everything filled in.
    Now(T),
    /// It waits for an event; a sentence without its full stop.
    NotYet(String),
    /// The same, a whole sentence, and when the event is not waited for any longer.
    NotBefore(Moment, String),
    /// The event will not come; a sentence.
    Never(String),
    /// There is nothing left to call, and the rest goes on; what became of it, a sentence without its full stop.
    Moot(String),
}

impl<T> Ready<T> {
    /// The same of something that holds the call.
    pub(super) fn map<U>(self, into: impl FnOnce(T) -> U) -> Ready<U> {
        match self {
            Self::Now(it) => Ready::Now(into(it)),
            Self::NotYet(why) => Ready::NotYet(why),
            Self::NotBefore(until, why) => Ready::NotBefore(until, why),
            Self::Never(why) => Ready::Never(why),
            Self::Moot(why) => Ready::Moot(why),
        }
    }
}

/// Spends a permit on the call that it allows, and leaves a line in the log.
pub(super) async fn call<T>(permit: Permit, call: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let (change, position) = permit.spend();
    let result = call.await;
    match &result {
        Ok(_) => tracing::info!(%change, position, "the call was answered"),
        Err(error) => tracing::warn!(%change, position, %error, "the call failed"),
    }
    result
}
