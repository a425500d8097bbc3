//! One thing that somebody did in a chat, translated: everything that only the platform knows comes along.

use serde::{Deserialize, Serialize};

use super::{Account, Standing, Token};
use crate::clock::Moment;

/// What tells deliveries apart. A platform may deliver one act twice, with another delivery id but the same logical one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct InvocationId {
    /// The delivery: an envelope id or a signature.
    pub delivery: String,
    /// The act: a trigger id, an interaction id, a press on a message at a moment.
    pub logical: String,
}

impl InvocationId {
    /// One id for both, where the platform has only one.
    #[must_use]
    pub fn single(id: impl Into<String>) -> Self {
        let id = id.into();
        Self { delivery: id.clone(), logical: id }
    }
}

/// Where it was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The channel, written as in the configuration: `slack:C0APPROVE`, `browser:general`.
    pub channel: String,
    /// True in a conversation with the bot alone.
    pub direct: bool,
}

/// What was said or done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// A command, split into words, without the root command.
    Command(Vec<String>),
    /// A button was pressed.
    Press(Token),
    /// A form was sent: its token, and what was entered by field name.
    Form(Token, Vec<(String, String)>),
    /// A shortcut on the platform's menu, with the text it was used on. The text is neither stored nor logged.
    Shortcut(String, String),
    /// Somebody is typing: the words so far, the last one incomplete.
    Typing(Vec<String>),
    /// The home page was opened.
    Opened,
}

/// One thing that somebody did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// What tells deliveries apart.
    pub id: InvocationId,
    /// Who did it.
    pub who: Account,
    /// What the platform says of them, now.
    pub standing: Standing,
    /// Where.
    pub place: Place,
    /// What.
    pub said: Said,
    /// When it reached us.
    pub at: Moment,
}
