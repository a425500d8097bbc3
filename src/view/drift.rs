//! Words about drift: what was changed in the organization past Steward.

use crate::chat::{Acknowledgement, Block, Button, Message, Table, Text, Tone};
use crate::domain::{Difference, Drift, DriftKind, DriftState};

/// The card of a difference; a receipt once somebody settled it. `who` did it, as far as Anthropic's activity feed tells.
#[must_use]
pub fn card(drift: &Drift, who: Option<&str>) -> Message {
    let said = sentence(&drift.difference);
    let number = || {
        let number = Text::new().code(drift.number.to_string());
        let known = [("Difference", number), ("Found", Text::new().time(drift.found_at))];
        known.into_iter().chain(who.map(|it| ("By, as Anthropic's feed says", Text::plain(it))))
    };
    let by = |text: Text| match &drift.settled {
        Some((by, _)) => match by.parse() {
            Ok(account) => text.then(" by ").mention(&account),
            Err(_) => text,
        },
        None => text,
    };
    match drift.state {
        DriftState::Open => {
            let mut message = Message::plain(format!("Changed past me: {said}"))
                .badge("drift", Tone::Warning)
                .tone(Tone::Warning)
                .fields(number())
                .button(button("Adopt", drift, "adopt").describes(format!("Take it as it is: {said}")));
            if let Some(what) = reverting(&drift.difference) {
                let revert = button("Revert", drift, "revert");
                message = message.button(revert.describes(format!("Ask to {what}")));
            }
            if let (DriftKind::ApiKey, None) = (drift.difference.thing.kind, &drift.difference.before) {
                // Nobody asked Steward for it: somebody is to look after it.
                let words = ["key", "adopt", drift.difference.thing.id.as_str()];
                message = message.button(Button::new("Look after it", &words).describes("Look after this key myself"));
            }
            message
                .button(
                    button("Ignore for 30 days", drift, "ignore")
                        .describes(format!("Not told again for 30 days: {said}")),
                )
                .hint(hint(&drift.difference))
        }
        DriftState::Adopted => {
            let text = Text::plain(format!("Taken as it is: {said}"));
            Message::new(text)
                .badge("adopted", Tone::Good)
                .tone(Tone::Good)
                .fields(number())
                .paragraph(by("Adopted".into()).then("."))
        }
        DriftState::Ignored => {
            let until = drift.ignored_until.map_or_else(Text::new, |at| Text::plain(" until ").time(at));
            Message::plain(format!("Ignored: {said}"))
                .badge("ignored", Tone::Neutral)
                .fields(number())
                .paragraph(by("Ignored".into()).join(until).then("."))
                .button(button("Adopt", drift, "adopt").describes(format!("Take it as it is: {said}")))
        }
        DriftState::Over if drift.ignored_until.is_some() => Message::plain(format!("Ignored long enough: {said}"))
            .badge("over", Tone::Neutral)
            .fields(number())
            .paragraph("It is still so, and told anew below."),
        DriftState::Over => Message::plain(format!("No longer so: {said}"))
            .badge("over", Tone::Good)
            .fields(number())
            .paragraph("It was changed again since then, and nothing has to be done about this any more."),
    }
}

fn button(label: &str, drift: &Drift, verb: &str) -> Button {
    Button::new(label, &["drift", verb, &drift.number.to_string()]).acknowledged(Acknowledgement::Whisper)
}

/// What it is, in a sentence.
#[must_use]
pub fn sentence(it: &Difference) -> String {
    let (label, before, after) = (&it.label, it.before.as_deref(), it.after.as_deref());
    let place = it.place.as_deref().unwrap_or("a workspace");
    let said = match (it.thing.kind, before, after) {
        (DriftKind::Member, Some(_), None) => format!("{label} was removed from the organization"),
        (DriftKind::Member, None, Some(role)) => format!("{label} has joined the organization as {role}"),
        (DriftKind::Member, before, after) => format!("{label} is {} now, and was {}", named(after), named(before)),
        (DriftKind::Invite, None, Some(role)) => format!("{label} was invited as {role}"),
        (DriftKind::Invite, _, None) => format!("the invitation of {label} was withdrawn"),
        (DriftKind::Invite, before, after) => {
            format!("the invitation of {label} is for {} now, and was for {}", named(after), named(before))
        }
        (DriftKind::Workspace, None, Some(_)) => format!("the workspace {label} was made"),
        (DriftKind::Workspace, _, Some("archived") | None) => format!("the workspace {label} was archived"),
        (DriftKind::Workspace, _, Some(_)) => format!("the workspace {label} is in use again"),
        (DriftKind::Membership, None, Some(role)) => format!("{label} was let into {place} as {role}"),
        (DriftKind::Membership, _, None) => format!("{label} was taken out of {place}"),
        (DriftKind::Membership, before, after) => {
            format!("{label} is {} in {place} now, and was {}", named(after), named(before))
        }
        (DriftKind::ApiKey, None, Some(status)) => format!("the API key {label} was made, and is {status}"),
        (DriftKind::ApiKey, _, None) => format!("the API key {label} is gone"),
        (DriftKind::ApiKey, before, after) => {
            format!("the API key {label} is {} now, and was {}", named(after), named(before))
        }
    };
    match it.folded {
        0 => format!("{said}."),
        1 => format!("{said}, and with that one more thing changed."),
        more => format!("{said}, and with that {more} more things changed."),
    }
}

