//! One invocation in, one reply out.

use crate::chat::{Audience, Greeting, Invocation, Message, Reply, Says};

/// Takes what was said to the commands, and their answers back.
pub struct Dispatch {}

impl Dispatch {
    /// The first answer: pure, no lookup, made inside the acknowledgement.
    #[must_use]
    pub fn greet(&self, _invocation: &Invocation) -> Greeting {
        Greeting::Wait(Audience::Asker)
    }

    /// The whole answer.
    pub async fn serve(&self, _invocation: Invocation) -> Reply {
        std::future::ready(Reply { audience: Audience::Asker, says: Says::Message(Message::plain("Not yet.")) }).await
    }
}
