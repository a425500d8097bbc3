//! A configuration that was read anew, in words.

use crate::chat::{Message, Text, Tone};
use crate::domain::Rejected;

/// Values that are longer are told in the audit trail alone.
const LONGEST: usize = 60;
/// How many mistakes are told.
const MOST_MISTAKES: usize = 10;

/// A setting that is another one now: its name, what it was, what it is.
pub type Changed = (&'static str, String, String);

/// What the approvers' channel is told when another configuration counts. `later` are the settings that wait for the next start.
#[must_use]
pub fn accepted(file: &str, changed: &[Changed], later: &[&'static str]) -> Message {
    let names: Vec<&str> = changed.iter().map(|(name, ..)| *name).collect();
    let text = if names.is_empty() {
        format!("The configuration {file} was changed, and nothing of it counts before the next start.")
    } else {
        format!("The configuration {file} was read anew and counts from now on: {} changed.", names.join(", "))
    };
    let short =
        changed.iter().filter(|(_, before, after)| before.chars().count().max(after.chars().count()) <= LONGEST);
    let fields = short.map(|(name, before, after)| ((*name).to_owned(), Text::plain(format!("{before} → {after}"))));
    let mut message = Message::plain(text).tone(Tone::Neutral).fields(fields.collect::<Vec<_>>());
    if !later.is_empty() {
        message = message.paragraph(format!("Counts from the next start of Steward only: {}.", later.join(", ")));
    }
    message
        .hint(Text::plain("All of it, before and after: ").command("audit --action configuration --limit 1").then("."))
}

/// What admins are told when a configuration was not taken.
#[must_use]
pub fn refused(rejected: &Rejected) -> Message {
    let start = Message::plain(format!(
        "The configuration {} has a mistake, so nothing of it was taken. The rules of before go on.",
        rejected.file
    ))
    .tone(Tone::Bad);
    let told = rejected.mistakes.iter().take(MOST_MISTAKES);
    let message = told.fold(start, |message, mistake| message.paragraph(sentence(mistake)));
    let more = rejected.mistakes.len().saturating_sub(MOST_MISTAKES);
    let message = if more > 0 { message.paragraph(format!("And {more} more.")) } else { message };
    message.hint("Correct the file; it is looked at again by itself. `steward doctor` shows all mistakes.")
}

/// What `status` says of it.
#[must_use]
pub fn standing(rejected: &Rejected) -> Text {
    let count = match rejected.mistakes.len() {
        1 => "a mistake".to_owned(),
        count => format!("{count} mistakes"),
    };
    let first = rejected.mistakes.first().map_or_else(String::new, |it| format!(" The first: {}", sentence(it)));
    Text::plain(format!("{} has {count} since ", rejected.file))
        .time(rejected.at)
        .then(format!("; the rules of before go on.{first}"))
}

/// A mistake with the end of a sentence; some are questions.
fn sentence(mistake: &str) -> String {
    if mistake.ends_with('?') { mistake.to_owned() } else { format!("{mistake}.") }
}
