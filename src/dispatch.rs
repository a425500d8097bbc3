//! One invocation in, one reply out.
//!
//! First [`Dispatch::greet`], pure, inside the acknowledgement. Then, unless that was all, [`Dispatch::serve`]: who is this,
//! what is asked, may they, was it heard before, run it, close it. A command returns values; only here do they become replies.

use std::sync::Arc;

use tokio::sync::Notify;

use crate::change::{Asker, Decided, Failure, Linked, Pipeline, Proposed, Revealing};
use crate::chat::{
    Acknowledgement, Audience, Form, Greeting, Invocation, Message, Place, Reply, Said, Says, Text, Tone,
};
use crate::command::{self, Command, Mistake, Outcome, Ruling, Tools};
use crate::job::{Queries, Query};
use crate::random::Random;
use crate::store::{Heard, NewInvocation};
use crate::view;

/// What dispatching needs.
pub struct Parts {
    /// What commands work with.
    pub tools: Tools,
    /// Where changes go.
    pub pipeline: Arc<Pipeline>,
    /// Where questions are noted.
    pub queries: Arc<Queries>,
    /// Ids of buttons and incidents.
    pub random: Random,
    /// Wakes whoever delivers messages and does jobs.
    pub wake: Arc<Notify>,
}

/// Takes what was said to the commands, and their answers back.
pub struct Dispatch {
    tools: Tools,
    pipeline: Arc<Pipeline>,
    queries: Arc<Queries>,
    random: Random,
    wake: Arc<Notify>,
}

/// What was asked, once it is understood.
struct Asked {
    command: Command,
    words: Vec<String>,
}

