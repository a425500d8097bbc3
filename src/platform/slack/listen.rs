//! What comes in, over either way: acknowledged at once, worked on after.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::time::timeout;

use super::conversation::Conversation;
use super::inbound::{Act, Inbound, understood};
use super::limits::ANSWER_MS;
use super::pages::{Pages, Payload};
use super::payload::Delivery;
use super::render::{self, Surface};
use crate::chat::{Greeting, Kind, Message, Said, Standing, Tone};
use crate::platform::work::Work;

/// How long an answer that must come in the acknowledgement may take: well before Slack gives up.
const IN_ACKNOWLEDGEMENT: Duration = Duration::from_millis(ANSWER_MS - 900);

/// So much waits that this was not taken. It is not acknowledged either: Slack tells the person that it failed, keeps a form
/// with what was typed into it, and brings an event again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooMuch;

/// What the acknowledgement is to carry, if anything.
type Taken = Result<Option<Payload>, TooMuch>;

/// Takes deliveries in. Clones share everything.
#[derive(Clone)]
pub struct Intake(Arc<Inner>);

struct Inner {
    conversation: Arc<Conversation>,
    work: Work,
    pages: Pages,
}

impl Intake {
    pub(super) fn new(conversation: Conversation) -> Self {
        Self(Arc::new(Inner { conversation: Arc::new(conversation), work: Work::new(), pages: Pages::default() }))
    }

    /// Takes one delivery in. Work goes on after the acknowledgement.
    pub(super) async fn take(&self, what: Delivery, delivery: &str) -> Taken {
        let conversation = &self.0.conversation;
        match understood(&what, delivery, &conversation.team) {
            Inbound::Act(act) => return self.act(*act).await,
            Inbound::Puzzle { user, response_url } => {
                metrics::counter!("steward_slack_not_understood_total").increment(1);
                self.has_room()?;
                self.apologize(user, response_url);
            }
            Inbound::Changed(user) => conversation.parts.people.forget(&user),
            Inbound::Removed => {
                tracing::error!(
                    "Slack says that the app was removed or its tokens were revoked: nothing comes in any more"
                );
            }
            Inbound::Nothing => {}
        }
        Ok(None)
    }

    fn has_room(&self) -> Result<(), TooMuch> {
        if self.0.work.is_full() {
            metrics::counter!("steward_slack_too_much_total").increment(1);
            return Err(TooMuch);
        }
        Ok(())
    }

    async fn act(&self, act: Act) -> Taken {
        let conversation = &self.0.conversation;
        if act.team.as_deref().is_some_and(|team| team != conversation.team) {
            // Somebody of another company in a shared channel: `users.info` says so, too, and asks Slack for it.
            metrics::counter!("steward_slack_outsiders_total").increment(1);
        }
        if let Said::Typing(_) = &act.said {
            let suggestions = timeout(IN_ACKNOWLEDGEMENT, conversation.suggest(&act)).await;
            return Ok(Some(payload(&suggestions.unwrap_or_else(|_| serde_json::json!({ "options": [] })))));
        }
        if let Err(full) = self.has_room() {
            // Only a command's acknowledgement is shown; its own words say more than Slack's.
            let is_command = matches!(act.said, Said::Command(_));
            return if is_command { Ok(Some(alone(&Work::too_much()))) } else { Err(full) };
        }
        Ok(match &act.said {
            Said::Form(..) => self.form(act).await.as_ref().map(payload),
            Said::Command(words) if conversation.parts.people.is_person_lately(&act.user) => {
                let page = Pages::name(&conversation.parts.answers.root(), words);
                let known = page.as_deref().and_then(|it| self.0.pages.get(it));
                known.or_else(|| self.answered_at_once(act, page))
            }
            _ => {
                let first = self.greeting(&act);
                self.begin(act, first);
                None
            }
        })
    }

    /// The answer to a command of somebody who is known to be one of ours, if it needs no look; otherwise work is begun.
    fn answered_at_once(&self, act: Act, page: Option<String>) -> Option<Payload> {
        let first = self.greeting(&act);
        let Greeting::Answer(message) = &first else {
            self.begin(act, first);
            return None;
        };
        let answer = alone(message);
        if let Some(page) = page {
            self.0.pages.keep(page, &answer);
        }
        Some(answer)
    }

    /// How it is acknowledged. Who asks is not known yet, and does not matter for that.
    fn greeting(&self, act: &Act) -> Greeting {
        let conversation = &self.0.conversation;
        let anybody = Standing { kind: Kind::Person, ..Standing::default() };
        let invocation = act.invocation(&conversation.team, anybody, conversation.parts.clock.now());
        conversation.parts.answers.greet(&invocation)
    }

    fn begin(&self, act: Act, first: Greeting) {
        let conversation = Arc::clone(&self.0.conversation);
        self.0.work.begin(async move { conversation.answer(act, first).await });
    }

    /// A form is answered in the acknowledgement, so that a mistake is shown where it was made. If that takes too long, the
    /// dialog waits, and is filled when there is an answer.
    async fn form(&self, act: Act) -> Option<Value> {
        let conversation = Arc::clone(&self.0.conversation);
        let act = Arc::new(act);
        let (answering, asked) = (Arc::clone(&conversation), Arc::clone(&act));
        let mut work = self.0.work.spawn(async move { answering.answer_form(&asked).await });
        if let Ok(answer) = timeout(IN_ACKNOWLEDGEMENT, &mut work).await {
            return answer.unwrap_or_default();
        }
        self.0.work.spawn(async move {
            if let Ok(Some(answer)) = work.await {
                conversation.fill_later(&act, answer).await;
            }
        });
        Some(serde_json::json!({ "response_action": "update", "view": render::loading("") }))
    }

    fn apologize(&self, user: Option<String>, response_url: Option<String>) {
        let conversation = Arc::clone(&self.0.conversation);
        self.0.work.spawn(async move {
            let sorry = Message::plain("Sorry, this could not be understood, so nothing was done.")
                .hint("Type the command instead, or ask an admin to look into the log.")
                .tone(Tone::Warning);
            conversation.apologize(user.as_deref(), response_url.as_deref(), &sorry).await;
        });
    }

    /// Waits until everything that was begun is finished, but not for ever.
    pub async fn finish(&self) {
        self.0.work.finish("Slack").await;
    }
}

/// An acknowledgement that is shown to the asker alone.
fn alone(message: &Message) -> Payload {
    let mut answer = render::message(message, Surface::Message);
    answer["response_type"] = "ephemeral".into();
    payload(&answer)
}

fn payload(value: &Value) -> Payload {
    value.to_string().into()
}