fn named(value: Option<&str>) -> &str {
    value.unwrap_or("nothing")
}

/// What reverting it asks for; none if the API cannot bring it back.
#[must_use]
pub fn reverting(it: &Difference) -> Option<String> {
    let (label, place) = (&it.label, it.place.as_deref().unwrap_or("the workspace"));
    match (it.thing.kind, it.before.as_deref(), it.after.as_deref()) {
        (DriftKind::Member, Some("admin"), _) | (DriftKind::Member, _, Some("admin")) => None,
        (DriftKind::Member, Some(role), Some(_)) => Some(format!("make {label} {role} again")),
        (DriftKind::Member, None, Some(_)) => Some(format!("remove {label}")),
        (DriftKind::Invite, None, Some(_)) => Some(format!("withdraw the invitation of {label}")),
        (DriftKind::Invite, Some(role), None) => Some(format!("invite {label} as {role} again")),
        (DriftKind::Workspace, None, Some("active")) => Some(format!("archive the workspace {label}")),
        (DriftKind::Membership, Some(role), Some(_)) => Some(format!("make {label} {role} in {place} again")),
        (DriftKind::Membership, None, Some(_)) => Some(format!("take {label} out of {place}")),
        (DriftKind::Membership, Some(role), None) => Some(format!("let {label} into {place} again as {role}")),
        (DriftKind::ApiKey, Some(to @ ("active" | "inactive")), Some("active" | "inactive")) => {
            Some(format!("bring the API key {label} back to {to}"))
        }
        (DriftKind::ApiKey, None, Some("active")) => Some(format!("switch the API key {label} off")),
        _ => None,
    }
}

/// How to go on.
fn hint(it: &Difference) -> Text {
    if reverting(it).is_some() {
        return Text::plain("Nothing happens by itself. If this was meant, adopt it.");
    }
    match (it.thing.kind, it.before.as_deref(), it.after.as_deref()) {
        (DriftKind::Member, Some(_), None) => Text::plain("Whoever was removed has to be invited again: ")
            .command(format!("invite {}", it.label))
            .then("."),
        (DriftKind::Member, ..) => Text::plain("Admins are made and unmade in the Claude Console alone."),
        (DriftKind::Workspace, ..) => Text::plain("What was archived stays archived."),
        (DriftKind::ApiKey, ..) => Text::plain("A key that was archived does not come back."),
        _ => Text::plain("This cannot be brought back from here."),
    }
}

/// Many differences at once.
#[must_use]
pub fn many(found: &[Difference]) -> Message {
    Message::plain(format!("{} things were changed past me.", found.len()))
        .badge("drift", Tone::Warning)
        .tone(Tone::Warning)
        .paragraph(found.iter().take(3).map(|it| capitalized(&sentence(it))).collect::<Vec<_>>().join(" "))
        .button(Button::new("Show them", &["drift", "list"]))
        .hint(Text::plain("Each can be adopted, reverted or ignored: ").command("drift list").then("."))
}

/// A sentence by itself. An address stays as it is.
#[must_use]
pub fn capitalized(text: &str) -> String {
    text.strip_prefix("the ").map_or_else(|| text.to_owned(), |rest| format!("The {rest}"))
}

/// Differences that stand, as a table.
#[must_use]
pub fn table(drifts: &[Drift]) -> Block {
    let row = |it: &Drift| {
        let state = match (it.state, it.ignored_until) {
            (DriftState::Ignored, Some(until)) => Text::plain("ignored until ").time(until),
            (state, _) => Text::plain(state.as_str()),
        };
        let number = Text::new().code(it.number.to_string());
        vec![number, Text::plain(capitalized(&sentence(&it.difference))), Text::new().time(it.found_at), state]
    };
    Block::Table(Table {
        caption: "Changed past Steward".into(),
        columns: ["Number", "What", "Found", "State"].map(ToOwned::to_owned).to_vec(),
        rows: drifts.iter().map(row).collect(),
    })
}
