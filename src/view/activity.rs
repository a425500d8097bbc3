//! Words about what Anthropic's activity feed shows, and what it does not.

use crate::chat::{Block, Message, Table, Text, Tone};
use crate::domain::{Activity, Unseen};

/// More rows than this are counted, not shown.
const MOST_ROWS: usize = 10;

/// Things that were done outside Steward.
#[must_use]
pub fn outside(done: &[Activity]) -> Message {
    let own_key = done.iter().filter(|it| it.own_key).count();
    let headline = match (done.len(), own_key) {
        (1, 0) => "Something was changed in the Claude organization, and not by me.".to_owned(),
        (count, 0) => format!("{count} things were changed in the Claude organization, and not by me."),
        (count, own) => {
            format!("{} with my own admin key, and not by me: somebody else uses it.", things(own, count))
        }
    };
    let row = |it: &Activity| {
        let who = if it.own_key { Text::new().strong("my own admin key") } else { Text::plain(it.who.clone()) };
        vec![Text::new().time(it.at), who, Text::plain(it.what.clone())]
    };
    // What was done with the own key comes first, so that it is never among those that are only counted.
    let sorted = done.iter().filter(|it| it.own_key).chain(done.iter().filter(|it| !it.own_key));
    let table = Table {
        caption: "Changed outside Steward".into(),
        columns: ["When", "Who", "What"].map(ToOwned::to_owned).to_vec(),
        rows: sorted.take(MOST_ROWS).map(row).collect(),
    };
    let mut message = Message::plain(headline).block(Block::Table(table));
    if done.len() > MOST_ROWS {
        message = message.paragraph(format!("And {} more.", done.len() - MOST_ROWS));
    }
    if own_key > 0 {
        return message
            .badge("alarm", Tone::Bad)
            .tone(Tone::Bad)
            .hint("Replace the key in the Claude Console now, under Settings, Admin keys, and give me the new one.");
    }
    message.tone(Tone::Warning).hint(
        Text::plain("Nothing has to be done if that was meant. All of it: ").command("audit --action activity.outside"),
    )
}

fn things(own: usize, all: usize) -> String {
    match (own, own == all) {
        (1, true) => "Something was changed in the Claude organization".to_owned(),
        (_, true) => format!("{own} things were changed in the Claude organization"),
        (_, false) => format!("{own} of {all} things were changed in the Claude organization"),
    }
}

/// Calls that were done, and that the feed does not show.
#[must_use]
pub fn missing(unseen: &[Unseen]) -> Message {
    let headline = match unseen.len() {
        1 => "I have changed something that Anthropic's activity feed does not show.".to_owned(),
        count => format!("I have changed {count} things that Anthropic's activity feed does not show."),
    };
    table(Message::plain(headline), unseen)
        .badge("alarm", Tone::Bad)
        .tone(Tone::Bad)
        .hint("Either the feed is late, or somebody answers in Anthropic's place. Compare with the Claude Console.")
}

/// Calls that were thought missing and are not.
#[must_use]
pub fn late(unseen: &[Unseen]) -> Message {
    table(Message::plain("Anthropic's activity feed shows now what I had missed there."), unseen).tone(Tone::Good)
}

/// The feed has stopped to answer.
#[must_use]
pub fn switched_off() -> Message {
    Message::plain("Anthropic's activity feed does not answer my key any more: nobody records what is done past me.")
        .badge("alarm", Tone::Bad)
        .tone(Tone::Bad)
        .hint("Look in the Claude Console, under Settings, Security, who has switched the Compliance API off. I ask again every hour.")
}

fn table(message: Message, unseen: &[Unseen]) -> Message {
    let row =
        |it: &Unseen| vec![Text::new().time(it.at), Text::new().code(it.change.clone()), Text::plain(it.what.clone())];
    let table = Table {
        caption: "Calls".into(),
        columns: ["When", "Request", "What"].map(ToOwned::to_owned).to_vec(),
        rows: unseen.iter().take(MOST_ROWS).map(row).collect(),
    };
    let message = message.block(Block::Table(table));
    if unseen.len() <= MOST_ROWS {
        return message;
    }
    message.paragraph(format!("And {} more.", unseen.len() - MOST_ROWS))
}
