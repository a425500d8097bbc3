//! What is said around a secret, on every platform that shows one.

use crate::chat::{Message, Text, Tone, VaultError};
use crate::clock::Moment;

use super::capital;

/// Until when it can be looked at again.
#[must_use]
pub fn again(until: Option<Moment>) -> Text {
    match until {
        Some(until) => Text::plain("You can look again until ").time(until).then(". Nobody else can."),
        None => Text::plain("Copy it now: nobody can look at it again."),
    }
}

/// Why it stays closed.
#[must_use]
pub fn closed(error: VaultError) -> Message {
    Message::plain(format!("{}.", capital(&error.to_string()))).tone(Tone::Bad)
}

/// It was opened, and `platform` did not take it. What can be looked at once is gone then, and out all the same.
#[must_use]
pub fn not_shown(platform: &str, until: Option<Moment>) -> Message {
    let hint = match until {
        Some(_) => "Nothing was lost. Press the button once more.",
        None => "This one is lost: nobody sees it, and it works until its time is over. Press the button once more.",
    };
    Message::plain(format!("It could not be shown: {platform} did not take it.")).hint(hint).tone(Tone::Warning)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_closed_says_why() {
        let said =
            [VaultError::NotYours, VaultError::Gone, VaultError::Unavailable].map(|it| closed(it).text.to_plain());
        assert_eq!(
            said,
            ["This is for somebody else.", "This is no longer available.", "This cannot be opened at the moment."]
        );
    }
}
