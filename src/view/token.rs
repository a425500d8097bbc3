//! What is said of tokens. Never a token: that goes from the one who made it straight into one reply.

use crate::chat::{Acknowledgement, Block, Button, ButtonStyle, Message, Text, Tone};
use crate::clock::Moment;

/// How a program finds the token. None of it holds the token, so that it can be copied anywhere.
const SNIPPETS: [(&str, &str); 4] = [
    ("Environment variable", "unset ANTHROPIC_API_KEY\nexport ANTHROPIC_AUTH_TOKEN=…"),
    ("Python", "from anthropic import Anthropic\nclient = Anthropic()  # reads ANTHROPIC_AUTH_TOKEN"),
    (
        "TypeScript",
        "import Anthropic from \"@anthropic-ai/sdk\";\nconst client = new Anthropic();  // reads ANTHROPIC_AUTH_TOKEN",
    ),
    (
        "curl",
        "curl https://api.anthropic.com/v1/messages \\\n  -H \"authorization: Bearer $ANTHROPIC_AUTH_TOKEN\" \\\n  \
         -H \"anthropic-version: 2023-06-01\" -H \"content-type: application/json\" \\\n  \
         -d '{\"model\": \"claude-haiku-4-5\", \"max_tokens\": 64, \"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}]}'",
    ),
];

/// So many seconds, exactly: "1 hour", "90 minutes".
#[must_use]
pub fn lifetime(seconds: i64) -> String {
    let (count, unit) = match seconds {
        it if it % 3_600 == 0 => (it / 3_600, "hour"),
        it if it % 60 == 0 => (it / 60, "minute"),
        it => (it, "second"),
    };
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

/// Tokens can be had from now on, by their owner alone. `id` is ours, so that the button means exactly this access.
#[must_use]
pub fn granted((id, name): (&str, &str), workspace: &str, lifetime_s: i64) -> Message {
    Message::plain(format!("Your access {name} to {workspace} is ready. It is by tokens, not by a key."))
        .block(Block::Paragraph(
            Text::plain(format!(
                "A token works for {}, and is shown to you alone. For a fresh one, press the button again or say ",
                lifetime(lifetime_s)
            ))
            .command(format!("key token {id}"))
            .then("."),
        ))
        .tone(Tone::Good)
        .button(get(id))
        .hint("A token cannot be called back: whatever happens to this access, one that is out works until its time is over.")
}

/// The button that makes a token.
#[must_use]
pub fn get(id: &str) -> Button {
    Button::new("Get a token", &["key", "token", id])
        .style(ButtonStyle::Primary)
        .acknowledged(Acknowledgement::Open)
        .describes("Make a token and show it to me alone")
}

/// What stands beside the token.
#[must_use]
pub fn beside_the_token((id, name): (&str, &str), lives_s: i64, until: Moment) -> Message {
    let mut message = Message::plain(format!("This is a token of {name}. It works for {}.", lifetime(lives_s))).block(
        Block::Paragraph(
            Text::plain("It ends ")
                .time(until)
                .then(", and nobody can call it back before. It is kept nowhere: nobody can look at it again. For a fresh one, say ")
                .command(format!("key token {id}"))
                .then("."),
        ),
    );
    for (name, code) in SNIPPETS {
        message = message.block(Block::Heading(name.into())).block(Block::Code(code.into()));
    }
    message.hint(Text::plain("Nobody else can see it. For a fresh one: ").command(format!("key token {id}")).then("."))
}

/// Somebody has seen a token where it should not be.
#[must_use]
pub fn leaked() -> Message {
    Message::plain("That is a token, not a key. Nobody can call it back: it works until its time is over.")
        .tone(Tone::Warning)
        .hint(
            Text::plain("Nothing was changed, and what you entered is kept nowhere. So that no further one is made, switch the access off: ")
                .command("key disable …")
                .then(". If it is not yours, tell an admin now."),
        )
}

/// What becomes of tokens that are out when no further one is made.
#[must_use]
pub fn live_on(lifetime_s: i64) -> String {
    format!("tokens that are out live on until their time is over, {} at most", lifetime(lifetime_s))
}

#[cfg(test)]
mod tests {
    use super::lifetime;

    #[test]
    fn a_lifetime_is_said_exactly() {
        let all = [3_600, 7_200, 86_400, 5_400, 60, 90, 1].map(lifetime);
        assert_eq!(all.join(", "), "1 hour, 2 hours, 24 hours, 90 minutes, 1 minute, 90 seconds, 1 second");
    }
}
