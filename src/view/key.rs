//! What is said of API keys more than once. Never a secret: that goes from the vault straight into one reply.

use crate::chat::{Account, Acknowledgement, Block, Button, ButtonStyle, Message, Text, Tone};
use crate::clock::Moment;
use crate::domain::{Change, ChangeId};

/// How a program finds the key. None of it holds the secret, so that it can be copied anywhere.
const SNIPPETS: [(&str, &str); 4] = [
    ("Environment variable", "export ANTHROPIC_API_KEY=…"),
    ("Python", "from anthropic import Anthropic\nclient = Anthropic()  # reads ANTHROPIC_API_KEY"),
    (
        "TypeScript",
        "import Anthropic from \"@anthropic-ai/sdk\";\nconst client = new Anthropic();  // reads ANTHROPIC_API_KEY",
    ),
    (
        "curl",
        "curl https://api.anthropic.com/v1/messages \\\n  -H \"x-api-key: $ANTHROPIC_API_KEY\" \\\n  \
         -H \"anthropic-version: 2023-06-01\" -H \"content-type: application/json\" \\\n  \
         -d '{\"model\": \"claude-haiku-4-5\", \"max_tokens\": 64, \"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}]}'",
    ),
];

/// A key waits for its owner, who alone can reveal it.
#[must_use]
pub fn offered(id: &ChangeId, (name, workspace): (&str, &str), until: Moment) -> Message {
    Message::plain(format!("Your API key {name} for {workspace} is ready."))
        .block(Block::Paragraph(
            Text::plain("It begins to work when you reveal it, and only you can. Reveal it before ")
                .time(until)
                .then(", or it is archived."),
        ))
        .tone(Tone::Good)
        .button(reveal(id))
        .hint("Have a secrets manager at hand: you can look at it again for 15 minutes, and never after.")
}

/// A key has to be made in the Console, under this very name.
#[must_use]
pub fn to_be_made((name, workspace): (&str, &str), until: Moment) -> Message {
    Message::plain(format!("Your request is approved. Make the API key for {workspace} in the Claude Console now."))
        .block(Block::Paragraph(
            Text::plain("Under https://platform.claude.com/settings/keys choose Create key, the workspace ")
                .then(workspace)
                .then(", and this exact name:"),
        ))
        .block(Block::Code(name.into()))
        .tone(Tone::Good)
        .hint(
            Text::plain("It is recognized within a minute or two, if you or an admin made it, until ")
                .time(until)
                .then(". If you may not make keys, send this to an admin; the Console shows the key to whoever makes it, once."),
        )
}

/// The button that reveals a key.
#[must_use]
pub fn reveal(id: &ChangeId) -> Button {
    Button::new("Reveal", &["key", "reveal", &id.to_string()])
        .style(ButtonStyle::Primary)
        .acknowledged(Acknowledgement::Open)
        .describes("Reveal the API key to me alone")
}

/// What stands beside the secret.
#[must_use]
pub fn beside_the_secret(change: &Change, until: Moment) -> Message {
    let mut message = Message::plain("This is your API key. Store it in a secrets manager now.");
    for (name, code) in SNIPPETS {
        message = message.block(Block::Heading(name.into())).block(Block::Code(code.into()));
    }
    message.hint(
        Text::plain("Nobody else can see it. Until ")
            .time(until)
            .then(" you can look again, by the same button or with ")
            .command(format!("key reveal {}", change.id))
            .then("."),
    )
}

/// There is nothing to see yet.
#[must_use]
pub fn not_yet(change: &Change) -> Message {
    let note = change.note.clone().unwrap_or_else(|| format!("The request is {}.", change.state));
    Message::plain("There is no key to reveal yet.")
        .block(Block::Paragraph(Text::plain(note)))
        .tone(Tone::Warning)
        .hint(
            Text::plain("Nothing is lost. Try again in a minute, or see ")
                .command(format!("request show {}", change.id))
                .then("."),
        )
}

/// Nothing in a report looks like a key of this organization.
#[must_use]
pub fn no_leak() -> Message {
    Message::plain("Nothing in that is a key of this organization, so nothing was switched off.")
        .tone(Tone::Warning)
        .hint("What you entered is kept nowhere. If it is a key of another organization, whoever runs that one has to revoke it.")
}

/// A key that was reported, and whether the organization has confirmed that it is off.
#[derive(Clone, Copy, Debug)]
pub struct Leaked<'a> {
    /// What people call it.
    pub name: &'a str,
    /// What may be shown of it.
    pub hint: &'a str,
    /// True once it is off in the organization.
    pub is_off: bool,
}

impl Leaked<'_> {
    fn state(&self) -> &'static str {
        if self.is_off { "switched off" } else { "being switched off; it is tried until Anthropic confirms it" }
    }
}

/// What whoever reported is told.
#[must_use]
pub fn leaked(keys: &[Leaked<'_>]) -> Message {
    let is_off = keys.iter().all(|it| it.is_off);
    let text = match (keys, is_off) {
        ([one], true) => format!("The API key {} is switched off. Thank you.", one.name),
        ([one], false) => format!("The API key {} is being switched off. Thank you.", one.name),
        (several, true) => format!("{} API keys are switched off. Thank you.", several.len()),
        (several, false) => format!("{} API keys are being switched off. Thank you.", several.len()),
    };
    let fields = keys.iter().map(|it| (it.name.to_owned(), Text::plain(it.state())));
    Message::plain(text).tone(if is_off { Tone::Good } else { Tone::Warning }).fields(fields.collect::<Vec<_>>()).hint(
        "Their owners and the admins are told. What you entered is kept nowhere; remove it from where you saw it.",
    )
}

/// What the admins are told.
#[must_use]
pub fn leak_told(key: &Leaked<'_>, by: &Account) -> Message {
    Message::new(Text::new().mention(by).then(format!(" reported the API key {} as leaked.", key.name)))
        .tone(Tone::Bad)
        .fields(vec![("State", Text::plain(key.state())), ("Hint", Text::plain(key.hint))])
        .hint("Its owner is told, and asked to put another one in its place. Once nothing needs it, revoke it.")
}

/// What its owner is told; `again` is the command that asks for another one, as words.
#[must_use]
pub fn leak_told_owner(key: &Leaked<'_>, again: &[&str]) -> Message {
    Message::plain(format!("Your API key {} was reported as leaked, and is {}.", key.name, key.state()))
        .tone(Tone::Bad)
        .fields(vec![("Hint", Text::plain(key.hint))])
        .button(Button::new("Ask for another one", again).style(ButtonStyle::Primary))
        .hint("Whatever uses it fails until it has another one. Remove it from where it was seen.")
}
