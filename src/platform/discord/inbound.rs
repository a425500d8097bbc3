//! From an interaction to what somebody did, and where the answer to it goes.

use serde_json::Value;

use super::buttons::SURE;
use super::forms::{FILL, FORM, PICK, Picks, SEND, SHEET, entered, picks_of, token_of};
use super::payload::{id, list, number, with_references};
use super::people::People;
use crate::chat::{Account, Acknowledgement, Invocation, InvocationId, Place, Said, Standing, Token};
use crate::clock::Moment;
use crate::command::manifest::LEAK_COMMAND;
use crate::platform::fields::{owned, text};

/// Interaction types. <https://docs.discord.com/developers/interactions/receiving-and-responding>
const PING: u64 = 1;
const COMMAND: u64 = 2;
const COMPONENT: u64 = 3;
const AUTOCOMPLETE: u64 = 4;
const MODAL: u64 = 5;
/// Command types: typed, and on a message's menu.
const TYPED: u64 = 1;
const ON_MESSAGE: u64 = 3;
/// Option types that hold options themselves.
const BELOW: [u64; 2] = [1, 2];
/// Only one person sees the message.
pub(super) const EPHEMERAL: u64 = 64;

/// Something that a person did.
#[derive(Clone)]
pub(super) struct Act {
    /// The interaction's id.
    pub(super) id: String,
    /// The person's id in Discord.
    pub(super) user: String,
    pub(super) channel: Option<String>,
    /// In a conversation with the bot.
    pub(super) is_direct: bool,
    /// What the interaction itself says of them; none if Discord has to be asked.
    pub(super) standing: Option<Standing>,
    pub(super) said: Said,
    /// Takes answers for a quarter of an hour. A secret of sorts: not logged, not stored.
    pub(super) token: String,
    pub(super) from: From,
}

/// Where it was done, as far as that decides how it is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum From {
    /// A command, or a modal that stands alone.
    Command,
    /// A button on a message. The flag says that only this person sees it.
    Button {
        /// Whether the message is for one person.
        is_ephemeral: bool,
    },
    /// The button of a sheet that opens the form's modal, and what was chosen.
    Fill(Picks),
    /// Our own message with the choices: the answer takes its place.
    Sheet,
    /// A modal over a message of everybody's, which is left alone.
    Modal,
}

/// What an interaction comes to.
pub(super) enum Inbound {
    /// Discord looks whether somebody is there.
    Ping,
    /// Somebody did something.
    Act(Box<Act>),
    /// A button that asks before it counts: its name, and its label.
    Sure(String, String),
    /// A choice in a sheet: the sheet's components, the select's name, what was chosen.
    Picked(Value, String, Option<String>),
    /// Something that is not understood; it is answered with an apology.
    Puzzle,
}

/// What an interaction comes to. Nothing is looked up for that.
pub(super) fn understood(payload: &Value, people: &People) -> Inbound {
    if number(payload, "/type") == Some(PING) {
        return Inbound::Ping;
    }
    let name = text(payload, "/data/custom_id").unwrap_or_default();
    if number(payload, "/type") == Some(COMPONENT) {
        if let Some(token) = name.strip_prefix(SURE) {
            return Inbound::Sure(token.to_owned(), label(payload, name).unwrap_or_default());
        }
        if name.starts_with(PICK) {
            let chosen = list(payload, "/data/values").first().and_then(Value::as_str).map(str::to_owned);
            return Inbound::Picked(payload["message"]["components"].clone(), name.to_owned(), chosen);
        }
    }
    act(payload, people).map_or(Inbound::Puzzle, |act| Inbound::Act(Box::new(act)))
}

