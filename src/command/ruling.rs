//! `/claude request override/again/ask/answer`: what else can be said to a request.
//!
//! - Reads: nothing. Comes to a ruling, for the pipeline. Leaves behind: nothing of its own.

use super::Outcome;
use super::ask::{Ask, LONGEST_REASON, short_text};
use super::outcome::Ruling;
use crate::change::Undoing;
use crate::domain::ChangeId;

/// Approve in an emergency.
///
/// Skips the other approvers, never the rule that nobody decides alone about what they asked for. Whoever is skipped is told,
/// the receipt says so for good, and a review comes up a day later. For those who may approve anything.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "request override C17-k3f9 \"production is down, the owner is on leave\"")]
pub struct Override {
    /// Its id.
    #[arg(value_name = "request")]
    pub request: ChangeId,
    /// Why it cannot wait.
    ///
    /// Everybody who is skipped reads it.
    #[arg(value_name = "reason", value_parser = words)]
    pub reason: String,
}

/// Ask for the same thing anew.
///
/// For what was denied, expired, withdrawn, lapsed or failed. It is planned anew, and decided anew.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "request again C17-k3f9")]
pub struct Again {
    /// Its id.
    #[arg(value_name = "request")]
    pub request: ChangeId,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
}

/// Ask the requester something.
///
/// They are asked by direct message; question and answer stand on the card.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "request ask C17-k3f9 \"for how long do you need it?\"")]
pub struct Question {
    /// Its id.
    #[arg(value_name = "request")]
    pub request: ChangeId,
    /// What you would like to know.
    #[arg(value_name = "question", value_parser = words)]
    pub question: String,
}

/// Answer what an approver asked.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "request answer C17-k3f9 \"until the end of the month\"")]
pub struct Answer {
    /// Its id.
    #[arg(value_name = "request")]
    pub request: ChangeId,
    /// Your answer.
    #[arg(value_name = "answer", value_parser = words)]
    pub answer: String,
}

/// Say what became of a parked call.
///
/// When Anthropic's answer was unclear and nobody but a person can tell, look in the Claude Console and say it here. Nothing is
/// sent again. For those who may approve anything.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "request settle C17-k3f9 made\nrequest settle C17-k3f9 not-made")]
pub struct Settle {
    /// Its id.
    #[arg(value_name = "request")]
    pub request: ChangeId,
    /// What the Console shows.
    #[arg(value_enum, ignore_case = true)]
    pub outcome: Seen,
}

/// What somebody saw in the Console.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Seen {
    /// The call was made.
    Made,
    /// It was not.
    NotMade,
}

fn words(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err("a few words are expected".into());
    }
    short_text(text.trim(), LONGEST_REASON)
}

impl Override {
    /// Breaks the glass.
    #[must_use]
    pub fn run(self) -> Outcome {
        Outcome::Decides(Ruling::Override(self.request, self.reason))
    }
}

impl Again {
    /// Asks anew.
    #[must_use]
    pub fn run(self) -> Outcome {
        let Ask { reason, dry_run, confirm } = self.ask;
        Outcome::Decides(Ruling::Again(self.request, Undoing { reason, dry_run, confirmed: confirm }))
    }
}

impl Question {
    /// Asks the requester.
    #[must_use]
    pub fn run(self) -> Outcome {
        Outcome::Decides(Ruling::Question(self.request, self.question))
    }
}

impl Answer {
    /// Answers the approver.
    #[must_use]
    pub fn run(self) -> Outcome {
        Outcome::Decides(Ruling::Answer(self.request, self.answer))
    }
}

impl Settle {
    /// Says what became of it.
    #[must_use]
    pub fn run(self) -> Outcome {
        Outcome::Decides(Ruling::Settle { id: self.request, made: self.outcome == Seen::Made })
    }
}