impl Dispatch {
    /// A dispatch of these parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let Parts { tools, pipeline, queries, random, wake } = parts;
        Self { tools, pipeline, queries, random, wake }
    }

    /// The root command as people type it.
    #[must_use]
    pub fn root(&self) -> String {
        self.tools.rules.now().command.clone()
    }

    /// The first answer: pure, no lookup, made inside the acknowledgement.
    #[must_use]
    pub fn greet(&self, invocation: &Invocation) -> Greeting {
        self.greeting(invocation).rooted(&self.root())
    }

    fn greeting(&self, invocation: &Invocation) -> Greeting {
        if command::not_ours(invocation).is_some() {
            // Refused by `serve`, which also writes it down.
            return Greeting::Wait(Audience::Asker);
        }
        match &invocation.said {
            Said::Command(words) => match command::parse(words) {
                Ok(Command::Help(help)) => Greeting::Answer(command::help(&self.root(), &help.topic)),
                Ok(_) => Greeting::Wait(Audience::Asker),
                Err(mistake) => match mistake.missing().and_then(command::form) {
                    Some(form) => Greeting::Open(Box::new(form)),
                    None => Greeting::Answer(mistake.message()),
                },
            },
            Said::Press(token) => match token.acknowledgement {
                Acknowledgement::Say => Greeting::Wait(Audience::Everyone),
                Acknowledgement::Whisper => Greeting::Wait(Audience::Asker),
                Acknowledgement::Edit => Greeting::Wait(Audience::SameMessage),
                Acknowledgement::Open => Greeting::Open(Box::new(Form::new("One moment", &[], Vec::new()))),
            },
            Said::Form(..) | Said::Shortcut(..) | Said::Typing(_) | Said::Opened => Greeting::Wait(Audience::Asker),
        }
    }

    /// The whole answer. Never fails: what goes wrong is told.
    pub async fn serve(&self, invocation: Invocation) -> Reply {
        let audience = match self.greet(&invocation) {
            Greeting::Wait(audience) => audience,
            Greeting::Answer(_) | Greeting::Open(_) => Audience::Asker,
        };
        let says = match self.try_serve(&invocation).await {
            Ok(says) => says,
            Err(failure) => Says::Message(self.fail(&invocation, failure)),
        };
        self.wake.notify_one();
        // A failure does not replace the message with the button: the next press may do better.
        let audience = match (&says, audience) {
            (Says::Message(message), Audience::SameMessage) if matches!(message.tone, Tone::Bad | Tone::Warning) => {
                Audience::Asker
            }
            _ => audience,
        };
        Reply { audience, says }
    }

    /// The whole answer, or why there is none: for the command line, whose exit status tells the kinds of failure apart.
    ///
    /// # Errors
    ///
    /// Any [`Failure`]; nothing has changed then, unless its text says so. Its commands are without the root still.
    pub async fn try_serve(&self, invocation: &Invocation) -> Result<Says, Failure> {
        Ok(self.served(invocation).await?.rooted(&self.root()))
    }

    async fn served(&self, invocation: &Invocation) -> Result<Says, Failure> {
        if let Some(refusal) = command::not_ours(invocation) {
            self.note(invocation, "nobody", refusal.kind()).await?;
            return Err(refusal);
        }
        let tools = &self.tools;
        let asker = Asker::meet(
            &tools.store,
            &tools.rules.now(),
            &invocation.who,
            invocation.standing.clone(),
            tools.clock.now(),
        )
        .await?;
        self.pipeline.watch_address(&asker).await?;
        if let Said::Typing(words) = &invocation.said {
            return Ok(Says::Suggestions(command::suggestions(tools, &asker, words).await?));
        }
        let words = self.words(invocation).await?;
        let asked = match command::parse(&words) {
            Ok(command) => Asked { command, words },
            Err(mistake) => return self.mistaken(&mistake, invocation, &words).await,
        };
        let verb = asked.command.verb();
        if let Err(refusal) = command::allowed(&asked.command, &asker) {
            self.note(invocation, verb, refusal.kind()).await?;
            return Err(refusal);
        }
        let place = invocation.place.channel.as_str();
        let row = NewInvocation { id: &invocation.id, who: &invocation.who, verb, place, at: tools.clock.now() };
        if tools.store.hear(&row).await? == Heard::Again {
            return Ok(Says::Nothing);
        }
        let only_looks = asked.command.only_looks();
        let outcome = Box::pin(self.run(asked, &asker, &invocation.place)).await;
        let word = match &outcome {
            Ok((word, _)) => word,
            Err(failure) => failure.kind(),
        };
        metrics::counter!("steward_invocations_total", "verb" => verb, "outcome" => word).increment(1);
        let closed = tools.store.close_invocation(&invocation.id, word, tools.clock.now()).await;
        if only_looks || outcome.is_err() {
            self.note(invocation, verb, word).await?;
        }
        let says = outcome?.1;
        let bare = match &says {
            Says::Message(message) if !only_looks => Some(message.without_buttons()),
            _ => None,
        };
        let answer = match closed {
            Ok(()) => self.stowed(says).await,
            Err(error) => Err(error.into()),
        };
        answer.or_else(|failure| done_all_the_same(failure, bare))
    }

    /// The command behind what was done: typed, pressed, sent by a form, or opened.
    async fn words(&self, invocation: &Invocation) -> Result<Vec<String>, Failure> {
        let stored = |id: String| async move {
            let words = self.tools.store.pressed(&id).await?;
            words.ok_or_else(|| {
                Failure::mistake(
                    "This button is too old.",
                    Text::plain("Nothing was changed. Ask again with ").command("").then("."),
                )
            })
        };
        Ok(match &invocation.said {
            Said::Command(words) => words.clone(),
            Said::Press(token) => stored(token.id.clone()).await?,
            Said::Form(token, entered) => Form::completed(&stored(token.id.clone()).await?, entered),
            Said::Opened => vec!["home".to_owned()],
            Said::Shortcut(name, on) => shortcut(name, on),
            Said::Typing(_) => Vec::new(),
        })
    }

    /// A command that lacks something opens a form; a form with a mistake opens again, with everything that was entered; any
    /// other mistake is a sentence.
    async fn mistaken(&self, mistake: &Mistake, invocation: &Invocation, words: &[String]) -> Result<Says, Failure> {
        if let Some(form) = mistake.missing().and_then(command::form) {
            return self.stowed(Says::Form(Box::new(form))).await;
        }
        if let Said::Form(_, entered) = &invocation.said
            && let Some(mut form) = command::form_again(words, entered)
        {
            form.errors.push((String::new(), mistake.text().clone().rooted(&self.root()).to_plain()));
            return self.stowed(Says::Form(Box::new(form))).await;
        }
        Ok(Says::Message(mistake.message()))
    }

    async fn run(&self, asked: Asked, asker: &Asker, place: &Place) -> Result<(&'static str, Says), Failure> {
        let Asked { command, words } = asked;
        let outcome = command.run(&self.tools, asker).await?;
        let word = outcome.kind();
        let says = match outcome {
            Outcome::Says(message) => Says::Message(*message),
            Outcome::Opens(form) => Says::Form(form),
            Outcome::Home(home) => Says::Home(home),
            Outcome::Proposes(request) => proposed(self.pipeline.propose(*request, asker).await?, &words),
            Outcome::Decides(ruling) => self.rule(ruling, (asker, place), &words).await?,
            Outcome::Links(linking) => match self.pipeline.link(linking, asker).await? {
                Linked::Says(message) => Says::Message(*message),
                Linked::Asked(asked) => proposed(*asked, &words),
            },
            Outcome::Reveals(id) => revealed(self.pipeline.reveal(&id, asker).await?),
            Outcome::Mints(id) => revealed(Box::pin(self.pipeline.mint(&id, asker)).await?),
            Outcome::Leaks(keys) => Says::Message(self.pipeline.leak(keys, asker).await?),
            Outcome::Wonders(wonder) => {
                Says::Message(view::policy::explained(&Box::pin(self.pipeline.explain(*wonder)).await?))
            }
        };
        Ok((word, says))
    }

    async fn rule(&self, ruling: Ruling, (asker, place): (&Asker, &Place), words: &[String]) -> Result<Says, Failure> {
        let decided = match ruling {
            Ruling::Approve(id) => self.pipeline.approve(&id, asker).await?,
            Ruling::Deny(id, reason) => self.pipeline.deny(&id, asker, reason.as_deref()).await?,
            Ruling::Withdraw(id) => self.pipeline.withdraw(&id, asker).await?,
            Ruling::Override(id, reason) => self.pipeline.break_glass(&id, asker, &reason).await?,
            Ruling::Question(id, text) => return Ok(Says::Message(self.pipeline.ask_back(&id, asker, &text).await?)),
            Ruling::Answer(id, text) => return Ok(Says::Message(self.pipeline.answer(&id, asker, &text).await?)),
            Ruling::Settle { id, made } => {
                return Ok(Says::Message(view::answer(&self.pipeline.settle_parked(&id, asker, made).await?)));
            }
            Ruling::Later(person) => return Ok(Says::Message(self.pipeline.leave_for_later(&person, asker).await?)),
            Ruling::Drift(ruling) => return Ok(Says::Message(self.pipeline.settle_drift(ruling, asker).await?)),
            Ruling::Expect(it) => return Ok(Says::Message(self.pipeline.expect_spend(&it, asker).await?)),
            Ruling::Report(reporting, channel) => {
                let said = self.pipeline.report(reporting, channel.as_deref(), (asker, place)).await?;
                return Ok(Says::Message(said));
            }
            Ruling::Again(id, undoing) => return Ok(proposed(self.pipeline.again(&id, asker, undoing).await?, words)),
            Ruling::Undo(id, undoing) => return Ok(proposed(self.pipeline.undo(&id, asker, undoing).await?, words)),
        };
        Ok(Says::Message(match decided {
            Decided::Yes(change) => view::answer(&change),
            Decided::Counted(change) => view::counted(&change),
            Decided::TooLate(change) => view::too_late(&change),
        }))
    }

    /// Stores the commands behind the buttons and forms of an answer, so that they can be pressed.
    async fn stowed(&self, mut says: Says) -> Result<Says, Failure> {
        let has_buttons = match &mut says {
            Says::Message(message) => message.buttons_mut().next().is_some(),
            Says::Form(_) => true,
            Says::Home(home) => home.sections.iter_mut().any(|it| it.buttons_mut().next().is_some()),
            Says::Suggestions(_) | Says::Secret(..) | Says::Nothing => false,
        };
        if !has_buttons {
            return Ok(says);
        }
        let (store, at) = (&self.tools.store, self.tools.clock.now());
        let mut tx = store.begin().await?;
        match &mut says {
            Says::Message(message) => store.stow(&mut tx, message, &self.random, at).await?,
            Says::Form(form) => store.stow_form(&mut tx, form, &self.random, at).await?,
            Says::Home(home) => {
                for section in &mut home.sections {
                    store.stow(&mut tx, section, &self.random, at).await?;
                }
            }
            Says::Suggestions(_) | Says::Secret(..) | Says::Nothing => {}
        }
        store.commit(tx).await?;
        Ok(says)
    }

    async fn note(&self, invocation: &Invocation, verb: &str, outcome: &str) -> Result<(), Failure> {
        let query = Query {
            at: self.tools.clock.now(),
            actor: invocation.who.to_string(),
            verb: verb.to_owned(),
            outcome: outcome.to_owned(),
        };
        self.queries.note(query).await
    }

    fn fail(&self, invocation: &Invocation, failure: Failure) -> Message {
        let incident = self.random.short(8);
        if matches!(failure, Failure::Internal(_) | Failure::Upstream(_)) {
            tracing::error!(%incident, who = %invocation.who, trouble = %failure.logged(), "a command failed");
        }
        failure.told(&incident).rooted(&self.root())
    }
}

