//! Why a call to Discord came to nothing. Its number, or a word of ours; never a body.

use std::time::Duration;

use crate::chat::SendError;

/// The pause after trouble that may pass, where Discord names none.
const LATER_MS: u64 = 2_000;
/// The pause after trouble that an operator has to mend, such as a token that is not accepted.
const MUCH_LATER_MS: u64 = 60_000;

/// Numbers that mean something here. <https://docs.discord.com/developers/topics/opcodes-and-status-codes#json>
const CODES: [(u64, &str, Then); 15] = [
    (10_003, "discord_unknown_channel", Then::Closed),
    (10_004, "discord_unknown_server", Then::Closed),
    (10_007, "discord_unknown_member", Then::Closed),
    (10_008, "discord_unknown_message", Then::Closed),
    (10_013, "discord_unknown_user", Then::Closed),
    (10_015, "discord_unknown_webhook", Then::Closed),
    (10_062, "discord_unknown_interaction", Then::Closed),
    (40_003, "discord_too_many_conversations", Then::MuchLater),
    (40_060, "discord_answered_already", Then::Closed),
    (50_001, "discord_missing_access", Then::Closed),
    (50_007, "discord_conversation_closed", Then::Closed),
    (50_013, "discord_missing_permissions", Then::Closed),
    (50_027, "discord_token_over", Then::Closed),
    (50_035, "discord_invalid_form", Then::Closed),
    (50_278, "discord_no_server_in_common", Then::Closed),
];

/// Whether trying again may help.
#[derive(Clone, Copy)]
enum Then {
    Closed,
    MuchLater,
}

/// Why a call came to nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Discord said no, with this number.
    #[error("Discord answers {0}")]
    Refused(u64),
    /// The bot token is not accepted. It is not presented again for a while.
    #[error("Discord does not accept the bot token")]
    Unauthorized,
    /// Too many calls; again after this long.
    #[error("Discord asks for a pause")]
    Busy(Duration),
    /// An HTTP status that is no answer.
    #[error("Discord answers with status {0}")]
    Status(u16),
    /// No answer in time.
    #[error("Discord does not answer in time")]
    TimedOut,
    /// No connection.
    #[error("Discord cannot be reached")]
    Unreachable,
    /// An answer that is none of Discord's, or a question that is none.
    #[error("what answered is not Discord's API")]
    Malformed,
}

impl Trouble {
    /// A word for logs and for what could not be delivered.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(number) => known(*number).map_or("discord_refused", |(word, _)| word),
            Self::Unauthorized => "discord_unauthorized",
            Self::Busy(_) => "discord_busy",
            Self::Status(_) => "discord_http_status",
            Self::TimedOut => "discord_timed_out",
            Self::Unreachable => "discord_unreachable",
            Self::Malformed => "discord_malformed",
        }
    }

    /// What the outbox is to do.
    #[must_use]
    pub fn to_send_error(&self) -> SendError {
        let code = self.code().to_owned();
        let after_ms = match self {
            Self::Busy(after) => u64::try_from(after.as_millis()).unwrap_or(MUCH_LATER_MS),
            // Whatever turns us away without a number of Discord's stands before Discord, and counts how often we come.
            Self::Unauthorized | Self::Status(401 | 403) => MUCH_LATER_MS,
            Self::Refused(number) => match known(*number) {
                Some((_, Then::Closed)) => return SendError::Closed { code },
                Some((_, Then::MuchLater)) => MUCH_LATER_MS,
                None => LATER_MS,
            },
            _ => LATER_MS,
        };
        SendError::Later { after_ms, code }
    }

    /// Whether the call may have taken effect all the same: its answer was lost, or says nothing of it.
    pub(super) fn is_unclear(&self) -> bool {
        matches!(self, Self::TimedOut | Self::Malformed | Self::Status(500..))
    }

    /// The person takes no direct messages.
    pub(super) fn is_closed_conversation(&self) -> bool {
        matches!(self, Self::Refused(50_007 | 50_278))
    }
}

fn known(number: u64) -> Option<(&'static str, Then)> {
    CODES.iter().find(|(it, ..)| *it == number).map(|(_, word, then)| (*word, *then))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_reached_is_given_up_and_the_rest_waits() {
        let closed = Trouble::Refused(50_007).to_send_error();
        assert_eq!(closed, SendError::Closed { code: "discord_conversation_closed".into() });
        let busy = Trouble::Busy(Duration::from_secs(7)).to_send_error();
        assert_eq!(busy, SendError::Later { after_ms: 7_000, code: "discord_busy".into() });
        let fast = Trouble::Refused(40_003).to_send_error();
        assert_eq!(fast, SendError::Later { after_ms: MUCH_LATER_MS, code: "discord_too_many_conversations".into() });
        let turned_away = Trouble::Status(403).to_send_error();
        assert_eq!(turned_away, SendError::Later { after_ms: MUCH_LATER_MS, code: "discord_http_status".into() });
        let unknown = Trouble::Refused(99_999).to_send_error();
        assert_eq!(unknown, SendError::Later { after_ms: LATER_MS, code: "discord_refused".into() });
    }
}
