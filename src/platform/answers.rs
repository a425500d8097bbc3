//! What a platform needs of the floor below: an invocation goes down, a reply comes up.

use futures_util::future::BoxFuture;

use crate::chat::{Greeting, Invocation, Reply};
use crate::dispatch::Dispatch;

/// Answers invocations. [`Dispatch`] does; a test may answer from a script to look at a platform alone.
pub trait Answers: Send + Sync {
    /// The first answer: pure, no lookup, made inside the acknowledgement.
    fn greet(&self, invocation: &Invocation) -> Greeting;

    /// The word before every command, as it is now: whatever [`Self::greet`] says depends on it.
    fn root(&self) -> String;

    /// The whole answer.
    fn serve(&self, invocation: Invocation) -> BoxFuture<'_, Reply>;
}

impl Answers for Dispatch {
    fn greet(&self, invocation: &Invocation) -> Greeting {
        Dispatch::greet(self, invocation)
    }

    fn root(&self) -> String {
        Dispatch::root(self)
    }

    fn serve(&self, invocation: Invocation) -> BoxFuture<'_, Reply> {
        Box::pin(Dispatch::serve(self, invocation))
    }
}
