//! What comes in, over either way: answered at once, worked on after that answer is out.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::timeout;

use super::conversation::Conversation;
use super::first::{First, Way};
use super::forms::{self, is_modal_alone, picked, question};
use super::inbound::{Act, EPHEMERAL, From, Inbound, understood};
use super::limits::{ANSWER_MS, OPTION_TEXT, SUGGESTIONS, read};
use super::page::Page;
use super::payload::{id, number};
use super::render::pages;
use crate::chat::{Audience, Form, Greeting, Kind, Message, Reply, Said, Says, Standing, Tone};
use crate::platform::measure::length;
use crate::platform::work::Work;

/// How long an answer that must come first may take: well before Discord gives up.
const IN_ACKNOWLEDGEMENT: Duration = Duration::from_millis(ANSWER_MS - 1_000);

/// Takes interactions in. Clones share everything.
#[derive(Clone)]
pub(super) struct Intake(Arc<Inner>);

struct Inner {
    conversation: Arc<Conversation>,
    work: Work,
}

/// The first answer to an interaction, and what is to be done once it is out.
pub(super) struct Taken {
    pub(super) answer: Value,
    pub(super) then: Option<Then>,
}

/// Work that follows an answer.
pub(super) struct Then {
    act: Act,
    first: First,
    what: What,
}

/// How much of the answer is known already.
enum What {
    Nothing,
    Reply(Reply),
    /// What did not fit into the first answer.
    Pages(Vec<Page>),
}

impl Intake {
    pub(super) fn new(conversation: Conversation) -> Self {
        Self(Arc::new(Inner { conversation: Arc::new(conversation), work: Work::new() }))
    }

    /// Takes one interaction in. None if it was taken in before.
    pub(super) async fn take(&self, payload: &Value) -> Option<Taken> {
        let conversation = &self.0.conversation;
        if id(payload, "/id").is_some_and(|it| !conversation.api.notes().is_new(&it)) {
            metrics::counter!("steward_discord_repeated_total").increment(1);
            return None;
        }
        let only = |answer: Value| Some(Taken { answer, then: None });
        match understood(payload, &conversation.parts.people) {
            Inbound::Ping => only(json!({ "type": 1 })),
            Inbound::Act(act) => Some(self.act(*act).await),
            Inbound::Sure(token, label) => only(ephemeral(self.asked_again(&token, &label))),
            Inbound::Picked(components, name, value) => match picked(&components, &name, value.as_deref()) {
                Some(components) => only(json!({ "type": 7, "data": { "components": components } })),
                None => only(apology(payload)),
            },
            Inbound::Puzzle => only(apology(payload)),
        }
    }

    /// The question before a press counts: as the message words it, if it was shown by this process.
    fn asked_again(&self, token: &str, label: &str) -> Value {
        match self.0.conversation.api.notes().question_of(token) {
            Some(it) => question(&it.title, &it.text, &it.agree, token),
            None => question(&format!("{label}?"), "Press again if that is what you want.", label, token),
        }
    }

    async fn act(&self, act: Act) -> Taken {
        let conversation = &self.0.conversation;
        if matches!(act.said, Said::Typing(_)) {
            let suggested = timeout(IN_ACKNOWLEDGEMENT, conversation.suggested(&act)).await.unwrap_or_default();
            return Taken { answer: choices(&suggested), then: None };
        }
        if self.0.work.is_full() {
            metrics::counter!("steward_discord_too_much_total").increment(1);
            return Taken { answer: alone(&Work::too_much()), then: None };
        }
        if matches!(act.said, Said::Form(..)) {
            return waits(act, if_sheet);
        }
        match self.greeting(&act) {
            // Whoever is not known to be one of ours yet is looked up first.
            Greeting::Answer(message) if act.standing.is_some() => {
                let reply = Reply { audience: Audience::Asker, says: Says::Message(message) };
                self.at_once(act, reply)
            }
            Greeting::Open(_) => self.opens(act).await,
            Greeting::Answer(_) => waits(act, |_| First::Waits { is_ephemeral: true }),
            Greeting::Wait(Audience::Everyone) => waits(act, |_| First::Waits { is_ephemeral: false }),
            Greeting::Wait(Audience::SameMessage) => waits(act, |act| match act.from {
                From::Button { .. } => First::Changes,
                _ => First::Waits { is_ephemeral: true },
            }),
            Greeting::Wait(Audience::Asker) => waits(act, |_| First::Waits { is_ephemeral: true }),
        }
    }

    /// How it is acknowledged. Who asks need not be known for that.
    fn greeting(&self, act: &Act) -> Greeting {
        let conversation = &self.0.conversation;
        let anybody = Standing { kind: Kind::Person, ..Standing::default() };
        let standing = act.standing.clone().unwrap_or(anybody);
        conversation.parts.answers.greet(&act.invocation(standing, conversation.parts.clock.now()))
    }

