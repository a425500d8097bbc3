//! Why something was not done: what is told, and what is logged.

use crate::chat::{Message, Text, Tone};
use crate::claude;
use crate::store;

/// Why something was not done. Nothing has changed, unless the text says so.
#[derive(Debug)]
pub enum Failure {
    /// The account is not linked, and this needs a link.
    Stranger,
    /// What was asked cannot be understood or makes no sense.
    Mistake {
        /// What is wrong.
        text: Text,
        /// What would pass.
        hint: Text,
    },
    /// They may not.
    Refused {
        /// What is refused, and why.
        text: Text,
        /// Who could, or what to do instead.
        hint: Text,
    },
    /// Anthropic could not be asked, or said no.
    Upstream(claude::Error),
    /// Our own trouble.
    Internal(Trouble),
}

/// What went wrong inside, for the log.
#[derive(Debug)]
pub struct Trouble(String);

impl Failure {
    /// A mistake and what would pass.
    #[must_use]
    pub fn mistake(text: impl Into<Text>, hint: impl Into<Text>) -> Self {
        Self::Mistake { text: text.into(), hint: hint.into() }
    }

    /// A refusal and what to do instead.
    #[must_use]
    pub fn refused(text: impl Into<Text>, hint: impl Into<Text>) -> Self {
        Self::Refused { text: text.into(), hint: hint.into() }
    }

    /// Our own trouble, in our own words.
    #[must_use]
    pub fn internal(what: &str) -> Self {
        Self::Internal(Trouble(what.to_owned()))
    }

    /// The word in the invocation row and in the metrics.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Stranger => "stranger",
            Self::Mistake { .. } => "mistake",
            Self::Refused { .. } => "refused",
            Self::Upstream(_) => "upstream",
            Self::Internal(_) => "internal",
        }
    }

    /// What is told. `incident` names the log's line where the text itself would say too much.
    #[must_use]
    pub fn told(self, incident: &str) -> Message {
        match self {
            Self::Stranger => Message::plain("I do not know yet who you are in the Claude organization.")
                .hint(Text::plain("Run ").command("link").then(" first. Nothing was changed."))
                .tone(Tone::Warning),
            Self::Mistake { text, hint } => Message::new(text).hint(hint).tone(Tone::Warning),
            Self::Refused { text, hint } => Message::new(text).hint(hint).tone(Tone::Bad),
            Self::Upstream(error) => Message::plain(upstream(&error)).hint(upstream_hint(&error)).tone(Tone::Bad),
            Self::Internal(_) => Message::plain("Something went wrong on my side, and nothing was changed.")
                .hint(
                    Text::plain("Try again in a minute. If it stays, give the operator this incident id: ")
                        .code(incident),
                )
                .tone(Tone::Bad),
        }
    }

    /// What is logged. Codes and our own words only.
    #[must_use]
    pub fn logged(&self) -> String {
        match self {
            Self::Upstream(error) => error.to_string(),
            Self::Internal(trouble) => trouble.0.clone(),
            other => other.kind().to_owned(),
        }
    }
}

/// One sentence about what Anthropic's side did.
#[must_use]
pub(super) fn upstream(error: &claude::Error) -> String {
    let code = error.error_code().or(error.error_type()).map(|code| format!(" ({code})")).unwrap_or_default();
    match error.status() {
        Some(401) => "Anthropic does not accept the admin key.".into(),
        Some(403) => format!("Anthropic does not let the admin key do this{code}."),
        Some(404) => "Anthropic does not know this any more.".into(),
        Some(429) => "Anthropic asks for a pause.".into(),
        Some(529) => "Anthropic is overloaded at the moment.".into(),
        Some(status) if status >= 500 || status == 408 => {
            format!("Anthropic has trouble of its own at the moment (status {status}).")
        }
        Some(status) if (300..400).contains(&status) => {
            "Something between here and Anthropic redirected the request; it was not followed.".into()
        }
        Some(status) => format!("Anthropic refused this with status {status}{code}."),
        None => match error {
            // Not asked just now, for a reason that holds until a probe finds otherwise.
            claude::Error::Resting { last, .. } => upstream(last),
            claude::Error::Unreachable => "Anthropic cannot be reached at the moment.".into(),
            claude::Error::TimedOut => "Anthropic did not answer in time.".into(),
            claude::Error::Cut => "The connection to Anthropic broke off before its answer was complete.".into(),
            claude::Error::Malformed { .. } | claude::Error::TooLarge => {
                "Anthropic's answer could not be understood.".into()
            }
            claude::Error::Unsettled(_) => "Anthropic's answer was unclear.".into(),
            claude::Error::Busy { .. } => "This minute's budget of requests to Anthropic is spent.".into(),
            _ => "The request to Anthropic could not be made.".into(),
        },
    }
}

fn upstream_hint(error: &claude::Error) -> Text {
    if matches!(error, claude::Error::Resting { .. }) {
        return Text::plain("Nothing was changed. I look every few seconds whether Anthropic answers again.");
    }
    match error.status() {
        Some(401 | 403) => {
            Text::plain("Nothing was changed. The operator can find out more with ").code("steward doctor").then(".")
        }
        _ => Text::plain("Nothing was changed. Try again in a minute."),
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        Self::Internal(Trouble(error.to_string()))
    }
}

impl From<claude::Error> for Failure {
    fn from(error: claude::Error) -> Self {
        Self::Upstream(error)
    }
}
