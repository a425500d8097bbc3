//! What people are told: a headline, blocks below it, buttons, a hint. Markup is born in a platform's `render`, not here.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Badge, Chart, File, Text, Tone};

/// How a press is acknowledged, before anything is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Acknowledgement {
    /// The answer will be seen by everybody in the channel.
    Say,
    /// The answer will be seen by the presser alone.
    Whisper,
    /// The message with the button will change.
    Edit,
    /// A form will open.
    Open,
}

impl Acknowledgement {
    /// The word in a token.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Say => "say",
            Self::Whisper => "whisper",
            Self::Edit => "edit",
            Self::Open => "open",
        }
    }
}

/// What a button or a form carries: `<acknowledgement>.<random id>`. The id names a stored command; it grants nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Token {
    /// How it is acknowledged.
    pub acknowledgement: Acknowledgement,
    /// The stored command.
    pub id: String,
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.acknowledgement.as_str(), self.id)
    }
}

impl FromStr for Token {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (word, id) = text.split_once('.').ok_or("a token has two parts")?;
        let known = [Acknowledgement::Say, Acknowledgement::Whisper, Acknowledgement::Edit, Acknowledgement::Open];
        let acknowledgement = known.into_iter().find(|it| it.as_str() == word).ok_or("unknown acknowledgement")?;
        if id.is_empty() || id.len() > 64 || !id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return Err("a token's id is letters and digits");
        }
        Ok(Self { acknowledgement, id: id.to_owned() })
    }
}

impl TryFrom<String> for Token {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Token> for String {
    fn from(token: Token) -> Self {
        token.to_string()
    }
}

/// How a button looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ButtonStyle {
    /// Like any other.
    #[default]
    Plain,
    /// What is usually pressed.
    Primary,
    /// What cannot be taken back easily.
    Danger,
}

/// The question before a press counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirm {
    /// The question.
    pub title: String,
    /// What will happen.
    pub text: String,
    /// What the button of agreement says.
    pub agree: String,
}

/// A stored command to press.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What is read on it.
    pub label: String,
    /// What a screen reader says, where the label alone repeats: "Approve the invitation of lea@example.com".
    pub describes: String,
    /// How it looks.
    pub style: ButtonStyle,
    /// The question before it counts.
    pub confirm: Option<Confirm>,
    /// How a press is acknowledged.
    pub acknowledgement: Acknowledgement,
    /// The command that a press runs, as the presser.
    pub words: Vec<String>,
    /// The id that a press carries; given when the message is stored for sending. Without it a button does nothing.
    pub token: Option<Token>,
}

impl Button {
    /// A button that runs `words` as the presser and answers the presser alone.
    #[must_use]
    pub fn new(label: &str, words: &[&str]) -> Self {
        Self {
            label: label.into(),
            describes: label.into(),
            style: ButtonStyle::Plain,
            confirm: None,
            acknowledgement: Acknowledgement::Whisper,
            words: words.iter().map(ToString::to_string).collect(),
            token: None,
        }
    }

    /// The same, acknowledged in another way.
    #[must_use]
    pub fn acknowledged(mut self, how: Acknowledgement) -> Self {
        self.acknowledgement = how;
        self
    }

    /// The same, in another style.
    #[must_use]
    pub fn style(mut self, style: ButtonStyle) -> Self {
        self.style = style;
        self
    }

    /// The same, described in full for screen readers.
    #[must_use]
    pub fn describes(mut self, text: impl Into<String>) -> Self {
        self.describes = text.into();
        self
    }

    /// The same, with a question before it counts.
    #[must_use]
    pub fn confirm(mut self, title: &str, text: impl Into<String>, agree: &str) -> Self {
        self.confirm = Some(Confirm { title: title.into(), text: text.into(), agree: agree.into() });
        self
    }
}

/// Rows under named columns.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// What is listed, for screen readers.
    pub caption: String,
    /// The columns' names.
    pub columns: Vec<String>,
    /// The rows, one text per column.
    pub rows: Vec<Vec<Text>>,
}

/// Names a sealed secret in the store. Holding it is not enough to open it: person and deadline are checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretHandle(pub String);

/// Something below the headline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// A paragraph.
    Paragraph(Text),
    /// A smaller headline.
    Heading(String),
    /// Names and values.
    Fields(Vec<(String, Text)>),
    /// A table.
    Table(Table),
    /// A chart.
    Chart(Chart),
    /// Typed literally, several lines.
    Code(String),
    /// A secret, shown to the one person it is for.
    Secret(SecretHandle),
    /// Buttons between blocks, such as a row's own.
    Buttons(Vec<Button>),
    /// A file that goes along.
    File(File),
    /// More of the same: in a thread below, where the platform has one and the message stays.
    Details(Details),
}

/// What only some want to read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Details {
    /// What it is about.
    pub title: String,
    /// What is read. Neither buttons, nor secrets, nor files: those stand in the message itself.
    pub blocks: Vec<Block>,
}

/// What people are told.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// The headline; complete by itself, it is what notifications and screen readers get.
    pub text: Text,
    /// A word beside it.
    pub badge: Option<Badge>,
    /// The colour of its edge.
    pub tone: Tone,
    /// What stands below.
    pub blocks: Vec<Block>,
    /// How to go on.
    pub hint: Option<Text>,
    /// What can be pressed.
    pub buttons: Vec<Button>,
}

impl Message {
    /// A message with this headline.
    #[must_use]
    pub fn new(text: impl Into<Text>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A message of plain words.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self::new(Text::plain(text))
    }

    /// The same, with a sentence on how to go on.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Text>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same, with a block below.
    #[must_use]
    pub fn block(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }

    /// The same, with a paragraph below.
    #[must_use]
    pub fn paragraph(self, text: impl Into<Text>) -> Self {
        self.block(Block::Paragraph(text.into()))
    }

    /// The same, with names and values below.
    #[must_use]
    pub fn fields<N: Into<String>>(self, fields: impl IntoIterator<Item = (N, Text)>) -> Self {
        self.block(Block::Fields(fields.into_iter().map(|(name, value)| (name.into(), value)).collect()))
    }

    /// The same, with a button.
    #[must_use]
    pub fn button(mut self, button: Button) -> Self {
        self.buttons.push(button);
        self
    }

    /// The same, in a tone.
    #[must_use]
    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }

    /// The same, with a word beside the headline.
    #[must_use]
    pub fn badge(mut self, label: &str, tone: Tone) -> Self {
        self.badge = Some(Badge { label: label.into(), tone });
        self
    }

    /// What stands in the message itself, where details come below it.
    #[must_use]
    pub fn without_details(&self) -> Self {
        let mut message = self.clone();
        message.blocks.retain(|it| !matches!(it, Block::Details(_)));
        message
    }

    /// What can be told where nothing behind a button can be kept.
    #[must_use]
    pub fn without_buttons(&self) -> Self {
        let mut message = self.clone();
        message.buttons.clear();
        message.blocks.retain(|it| !matches!(it, Block::Buttons(_)));
        message
    }

    /// Every button, also those between blocks, so that they can be stored before the message is sent.
    pub fn buttons_mut(&mut self) -> impl Iterator<Item = &mut Button> {
        let inner = self.blocks.iter_mut().filter_map(|block| match block {
            Block::Buttons(buttons) => Some(buttons.iter_mut()),
            _ => None,
        });
        inner.flatten().chain(self.buttons.iter_mut())
    }
}
