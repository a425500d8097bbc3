//! One invocation and what its person sees new: greeted first, served after, delivered into the room.

use std::sync::Arc;

use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::history::Entry;
use super::{BOT, Parts, render};
use crate::chat::{Audience, Form, Greeting, Home, Invocation, Message, Reply, Says, SecretHandle};
use crate::view;

/// Where an answer belongs: who asked, in which channel, on what.
#[derive(Clone, Default)]
pub(super) struct Origin {
    /// The asker's id.
    pub(super) person: String,
    /// The channel's id.
    pub(super) channel: String,
    /// The message whose button was pressed.
    pub(super) pressed: Option<u64>,
    /// The message that holds the form that was sent.
    pub(super) form: Option<u64>,
    /// The command, without what was entered: people paste keys.
    pub(super) command: Option<String>,
}

/// What an asker sees new.
#[derive(Default)]
pub(super) struct Heard {
    messages: Vec<Arc<Entry>>,
    home: Option<Value>,
    secret: Option<Value>,
}

impl Heard {
    pub(super) fn message(entry: Arc<Entry>) -> Self {
        Self { messages: vec![entry], ..Self::default() }
    }

    /// `{messages}`, with `home` and `secret` where there is one.
    pub(super) fn to_json(&self) -> Value {
        let messages = self.messages.iter().map(|it| render::entry(it));
        let mut value = json!({ "messages": messages.collect::<Vec<_>>() });
        if let Some(home) = &self.home {
            value["home"] = home.clone();
        }
        if let Some(secret) = &self.secret {
            value["secret"] = secret.clone();
        }
        value
    }
}

/// Asks for the first answer and, unless that says it all, for the whole one.
pub(super) async fn answer(parts: &Parts, invocation: Invocation) -> Reply {
    match parts.answers.greet(&invocation) {
        Greeting::Answer(message) => Reply { audience: Audience::Asker, says: Says::Message(message) },
        Greeting::Wait(_) | Greeting::Open(_) => parts.answers.serve(invocation).await,
    }
}

/// Answers, and puts the answer where its audience sees it.
pub(super) async fn converse(parts: &Parts, invocation: Invocation, origin: Origin) -> Heard {
    let account = invocation.who.clone();
    let reply = answer(parts, invocation).await;
    if let (Some(form), false) = (origin.form, matches!(reply.says, Says::Form(_) | Says::Nothing)) {
        parts.room.form_sent(form);
    }
    match reply.says {
        Says::Message(message) => Heard::message(deliver(parts, &origin, reply.audience, message)),
        Says::Form(form) => Heard::message(open_form(parts, &origin, *form)),
        Says::Home(home) => Heard { home: Some(open_home(parts, &origin.person, home)), ..Heard::default() },
        Says::Secret(handle, message) => reveal(parts, &origin, (&handle, &account), message).await,
        Says::Suggestions(_) | Says::Nothing => Heard::default(),
    }
}

fn deliver(parts: &Parts, origin: &Origin, audience: Audience, message: Message) -> Arc<Entry> {
    let pressed = origin.pressed.filter(|_| audience == Audience::SameMessage);
    if let Some(entry) = pressed.and_then(|id| parts.room.edit(id, message.clone())) {
        return entry;
    }
    let mut entry = Entry::new(&origin.channel, BOT, message, parts.room.now());
    // A conversation with the bot has no other reader, so nothing in it needs to be for one person only.
    let direct = origin.channel.starts_with('@');
    entry.only = (audience != Audience::Everyone && !direct).then(|| origin.person.clone());
    entry.asked = origin.command.clone().map(|command| (origin.person.clone(), command));
    parts.room.post(entry)
}

fn open_form(parts: &Parts, origin: &Origin, form: Form) -> Arc<Entry> {
    if let Some(entry) = origin.form.and_then(|id| parts.room.refill(id, form.clone())) {
        return entry;
    }
    let mut entry = Entry::new(&origin.channel, BOT, Message::plain(form.title.clone()), parts.room.now());
    entry.only = Some(origin.person.clone());
    entry.opened_on = origin.pressed;
    entry.form = Some(form);
    parts.room.post(entry)
}

/// Keeps the start page, so that its buttons can be pressed, and lays it out.
pub(super) fn open_home(parts: &Parts, person: &str, home: Home) -> Value {
    let sections: Vec<Value> = home.sections.iter().map(|section| render::message("home", section)).collect();
    parts.room.keep_home(person, home);
    json!({ "sections": sections })
}

/// Opens the secret for this one answer. The message beside it goes into the room, the secret never does.
async fn reveal(
    parts: &Parts,
    origin: &Origin,
    (handle, account): (&SecretHandle, &crate::chat::Account),
    message: Message,
) -> Heard {
    match parts.vault.open(handle, account).await {
        Ok(revealed) => {
            let secret = json!({
                "value": revealed.secret.expose_secret(),
                "until": revealed.until.map(|it| it.to_string()),
                "message": render::message("secret", &message),
            });
            // How to use it stands in the dialog; the room keeps that it was shown, and how to look again.
            let told = Message { blocks: Vec::new(), ..message };
            let entry = deliver(parts, origin, Audience::Asker, told);
            Heard { messages: vec![entry], secret: Some(secret), ..Heard::default() }
        }
        Err(error) => Heard::message(deliver(parts, origin, Audience::Asker, view::secret::closed(error))),
    }
}
