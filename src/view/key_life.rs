//! What is said of keys as they get older: to be replaced, replaced, idle, on their way out.

use crate::chat::{Button, ButtonStyle, Message, Text, Tone, grouped};
use crate::clock::Moment;
use crate::domain::StillNeeded;

/// A key that somebody is told about.
#[derive(Clone, Copy, Debug)]
pub struct AboutKey<'a> {
    /// `apikey_…`.
    pub id: &'a str,
    /// What people call it.
    pub name: &'a str,
    /// The workspace that it works in.
    pub workspace: &'a str,
    /// True for one that Steward has issued, or that somebody looks after: it can be replaced by a button.
    pub is_replaceable: bool,
}

impl AboutKey<'_> {
    fn named(&self) -> String {
        format!("The API key {} in {}", self.name, self.workspace)
    }

    fn replace(&self) -> Button {
        let button = if self.is_replaceable {
            Button::new("Replace it", &["key", "rotate", self.id])
        } else {
            Button::new(
                "Ask for another one",
                &["key", "request", "--workspace", self.workspace, "--purpose", self.name],
            )
        };
        button.style(ButtonStyle::Primary)
    }

    fn keep(&self) -> Button {
        Button::new("Keep it", &["key", "keep", self.id])
    }

    fn give_back(&self) -> Button {
        Button::new("Give it back", &["key", "return", self.id]).confirm(
            "Give it back?",
            "Whatever uses this key fails from that moment. For 30 days you can switch it on again.",
            "Give it back",
        )
    }

    fn switch_on(&self) -> Button {
        Button::new("Switch it on again", &["key", "enable", self.id])
    }

    fn switch_off(&self) -> Button {
        Button::new("Switch it off", &["key", "disable", self.id]).confirm(
            "Switch it off?",
            "Whatever uses this key fails from that moment. It can be switched on again.",
            "Switch it off",
        )
    }
}

/// Its day comes nearer, or has come.
#[must_use]
pub fn to_be_replaced(key: &AboutKey<'_>, (days, at): (i64, Moment), ends: bool) -> Message {
    let does = if ends { "ends" } else { "is to be replaced" };
    let when = match days {
        0 => "now".to_owned(),
        1 => "tomorrow".to_owned(),
        _ => format!("in {days} days"),
    };
    let mut message = Message::plain(format!("{} {does} {when}.", key.named()))
        .tone(if days > 1 { Tone::Neutral } else { Tone::Warning })
        .fields([("By", Text::new().time(at))])
        .button(key.replace());
    if !ends {
        message = message.button(key.keep());
    }
    message.button(key.give_back()).hint(if key.is_replaceable {
        "You get the new key first. This one works until nothing has used it for a while."
    } else {
        "Have another one at hand before that."
    })
}

/// Its day has passed, and its owner has done nothing: told to those who decide.
#[must_use]
pub fn overdue(key: &AboutKey<'_>, owner: &str, at: Moment) -> Message {
    Message::plain(format!("{} was to be replaced, and {owner} has not done so.", key.named()))
        .tone(Tone::Warning)
        .fields([("By", Text::new().time(at))])
        .button(key.switch_off())
        .button(key.keep())
        .hint("Nothing is switched off by itself. What you decide is kept in the audit trail.")
}

/// What shows that something still uses a replaced key.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// Why it is not switched off.
    pub why: StillNeeded,
    /// The hour of its last use.
    pub last: Option<Moment>,
    /// Tokens since it was replaced.
    pub tokens: i64,
    /// When it used to be used.
    pub rhythm: String,
}

/// It was replaced, and something goes on using it.
#[must_use]
pub fn laggard(key: &AboutKey<'_>, evidence: &Evidence, days: i64) -> Message {
    let why = match evidence.why {
        StillNeeded::Used(_) => "something still uses it",
        StillNeeded::NotItsHours | StillNeeded::BusyNow => {
            "the hours in which it used to be used have not passed in silence"
        }
        StillNeeded::NoRhythm => "it was used at no usual hours, so it is watched for a week",
    };
    let never = || Text::plain("not since");
    Message::plain(format!("{} was replaced {days} days ago, and is not switched off: {why}.", key.named()))
        .tone(Tone::Warning)
        .fields([
            ("Last used", evidence.last.map_or_else(never, |at| Text::plain("in the hour from ").time(at))),
            (
                "Since it was replaced",
                Text::plain(format!("{} tokens", grouped(u64::try_from(evidence.tokens).unwrap_or(0)))),
            ),
            ("Used to be used", Text::plain(evidence.rhythm.clone())),
        ])
        .button(key.switch_off())
        .hint("Have everything use the new key. This one is switched off by itself once it is silent.")
}

/// Nothing uses it any more, so it was switched off.
#[must_use]
pub fn went_silent(key: &AboutKey<'_>, last: Option<Moment>) -> Message {
    let last = last.map_or_else(|| Text::plain("never"), |at| Text::plain("in the hour from ").time(at));
    Message::plain(format!("{} was replaced and nothing uses it any more, so it is switched off.", key.named()))
        .tone(Tone::Good)
        .fields([("Last used", last)])
        .button(key.switch_on())
        .hint("In 30 days it is archived, and nothing brings it back then.")
}

/// Nothing has used it for long: is it needed?
#[must_use]
pub fn idle(key: &AboutKey<'_>, last: Option<Moment>, days: i64) -> Message {
    let since = match last {
        Some(_) => format!("{} was not used for {days} days. Do you still need it?", key.named()),
        None => format!("{} was never used. Do you still need it?", key.named()),
    };
    Message::plain(since)
        .fields(last.map(|at| ("Last used", Text::plain("in the hour from ").time(at))))
        .button(key.keep())
        .button(key.give_back())
        .hint("If you do not answer within 14 days, it is switched off, and can be switched on again; one for production only if an approver says so.")
}

/// Nobody answered, so it was switched off.
#[must_use]
pub fn idle_off(key: &AboutKey<'_>) -> Message {
    Message::plain(format!(
        "{} was not used and nobody has said that it is needed, so it is switched off.",
        key.named()
    ))
    .tone(Tone::Warning)
    .button(key.switch_on())
    .hint("In 30 days it is archived, and nothing brings it back then.")
}

/// Nobody answered, and it is for production: those who decide say what is to be done.
#[must_use]
pub fn idle_production(key: &AboutKey<'_>, owner: &str) -> Message {
    Message::plain(format!(
        "{} is for production, is not used, and {owner} has not said that it is needed.",
        key.named()
    ))
    .tone(Tone::Warning)
    .button(key.switch_off())
    .button(key.keep())
    .hint("Nothing in production is switched off by itself.")
}

/// Its 30 days are over.
#[must_use]
pub fn archived(key: &AboutKey<'_>) -> Message {
    Message::plain(format!("{} was switched off 30 days ago, and is archived now.", key.named()))
        .hint("Nothing brings it back. If something needs one, ask for another key.")
}
