//! Text with marked spans. Whatever a user typed is a plain span: it never becomes a mention, a link or markup.

use serde::{Deserialize, Serialize};

use super::Account;
use crate::clock::Moment;

/// A run of text with one meaning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    /// Read as it stands.
    Plain(String),
    /// Emphasised.
    Strong(String),
    /// Typed literally: an id, an option, a hint.
    Code(String),
    /// A command that people can type, without the root command; empty for the root command alone. It is completed
    /// where the text leaves the house ([`Text::rooted`]), so that whoever words it need not know the root.
    Command(String),
    /// The one way to mention somebody.
    Mention(Account),
    /// Mentions everybody in a group; written as in the configuration, `slack-group:S0ML`.
    Group(String),
    /// A link with a label. Only addresses of the house's own making.
    Link {
        /// What is read.
        label: String,
        /// Where it leads, `https://…`.
        url: String,
    },
    /// A moment, shown in the reader's zone where the platform can.
    Time(Moment),
}

/// A line or a paragraph.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text(Vec<Span>);

impl Text {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Text that is read as it stands.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self(vec![Span::Plain(text.into())])
    }

    /// Adds text that is read as it stands.
    #[must_use]
    pub fn then(self, text: impl Into<String>) -> Self {
        self.span(Span::Plain(text.into()))
    }

    /// Adds emphasised text.
    #[must_use]
    pub fn strong(self, text: impl Into<String>) -> Self {
        self.span(Span::Strong(text.into()))
    }

    /// Adds something typed literally.
    #[must_use]
    pub fn code(self, text: impl Into<String>) -> Self {
        self.span(Span::Code(text.into()))
    }

    /// Adds a command, without the root command: `request list`.
    #[must_use]
    pub fn command(self, words: impl Into<String>) -> Self {
        self.span(Span::Command(words.into()))
    }

    /// Adds a mention of an account.
    #[must_use]
    pub fn mention(self, account: &Account) -> Self {
        self.span(Span::Mention(account.clone()))
    }

    /// Adds a moment.
    #[must_use]
    pub fn time(self, at: Moment) -> Self {
        self.span(Span::Time(at))
    }

    /// Adds any span.
    #[must_use]
    pub fn span(mut self, span: Span) -> Self {
        self.0.push(span);
        self
    }

    /// Adds all spans of another text.
    #[must_use]
    pub fn join(mut self, other: Text) -> Self {
        self.0.extend(other.0);
        self
    }

    /// The spans, in order.
    #[must_use]
    pub fn spans(&self) -> &[Span] {
        &self.0
    }

    /// The same, with every command as people type it: `request list` becomes `/claude request list`.
    #[must_use]
    pub fn rooted(self, root: &str) -> Self {
        let complete = |span| match span {
            Span::Command(words) if words.is_empty() => Span::Code(root.to_owned()),
            Span::Command(words) => Span::Code(format!("{root} {words}")),
            other => other,
        };
        Self(self.0.into_iter().map(complete).collect())
    }

    /// True if nothing would be read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0
            .iter()
            .all(|span| matches!(span, Span::Plain(text) | Span::Strong(text) | Span::Code(text) if text.is_empty()))
    }

    /// The words alone, for notifications, screen readers, logs of tests and the command line. Times are UTC, to the minute.
    #[must_use]
    pub fn to_plain(&self) -> String {
        self.0
            .iter()
            .map(|span| match span {
                Span::Plain(text) | Span::Strong(text) | Span::Code(text) | Span::Command(text) => text.clone(),
                Span::Mention(account) => format!("@{}", account.id()),
                Span::Group(group) => format!("@{}", group.rsplit(':').next().unwrap_or(group)),
                Span::Link { label, .. } => label.clone(),
                Span::Time(at) => at.strftime("%Y-%m-%d %H:%M UTC").to_string(),
            })
            .collect()
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::plain(text)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::plain(text)
    }
}
