//! Words about somebody who seems to have left.

use crate::chat::{Account, Acknowledgement, Button, ButtonStyle, Message, Text, Tone};
use crate::domain::{Leaver, LeaverSign, LeaverState};

/// What is theirs, in short.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftBehind {
    /// Personal keys, which die with them.
    pub dies: Vec<String>,
    /// How many keys they made survive.
    pub survives: usize,
    /// Their workspaces.
    pub workspaces: Vec<String>,
    /// How many of their requests are open.
    pub requests: usize,
}

/// The card; a receipt once it is over.
#[must_use]
pub fn card(leaver: &Leaver, left: &LeftBehind) -> Message {
    let who = leaver.email.clone().unwrap_or_else(|| leaver.name.clone());
    match leaver.state {
        LeaverState::Open => open(leaver, left, &who),
        LeaverState::Later => {
            let until = leaver.later_until.map_or_else(Text::new, |at| Text::plain(" until ").time(at));
            let by = leaver.settled_by.as_deref().and_then(|it| it.parse::<Account>().ok());
            let said =
                by.map_or_else(|| Text::plain("Left as it is"), |it| Text::plain("Left as it is by ").mention(&it));
            Message::plain(format!("Not now: {who} seems to have left."))
                .badge("later", Tone::Neutral)
                .paragraph(said.join(until).then("."))
        }
        LeaverState::Over => Message::plain(format!("Nothing is left to do about {who}."))
            .badge("done", Tone::Good)
            .tone(Tone::Good)
            .paragraph("They are back, or whatever was theirs here was taken back."),
    }
}

fn open(leaver: &Leaver, left: &LeftBehind, who: &str) -> Message {
    let seen = match leaver.sign {
        LeaverSign::Account => Text::plain("The chat says that the account ")
            .code(leaver.account.to_string())
            .then(" is switched off, or of another company."),
        LeaverSign::Member => Text::plain("They are no longer a member of the organization, and the account ")
            .code(leaver.account.to_string())
            .then(" still counts here."),
    };
    let message = Message::plain(format!("{who} seems to have left."))
        .badge("leaver", Tone::Warning)
        .tone(Tone::Warning)
        .paragraph(seen)
        .fields([
            ("Personal keys, which die with them", Text::plain(listed(&left.dies))),
            ("Keys they made, which survive", Text::plain(left.survives.to_string())),
            ("Workspaces", Text::plain(listed(&left.workspaces))),
            ("Open requests", Text::plain(left.requests.to_string())),
        ]);
    let message = match (leaver.sign, &leaver.member) {
        (LeaverSign::Account, Some(member)) => message.button(
            Button::new("Offboard", &["offboard", member])
                .style(ButtonStyle::Primary)
                .describes(format!("Show everything of {who}, to freeze or remove them")),
        ),
        _ => message.button(
            Button::new("Unlink the account", &["link", "--remove", &leaver.account.to_string()])
                .style(ButtonStyle::Primary)
                .acknowledged(Acknowledgement::Whisper)
                .describes(format!("Ask to take the chat account away from {who}")),
        ),
    };
    let account = leaver.account.to_string();
    message
        .button(
            Button::new("Not now", &["offboard", &account, "--later"])
                .describes(format!("Say nothing of {who} for 30 days")),
        )
        .hint("Nothing happens by itself.")
}

fn listed(items: &[String]) -> String {
    if items.is_empty() { "none".into() } else { items.join("; ") }
}
