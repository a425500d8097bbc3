//! What is said around a decision: that one more has agreed, that the glass was broken, a question and its answer.

use crate::chat::{Account, Acknowledgement, Button, Message, Text, Tone};
use crate::domain::{Approval, Approvals, Approver, Change, Decision};

/// How many have agreed, who, and whose turn it is.
pub(super) fn approvals(change: &Change, asked: &Approvals) -> Text {
    let given = change.approvals.len();
    let mut text = Text::plain(format!("{given} of {}", asked.count));
    for (index, yes) in change.approvals.iter().enumerate() {
        text = text.then(if index == 0 { ": " } else { ", " }).join(said_by(yes));
    }
    if asked.in_order { text.then(format!("; next: {}", named(asked.next(given)))) } else { text }
}

/// Who said yes, and in whose place.
pub(super) fn said_by(yes: &Approval) -> Text {
    let by = Text::new().mention(&yes.account);
    yes.on_behalf.as_ref().map_or_else(|| by.clone(), |it| by.clone().then(" for ").mention(&it.account))
}

/// Approvers in words.
pub(super) fn named(approvers: &[Approver]) -> String {
    let words = approvers.iter().map(|it| match it {
        Approver::Role(role) => format!("role {role}"),
        Approver::Named(name) => name.clone(),
        Approver::ClaudeRole(role) => format!("{role} in the organization"),
        Approver::Any(several) => named(several),
        Approver::OfWorkspace => "the workspace's approvers".to_owned(),
    });
    let words: Vec<String> = words.filter(|it| !it.is_empty()).collect();
    if words.is_empty() { "nobody".to_owned() } else { words.join(" or ") }
}

/// One more has agreed, and that is not enough yet.
#[must_use]
pub fn counted(change: &Change) -> Message {
    let needed = if let Decision::Approvals(asked) = &change.asked.decision { asked.count } else { 1 };
    let text =
        format!("Your approval counts: {} of {needed} for {}.", change.approvals.len(), change.asked.plan.summary);
    Message::plain(text)
        .badge("waiting for a decision", Tone::Waiting)
        .tone(Tone::Waiting)
        .fields([("Request", Text::new().code(change.id.to_string()))])
        .hint("Nothing was changed yet. The others find it on the card.")
}

/// What those are told who would have had to agree, when somebody broke the glass.
#[must_use]
pub fn overridden(change: &Change, reason: &str) -> Message {
    let by = change.approvals.last().map(|it| it.account.clone());
    let text = by.map_or_else(Text::new, |it| Text::new().mention(&it));
    Message::new(text.then(format!(" approved this in an emergency, without you: {}.", change.asked.plan.summary)))
        .badge("glass broken", Tone::Warning)
        .tone(Tone::Warning)
        .fields([("Request", Text::new().code(change.id.to_string())), ("Reason", Text::plain(reason))])
        .hint("It is made now. A review comes up in a day; an admin may take it back before.")
}

/// What comes up a day after somebody broke the glass.
#[must_use]
pub fn review(change: &Change, reason: &str) -> Message {
    let id = change.id.to_string();
    let by = change.approvals.last().map(|it| it.account.clone());
    let text = Text::plain("Please review: ");
    let text = by.map_or_else(|| text.clone(), |it| text.clone().mention(&it));
    Message::new(text.then(format!(" skipped the other approvers a day ago to {}.", change.asked.plan.summary)))
        .badge("review", Tone::Waiting)
        .tone(Tone::Waiting)
        .fields([("Request", Text::new().code(id.clone())), ("Reason", Text::plain(reason))])
        .hint("If it was right, nothing is to be done.")
        .button(Button::new("Show", &["request", "show", &id]).describes(format!("Show {id}")))
}

/// What the requester is asked.
#[must_use]
pub fn question(change: &Change, by: &Account, question: &str) -> Message {
    let id = change.id.to_string();
    Message::new(
        Text::new()
            .mention(by)
            .then(format!(" would like to know about your request to {}:", change.asked.plan.summary)),
    )
    .fields([("Request", Text::new().code(id.clone())), ("Question", Text::plain(question))])
    .button(
        Button::new("Answer", &["request", "answer", &id])
            .acknowledged(Acknowledgement::Open)
            .describes(format!("Answer the question about {id}")),
    )
}

/// What whoever asked hears.
#[must_use]
pub fn answered(change: &Change, by: &Account, answer: &str) -> Message {
    Message::new(
        Text::new()
            .mention(by)
            .then(format!(" answered your question about the request to {}:", change.asked.plan.summary)),
    )
    .fields([("Request", Text::new().code(change.id.to_string())), ("Answer", Text::plain(answer))])
    .hint("The card has it, too.")
}