    /// A modal must be the first answer, so it is waited for; if that takes too long, the form comes as a message.
    async fn opens(&self, act: Act) -> Taken {
        let conversation = Arc::clone(&self.0.conversation);
        if let (Said::Press(token), From::Fill(picks)) = (&act.said, &act.from)
            && let Some(form) = conversation.api.notes().form_of(&token.id)
        {
            return Taken { answer: modal(&form, Some(picks)), then: None };
        }
        let act = Arc::new(act);
        let (answering, asked) = (Arc::clone(&conversation), Arc::clone(&act));
        let mut work = self.0.work.spawn(async move { answering.replied(&asked).await });
        let in_time = timeout(IN_ACKNOWLEDGEMENT, &mut work).await;
        match in_time {
            Ok(Ok(Reply { says: Says::Form(form), .. })) => {
                conversation.api.notes().form(&form);
                self.form(act.again(), form)
            }
            Ok(Ok(reply)) => self.at_once(act.again(), reply),
            Ok(Err(_)) => Taken { answer: alone(&broken()), then: None },
            Err(_) => {
                let first = First::Waits { is_ephemeral: true };
                let since = conversation.parts.clock.now();
                self.0.work.spawn(async move {
                    if let Ok(reply) = work.await {
                        conversation.deliver(&mut Way::of(&act, first, since), reply).await;
                    }
                });
                Taken { answer: first.deferral(), then: None }
            }
        }
    }

    fn form(&self, act: Act, form: Box<Form>) -> Taken {
        match &act.from {
            From::Fill(picks) => Taken { answer: modal(&form, Some(picks)), then: None },
            _ if is_modal_alone(&form) => Taken { answer: modal(&form, None), then: None },
            _ => self.at_once(act, Reply { audience: Audience::Asker, says: Says::Form(form) }),
        }
    }

    /// A reply that is known is the first answer, if it is words alone; what does not fit comes after it.
    fn at_once(&self, act: Act, reply: Reply) -> Taken {
        let first = First::Waits { is_ephemeral: true };
        let is_for_all = reply.audience == Audience::Everyone;
        let pages = if is_for_all { None } else { self.0.conversation.laid_out(reply.says.clone()) };
        let Some(mut pages) = pages.filter(|it| it.iter().all(|page| page.files.is_empty())) else {
            return Taken { answer: first.deferral(), then: Some(Then { act, first, what: What::Reply(reply) }) };
        };
        let answer = ephemeral(pages.remove(0).bare());
        let rest = Then { act, first: First::Told, what: What::Pages(pages) };
        let is_rest = matches!(&rest.what, What::Pages(pages) if !pages.is_empty());
        Taken { answer, then: is_rest.then_some(rest) }
    }

    /// Does what follows an answer that is out.
    pub(super) fn go_on(&self, then: Then) {
        let conversation = Arc::clone(&self.0.conversation);
        // The token lives from now on, however long it takes until this has its turn.
        let since = conversation.parts.clock.now();
        self.0.work.begin(async move {
            let Then { act, first, what } = then;
            let mut way = Way::of(&act, first, since);
            match what {
                What::Nothing => {
                    let reply = conversation.replied(&act).await;
                    conversation.deliver(&mut way, reply).await;
                }
                What::Reply(reply) => conversation.deliver(&mut way, reply).await,
                What::Pages(pages) => conversation.tell(&mut way, Audience::Asker, pages).await,
            }
        });
    }

    /// Says, under an answer that may have gone out, that nothing follows it; or what was done before it.
    pub(super) fn give_up(&self, then: Then) {
        if !matches!(then.what, What::Nothing) {
            return self.go_on(then);
        }
        let late = Message::plain("Discord took too long with this, so nothing was done.").hint("Do it once more.");
        let reply = Reply { audience: Audience::Asker, says: Says::Message(late.tone(Tone::Warning)) };
        self.go_on(Then { what: What::Reply(reply), ..then });
    }

    /// Waits until everything that was begun is finished, but not for ever.
    pub(super) async fn finish(&self) {
        self.0.work.finish("Discord").await;
    }
}

/// A form that was sent over the message with its choices is answered in that message's place.
fn if_sheet(act: &Act) -> First {
    if act.from == From::Sheet { First::Changes } else { First::Waits { is_ephemeral: true } }
}

fn waits(act: Act, first: impl Fn(&Act) -> First) -> Taken {
    let first = first(&act);
    Taken { answer: first.deferral(), then: Some(Then { act, first, what: What::Nothing }) }
}

/// A first answer that is shown to the asker alone.
fn alone(message: &Message) -> Value {
    ephemeral(pages(message, 1)[0].bare())
}

fn ephemeral(mut data: Value) -> Value {
    data["flags"] = EPHEMERAL.into();
    json!({ "type": 4, "data": data })
}

fn modal(form: &Form, picks: Option<&forms::Picks>) -> Value {
    json!({ "type": 9, "data": forms::modal(form, picks) })
}

/// Suggestions. One that is too long is left out: a shortened one would mean something else.
fn choices(suggested: &[(String, String)]) -> Value {
    let fits = suggested.iter().filter(|(insert, _)| (1..=OPTION_TEXT).contains(&length(insert)));
    let choice = |(insert, told): &(String, String)| {
        let name = if told.trim().is_empty() || told == insert { insert.clone() } else { format!("{insert} ({told})") };
        json!({ "name": read(&name, OPTION_TEXT), "value": insert })
    };
    json!({ "type": 8, "data": { "choices": fits.take(SUGGESTIONS).map(choice).collect::<Vec<_>>() } })
}

/// What is said to something that is not understood.
fn apology(payload: &Value) -> Value {
    metrics::counter!("steward_discord_not_understood_total").increment(1);
    if number(payload, "/type") == Some(4) {
        return choices(&[]);
    }
    let sorry = Message::plain("Sorry, this could not be understood, so nothing was done.")
        .hint("Type the command instead, or ask an admin to look into the log.")
        .tone(Tone::Warning);
    alone(&sorry)
}

fn broken() -> Message {
    Message::plain("Something went wrong.").hint("Ask what became of it before you do it again.").tone(Tone::Bad)
}
