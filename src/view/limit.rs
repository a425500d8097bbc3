//! Words about limits: a threshold that is reached, the brake that comes, is on, and is off.

use super::capital;
use crate::chat::{Button, ButtonStyle, Message, Text, Tone, grouped};
use crate::domain::{Amount, Brake, Limit, Pace, Period, SLOW_AT, STOP_AT, Scope, Spent, limit_words};

/// A limit, and how much of it is spent.
#[derive(Clone, Copy, Debug)]
pub struct Reached<'a> {
    /// The limit.
    pub limit: &'a Limit,
    /// In this period.
    pub period: &'a Period,
    /// How much it is, with all that is on top of it.
    pub amount: Amount,
    /// How much is spent.
    pub spent: &'a Spent,
    /// The threshold.
    pub percent: u32,
    /// Who, or what, spent most of it.
    pub dearest: &'a [(String, Amount)],
    /// True for who may do something about it, not only ask.
    pub may_act: bool,
}

/// A threshold is reached.
#[must_use]
pub fn reached(it: &Reached<'_>) -> Message {
    let limit = it.limit.words();
    let text = if it.percent >= 100 {
        format!("{} is reached: {} of {} is spent.", capital(&limit), it.spent.amount, it.amount)
    } else {
        format!("{} % of {limit} is spent: {} of {}.", it.percent, it.spent.amount, it.amount)
    };
    let message =
        Message::plain(text).tone(if it.percent >= 100 { Tone::Bad } else { Tone::Warning }).fields(facts(it));
    with_buttons(message, it)
}

fn facts(it: &Reached<'_>) -> Vec<(&'static str, Text)> {
    let basis = Text::plain(format!("{}, as of ", it.spent.basis)).time(it.spent.as_of);
    let mut facts = vec![("How sure that is", basis)];
    if it.spent.unpriced_tokens > 0 {
        let tokens = grouped(it.spent.unpriced_tokens.unsigned_abs());
        facts.push(("Not in it", Text::plain(format!("{tokens} tokens of models that have no price"))));
    }
    if !it.dearest.is_empty() {
        let parts: Vec<String> = it.dearest.iter().map(|(name, amount)| format!("{name} {amount}")).collect();
        facts.push(("Most of it", Text::plain(parts.join(", "))));
    }
    let pace = Pace { spent: it.spent.amount, from: it.period.from, as_of: it.spent.as_of, to: it.period.to };
    if it.percent < 100
        && let Some(forecast) = pace.forecast()
    {
        let text = match pace.reaches_at(it.amount) {
            Some(at) => Text::plain("reached ").time(at).then(format!("; {forecast} at the end of the period")),
            None => Text::plain(format!("not reached; {forecast} at the end of the period")),
        };
        facts.push(("At this pace", text));
    }
    facts.push(("Begins anew", Text::new().time(it.period.to)));
    facts.push(("What I do", Text::plain(what_comes(it))));
    facts
}

/// What Steward will do next.
fn what_comes(it: &Reached<'_>) -> String {
    if it.limit.terms.brake == Brake::Soft {
        return "nothing but tell: it is a soft limit.".into();
    }
    let slows = matches!(it.limit.terms.scope, Scope::Organization | Scope::Workspace(_) | Scope::Model(_));
    let slow = "the rate limits of the workspace are lowered to a quarter";
    let stop = "the keys that spend for it are switched off, but for those that are kept; those in production only if an \
                admin agrees";
    match it.percent {
        STOP_AT.. if slows => format!("in 5 minutes {slow}, and {stop}. Both are put back when the period is over."),
        STOP_AT.. => format!("in 5 minutes {stop}. They are switched on again when the period is over."),
        SLOW_AT.. if slows => format!("in 5 minutes {slow}; at {STOP_AT} % {stop}."),
        _ if slows => format!("at {SLOW_AT} % {slow}; at {STOP_AT} % {stop}."),
        _ => format!("at {STOP_AT} % {stop}."),
    }
}

fn with_buttons(message: Message, it: &Reached<'_>) -> Message {
    let (scope, per) = (it.limit.terms.scope.to_string(), it.limit.terms.per.as_str());
    let message = message.button(Button::new("Details", &["limit", "list", "--of", &scope])).button(
        Button::new("Raise", &["limit", "raise", &scope, "--per", per]).style(ButtonStyle::Primary).confirm(
            "Raise it?",
            "By a quarter, until the period is over. Without the right to do it, you ask for it.",
            "Raise",
        ),
    );
    if !it.may_act {
        return message;
    }
    message.button(Button::new("Snooze", &["limit", "snooze", &scope, "--per", per])).button(
        Button::new("Brake", &["limit", "brake", &scope, "--per", per]).style(ButtonStyle::Danger).confirm(
            "Brake now?",
            "The keys that spend for it are switched off until the period is over, but for those that are kept.",
            "Brake",
        ),
    )
}

/// A brake is on: `change` put it on.
#[must_use]
pub fn braked(
    limit: (&crate::domain::LimitId, &str),
    (done, change): (&str, &str),
    until: crate::clock::Moment,
) -> Message {
    // What it is about is said above already.
    let done = done.trim_start_matches("the brake is on; ");
    Message::plain(format!("The brake of {} is on.", limit_words(limit.0, limit.1)))
        .tone(Tone::Warning)
        .fields([("What was done", Text::plain(done)), ("Put back", Text::new().time(until))])
        .button(Button::new("Undo", &["request", "undo", change]).confirm(
            "Take the brake off?",
            "What it did is put back now, and the brake stays off until the period is over.",
            "Take it off",
        ))
        .hint(Text::plain("A key that must go on: ").command("limit keep … --reason …").then("."))
}

/// A brake is off.
#[must_use]
pub fn released(limit: (&crate::domain::LimitId, &str), done: &str) -> Message {
    Message::plain(format!("The brake of {} is off: {done}.", limit_words(limit.0, limit.1))).tone(Tone::Good)
}
