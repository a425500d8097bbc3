//! What goes back to the platform: first a greeting, without a lookup, then one reply.

use super::{Block, Form, Message, SecretHandle};

/// Who sees an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everybody where it was asked.
    Everyone,
    /// The asker alone.
    Asker,
    /// Nobody new: the message with the pressed button changes.
    SameMessage,
}

/// The first answer, pure, in the acknowledgement.
#[derive(Clone, Debug, PartialEq)]
pub enum Greeting {
    /// All there is to say.
    Answer(Message),
    /// Work follows; its answer will have this audience.
    Wait(Audience),
    /// A form opens at once, shown as loading; the reply fills it.
    Open(Box<Form>),
}

/// A person's start page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Home {
    /// Its parts, from top to bottom.
    pub sections: Vec<Message>,
}

impl Home {
    /// The page as one message, for where a platform has no place of its own for it. No button is lost.
    #[must_use]
    pub fn into_message(self) -> Message {
        let mut sections = self.sections.into_iter();
        let mut message = sections.next().unwrap_or_default();
        for section in sections {
            let Message { text, blocks, hint, buttons, .. } = section;
            message.blocks.push(Block::Buttons(std::mem::take(&mut message.buttons)));
            message.blocks.push(Block::Paragraph(text));
            message.blocks.extend(blocks);
            message.blocks.extend(hint.map(Block::Paragraph));
            message.buttons = buttons;
        }
        message
    }
}

/// What is said.
#[derive(Clone, Debug, PartialEq)]
pub enum Says {
    /// A message.
    Message(Message),
    /// A form, filled.
    Form(Box<Form>),
    /// The start page.
    Home(Home),
    /// Suggestions while typing: what is inserted, what is read.
    Suggestions(Vec<(String, String)>),
    /// A secret, for the asker alone; the messenger opens it through the vault.
    Secret(SecretHandle, Message),
    /// Nothing: a repeated delivery whose first one was answered.
    Nothing,
}

/// One reply to one invocation.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// Who sees it.
    pub audience: Audience,
    /// What they see.
    pub says: Says,
}
