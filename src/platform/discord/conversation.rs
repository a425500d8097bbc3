//! One act and its answer.

use super::api::Api;
use super::inbound::Act;
use super::page::Page;
use super::parts::Parts;
use super::render::{ANSWER_PAGES, pages};
use super::reveal::Reveal;
use super::{direct::Direct, forms};
use crate::chat::{Audience, Greeting, Message, Reply, Says, Standing};

/// Answers acts. What it cannot say where it was asked, it says in the conversation with the person.
pub(super) struct Conversation {
    pub(super) parts: Parts,
    pub(super) api: Api,
    pub(super) direct: Direct,
    pub(super) reveal: Reveal,
}

impl Conversation {
    /// What is said to an act, once it is known who acts.
    pub(super) async fn replied(&self, act: &Act) -> Reply {
        let standing = self.standing(act).await;
        let invocation = act.invocation(standing, self.parts.clock.now());
        match self.parts.answers.greet(&invocation) {
            Greeting::Answer(message) => Reply { audience: Audience::Asker, says: Says::Message(message) },
            Greeting::Wait(_) | Greeting::Open(_) => self.parts.answers.serve(invocation).await,
        }
    }

    /// Suggestions for what is being typed: what is inserted, what is read.
    pub(super) async fn suggested(&self, act: &Act) -> Vec<(String, String)> {
        match self.replied(act).await.says {
            Says::Suggestions(suggested) => suggested,
            _ => Vec::new(),
        }
    }

    async fn standing(&self, act: &Act) -> Standing {
        match &act.standing {
            Some(standing) => standing.clone(),
            None => self.parts.people.standing_of(&act.user).await,
        }
    }

    /// A reply as messages; none if it is no message, or a secret.
    pub(super) fn laid_out(&self, says: Says) -> Option<Vec<Page>> {
        let of = |message: Message| {
            self.api.notes().message(&message);
            pages(&message, ANSWER_PAGES)
        };
        match says {
            Says::Message(message) => Some(of(message)),
            Says::Home(home) => Some(of(home.into_message())),
            Says::Form(form) => {
                self.api.notes().form(&form);
                Some(vec![forms::sheet(&form)])
            }
            Says::Secret(..) | Says::Suggestions(_) | Says::Nothing => None,
        }
    }
}