fn act(payload: &Value, people: &People) -> Option<Act> {
    let name = text(payload, "/data/custom_id").unwrap_or_default();
    let is_ephemeral = number(payload, "/message/flags").is_some_and(|it| it & EPHEMERAL != 0);
    let (said, from) = match number(payload, "/type")? {
        COMMAND => (command(payload)?, From::Command),
        AUTOCOMPLETE => (typing(payload)?, From::Command),
        COMPONENT if name.starts_with(FILL) => {
            let token = Token { acknowledgement: Acknowledgement::Open, ..token_of(name, FILL)? };
            (Said::Press(token), From::Fill(picks_of(name)))
        }
        COMPONENT if name.starts_with(SEND) => {
            (Said::Form(token_of(name, SEND)?, entered(picks_of(name))), From::Sheet)
        }
        COMPONENT => (Said::Press(name.parse().ok()?), From::Button { is_ephemeral }),
        MODAL if name.starts_with(SHEET) => {
            let from = if is_ephemeral { From::Sheet } else { From::Modal };
            (submitted(payload, token_of(name, SHEET)?, picks_of(name)), from)
        }
        MODAL if name.starts_with(FORM) => (submitted(payload, token_of(name, FORM)?, Vec::new()), From::Modal),
        _ => return None,
    };
    let is_direct = id(payload, "/guild_id").is_none();
    let user = if is_direct { id(payload, "/user/id") } else { id(payload, "/member/user/id") };
    Some(Act {
        id: id(payload, "/id")?,
        user: user?,
        channel: id(payload, "/channel_id"),
        is_direct,
        standing: people.told(payload),
        said,
        token: owned(payload, "/token")?,
        from,
    })
}

/// The label of a pressed button.
fn label(payload: &Value, name: &str) -> Option<String> {
    let rows = list(payload, "/message/components").iter();
    let mut parts = rows.flat_map(|row| list(row, "/components"));
    parts.find(|it| text(it, "/custom_id") == Some(name)).and_then(|it| owned(it, "/label"))
}

fn command(payload: &Value) -> Option<Said> {
    match number(payload, "/data/type")? {
        TYPED => {
            let (mut words, options) = path(payload);
            words.extend(options.iter().filter_map(argument));
            Some(Said::Command(words))
        }
        ON_MESSAGE if text(payload, "/data/name") == Some(LEAK_COMMAND) => {
            let target = id(payload, "/data/target_id")?;
            let message = payload.pointer(&format!("/data/resolved/messages/{target}"))?;
            Some(Said::Shortcut("key_leak".to_owned(), owned(message, "/content").unwrap_or_default()))
        }
        _ => None,
    }
}

/// The words that lead to the command, and its options.
fn path(payload: &Value) -> (Vec<String>, &[Value]) {
    let (mut words, mut options) = (Vec::new(), list(payload, "/data/options"));
    while let [one] = options {
        let (Some(name), true) = (text(one, "/name"), number(one, "/type").is_some_and(|it| BELOW.contains(&it)))
        else {
            break;
        };
        words.push(name.to_owned());
        options = list(one, "/options");
    }
    (words, options)
}

/// An option as an argument. It is one word whatever stands in it: nothing in a value can be read as another option.
fn argument(option: &Value) -> Option<String> {
    let name = text(option, "/name")?;
    match &option["value"] {
        Value::Bool(true) => Some(format!("--{name}")),
        Value::String(value) => Some(format!("--{name}={}", with_references(value))),
        Value::Number(value) => Some(format!("--{name}={value}")),
        _ => None,
    }
}

/// What is being typed: the command and its options so far, then the one with the cursor in it.
fn typing(payload: &Value) -> Option<Said> {
    let (mut words, options) = path(payload);
    let is_focused = |it: &&Value| it["focused"] == true;
    let focused = options.iter().find(is_focused)?;
    words.extend(options.iter().filter(|it| !is_focused(it)).filter_map(argument));
    words.push(format!("--{}", text(focused, "/name")?));
    words.push(owned(focused, "/value").unwrap_or_default());
    Some(Said::Typing(words))
}

fn submitted(payload: &Value, token: Token, picks: Picks) -> Said {
    let rows = list(payload, "/data/components").iter();
    let inputs = rows.flat_map(|row| list(row, "/components"));
    let texts = inputs.filter_map(|it| Some((owned(it, "/custom_id")?, owned(it, "/value").unwrap_or_default())));
    Said::Form(token, entered(picks).into_iter().chain(texts).collect())
}

impl Act {
    /// The same act, for whoever else works on it.
    pub(super) fn again(&self) -> Self {
        self.clone()
    }

    /// The invocation, once it is known what Discord says of the person.
    pub(super) fn invocation(&self, standing: Standing, at: Moment) -> Invocation {
        Invocation {
            id: InvocationId::single(format!("discord:{}", self.id)),
            who: Account::discord(&self.user),
            standing,
            place: Place {
                channel: format!("discord:{}", self.channel.as_deref().unwrap_or("home")),
                direct: self.is_direct,
            },
            said: self.said.clone(),
            at,
        }
    }
}