/// What was done is told even if it could not be written down that it was told, or what is behind its buttons: it stands.
fn done_all_the_same(failure: Failure, bare: Option<Message>) -> Result<Says, Failure> {
    let Some(bare) = bare else { return Err(failure) };
    tracing::error!(trouble = %failure.logged(), "an answer is told without its buttons");
    Ok(Says::Message(bare))
}

/// A shortcut's id is a command. The text that it was used on goes to the one command that wants it, and nowhere else.
fn shortcut(name: &str, on: &str) -> Vec<String> {
    let mut words: Vec<String> = name.split('_').map(str::to_owned).collect();
    if name == "key_leak" && !on.trim().is_empty() {
        words.push(on.to_owned());
    }
    words
}

fn revealed(revealing: Revealing) -> Says {
    match revealing {
        Revealing::Secret(handle, message) => Says::Secret(handle, *message),
        Revealing::Says(message) => Says::Message(*message),
    }
}

fn proposed(proposed: Proposed, words: &[String]) -> Says {
    match proposed {
        Proposed::Planned(plan, decision) => Says::Message(view::plan(&plan, &decision)),
        Proposed::Stands(change) => Says::Message(view::answer(&change)),
        Proposed::Open(change) => Says::Message(view::asked_already(&change)),
        Proposed::Unconfirmed { summary, expected } => {
            Says::Form(Box::new(command::confirmation(words, &summary, &expected)))
        }
    }
}
