//! A change in words: the card that waits, the receipt it becomes, the news for the asker.

use super::talk::{approvals, said_by};
use crate::chat::{Button, ButtonStyle, Message, Text, Tone};
use crate::clock::moment;
use crate::domain::{Approval, Change, Decision, Plan, Question, State};

/// How many calls of a plan are told one by one.
const MOST_STEPS: usize = 12;

/// The card of a change as it stands: with buttons while it waits, a receipt afterwards.
///
/// `approvers` are the chat groups to mention, written as in the configuration.
#[must_use]
pub fn card(change: &Change, approvers: &[String], questions: &[Question]) -> Message {
    let card = if change.state == State::Waiting { waiting(change, approvers) } else { receipt(change) };
    if questions.is_empty() {
        return card;
    }
    let asked = questions.iter().map(|it| {
        let answer = it.answer.as_deref().map_or_else(|| "no answer yet".to_owned(), |it| format!("“{it}”"));
        ("Question".to_owned(), Text::new().mention(&it.by).then(format!(": “{}” — {answer}", it.question)))
    });
    card.fields(asked.collect::<Vec<_>>())
}

fn waiting(change: &Change, approvers: &[String]) -> Message {
    let id = change.id.to_string();
    let asks = Text::new().mention(&change.asked.asker_account).then(format!(" asks to {}", change.asked.plan.summary));
    let mut message = Message::new(asks).badge("waiting for a decision", Tone::Waiting).tone(Tone::Waiting);
    message = message.fields(facts(change));
    let mut hint = Text::plain("Expires ").time(change.asked.expires_at).then(".");
    for group in approvers {
        hint = hint.then(" ").span(crate::chat::Span::Group(group.clone()));
    }
    message
        .hint(hint)
        .button(
            Button::new("Approve", &["request", "approve", &id])
                .style(ButtonStyle::Primary)
                .describes(format!("Approve {id}: {}", change.asked.plan.summary)),
        )
        .button(
            Button::new("Deny", &["request", "deny", &id])
                .style(ButtonStyle::Danger)
                .describes(format!("Deny {id}: {}", change.asked.plan.summary)),
        )
}

/// What an approver looks at: the calls, before and after, how to take it back.
fn facts(change: &Change) -> Vec<(String, Text)> {
    let mut facts = vec![("Request".to_owned(), Text::new().code(change.id.to_string()))];
    if let Some(reason) = &change.asked.reason {
        facts.push(("Reason".into(), Text::plain(reason.clone())));
    }
    if let Decision::Approvals(asked) = &change.asked.decision
        && asked.count > 1
    {
        facts.push(("Approvals".into(), approvals(change, asked)));
    }
    facts.extend(plan_facts(&change.asked.plan));
    facts
}

fn plan_facts(plan: &Plan) -> Vec<(String, Text)> {
    let mut facts: Vec<(String, Text)> = Vec::new();
    for step in plan.steps.iter().take(MOST_STEPS) {
        facts.push(("What happens".into(), Text::plain(format!("{} — ", step.does)).code(step.call.clone())));
    }
    if plan.steps.len() > MOST_STEPS {
        let more = format!("and {} calls more of the same kind", plan.steps.len() - MOST_STEPS);
        facts.push(("What happens".into(), Text::plain(more)));
    }
    for fact in &plan.before {
        let after =
            plan.after.iter().find(|it| it.name == fact.name).map(|it| format!(" → {}", it.value)).unwrap_or_default();
        facts.push((fact.name.clone(), Text::plain(format!("{}{after}", fact.value))));
    }
    for fact in plan.after.iter().filter(|it| !plan.before.iter().any(|before| before.name == it.name)) {
        facts.push((fact.name.clone(), Text::plain(format!("→ {}", fact.value))));
    }
    facts.push(("Cost".into(), Text::plain(plan.cost.clone().unwrap_or_else(|| "none".into()))));
    facts.push(("Undo".into(), Text::plain(plan.undo.clone().unwrap_or_else(|| "not possible".into()))));
    facts
}

fn receipt(change: &Change) -> Message {
    let mut text = Text::new();
    let summary = &change.asked.plan.summary;
    text = match change.state {
        State::Applied => text.then(format!("Done: {}.", change.note.as_deref().unwrap_or(summary))),
        State::Undone => text.then(format!("Taken back: {summary}.")),
        State::Denied => text.then(format!("Denied: {summary}.")),
        State::Expired => text.then(format!("Expired: {summary}. Nobody decided in time.")),
        State::Withdrawn => text.then(format!("Withdrawn: {summary}.")),
        State::Lapsed => text.then(format!("Lapsed: {summary}. Nothing was changed.")),
        State::Failed => text.then(format!("Failed: {summary}.")),
        State::Waiting | State::Approved | State::Applying => text.then(format!("Approved, being made: {summary}.")),
    };
    let mut fields = vec![
        ("Request".to_owned(), Text::new().code(change.id.to_string())),
        (
            "Asked by".to_owned(),
            Text::new().mention(&change.asked.asker_account).then(", ").time(change.asked.asked_at),
        ),
    ];
    if change.state == State::Denied || change.approvals.is_empty() {
        if let Some(decided) = &change.decided {
            let verb = if change.state == State::Denied { "Denied by" } else { "Approved by" };
            let by = match change.asked.decision {
                // Nobody was asked: the row names whoever asked, because it must name somebody.
                Decision::AtOnce => Text::plain("policy, at once"),
                _ => Text::new().mention(&decided.account).then(", ").time(decided.at),
            };
            fields.push((verb.into(), by));
        }
    } else {
        fields.extend(change.approvals.iter().map(|it| ("Approved by".into(), approved_by(it))));
    }
    if let Some(reason) = change.overridden() {
        fields.push(("Others were skipped because".into(), Text::plain(reason)));
    }
    if let Some(note) = still_true(change) {
        let label = if change.state == State::Denied { "Reason" } else { "What happened" };
        fields.push((label.into(), Text::plain(note)));
    }
    let (label, tone) = badge(change.state);
    let label = if change.overridden().is_some() { format!("{label}, glass broken") } else { label.to_owned() };
    let mut message = Message::new(text).badge(&label, tone).tone(tone).fields(fields);
    if let Some(button) = undo_button(change) {
        message = message.button(button);
    }
    message
}

fn approved_by(yes: &Approval) -> Text {
    said_by(yes).then(", ").time(moment(yes.at_ms))
}

/// What became of it, where the headline does not say so, and as long as it holds.
fn still_true(change: &Change) -> Option<&str> {
    change.note.as_deref().filter(|_| !matches!(change.state, State::Applied | State::Undone))
}

fn undo_button(change: &Change) -> Option<Button> {
    let undo = change.asked.plan.undo.as_ref().filter(|_| change.state == State::Applied)?;
    let button = Button::new("Undo", &["request", "undo", &change.id.to_string()])
        .describes(format!("Undo {}: {undo}", change.id))
        .confirm("Undo this?", format!("This will {undo}."), "Undo");
    Some(button)
}

fn badge(state: State) -> (&'static str, Tone) {
    match state {
        State::Waiting => ("waiting for a decision", Tone::Waiting),
        State::Approved | State::Applying => ("approved", Tone::Waiting),
        State::Applied => ("done", Tone::Good),
        State::Undone => ("undone", Tone::Neutral),
        State::Withdrawn => ("withdrawn", Tone::Neutral),
        State::Denied => ("denied", Tone::Bad),
        State::Failed => ("failed", Tone::Bad),
        State::Expired => ("expired", Tone::Warning),
        State::Lapsed => ("lapsed", Tone::Warning),
    }
}

/// The answer to whoever asked, right after asking.
#[must_use]
pub fn answer(change: &Change) -> Message {
    let id = change.id.to_string();
    match change.state {
        State::Waiting => Message::new(Text::plain(format!("Asked: {}.", change.asked.plan.summary)))
            .badge("waiting for a decision", Tone::Waiting)
            .hint(
                Text::plain("An approver decides; you are told by direct message. Expires ")
                    .time(change.asked.expires_at)
                    .then("."),
            )
            .fields([("Request", Text::new().code(id.clone()))])
            .button(Button::new("Withdraw", &["request", "withdraw", &id]).describes(format!("Withdraw {id}"))),
        State::Approved | State::Applying => {
            Message::new(Text::plain(format!("Approved, but not made yet: {}.", change.asked.plan.summary)))
                .badge("approved", Tone::Waiting)
                .paragraph(Text::plain(change.note.clone().unwrap_or_else(|| "It is being made.".into())))
                .hint(
                    Text::plain("It goes on by itself and is not lost. See ")
                        .command(format!("request show {id}"))
                        .then("."),
                )
        }
        _ => receipt(change),
    }
}

/// What the asker is told when something became of their request.
#[must_use]
pub fn news(change: &Change) -> Message {
    let summary = &change.asked.plan.summary;
    let id = change.id.to_string();
    let by = change.decided.as_ref().map(|it| it.account.clone());
    let headline = match (change.state, &by) {
        (State::Applied, Some(by)) if *by != change.asked.asker_account => change
            .approvals
            .last()
            .map_or_else(|| Text::new().mention(by), said_by)
            .then(" approved your request, and it is done: ")
            .then(change.note.clone().unwrap_or_else(|| summary.clone()))
            .then("."),
        (State::Applied, _) => {
            Text::plain(format!("Your request is done: {}.", change.note.as_deref().unwrap_or(summary)))
        }
        (State::Denied, Some(by)) => Text::new().mention(by).then(format!(" said no to your request to {summary}.")),
        (State::Expired, _) => Text::plain(format!("Nobody decided in time on your request to {summary}. It expired.")),
        (State::Lapsed, _) => {
            Text::plain(format!("Your request to {summary} lapsed before it was made. Nothing was changed."))
        }
        (State::Failed, _) => Text::plain(format!("Your request to {summary} could not be carried out.")),
        (State::Undone, _) => Text::plain(format!("What you asked for was taken back: {summary}.")),
        (State::Applying, Some(by)) if *by != change.asked.asker_account => {
            Text::new().mention(by).then(format!(" approved your request to {summary}, and it is under way."))
        }
        (State::Applying, _) => Text::plain(format!("Your request to {summary} is under way.")),
        (state, _) => Text::plain(format!("Your request to {summary} is {state} now.")),
    };
    let (label, tone) = badge(change.state);
    let mut message = Message::new(headline).badge(label, tone).tone(tone).fields([("Request", Text::new().code(id))]);
    if let Some(note) = still_true(change) {
        message = message.paragraph(Text::plain(note));
    }
    message
}

/// What approvers are told by direct message while nobody decides: the card, said otherwise.
#[must_use]
pub fn reminder(card: Message) -> Message {
    let text = Text::plain("Still waiting for a decision: ").join(card.text.clone()).then(".");
    Message { text, ..card }
}

/// What a dry run says.
#[must_use]
pub fn plan(plan: &Plan, decision: &Decision) -> Message {
    let who = match decision {
        Decision::AtOnce => "Nobody has to agree; it would be made at once.".to_owned(),
        Decision::Refuse => "Refused by policy.".to_owned(),
        Decision::Approvals(asked) if asked.count == 1 => "One approver has to agree.".to_owned(),
        Decision::Approvals(asked) if asked.in_order => format!("{} approvers have to agree, in order.", asked.count),
        Decision::Approvals(asked) => format!("{} approvers have to agree.", asked.count),
    };
    Message::new(Text::plain(format!("This would {}. Nothing was changed.", plan.summary)))
        .badge("dry run", Tone::Neutral)
        .fields(plan_facts(plan))
        .paragraph(Text::plain(who))
}

/// Somebody asked for the same thing before.
#[must_use]
pub fn asked_already(change: &Change) -> Message {
    Message::new(
        Text::new()
            .mention(&change.asked.asker_account)
            .then(format!(" asked for this already: {} (", change.asked.plan.summary))
            .code(change.id.to_string())
            .then(")."),
    )
    .badge(badge(change.state).0, badge(change.state).1)
    .hint(Text::plain("Nothing new was asked. That request expires ").time(change.asked.expires_at).then("."))
}

/// Somebody was faster, or time was.
#[must_use]
pub fn too_late(change: &Change) -> Message {
    let text = match (&change.decided, change.state) {
        (Some(_), _) if change.asked.decision == Decision::AtOnce => {
            Text::plain("Policy let this one through at once, so there is nothing to decide.")
        }
        (Some(decided), State::Denied) => Text::new().mention(&decided.account).then(" denied this one already."),
        (Some(decided), _) => Text::new().mention(&decided.account).then(" approved this one already."),
        (None, State::Waiting) => Text::plain("This request's time is over."),
        (None, state) => Text::plain(format!("This request is {state}, so there is nothing to decide.")),
    };
    Message::new(text)
        .hint(
            Text::plain("Nothing was changed by your press. See ")
                .command(format!("request show {}", change.id))
                .then("."),
        )
        .tone(Tone::Warning)
}

/// What a dry run of a decision says.
#[must_use]
pub fn rehearsal(verb: &str, change: &Change) -> Message {
    if change.state != State::Waiting {
        return too_late(change);
    }
    let text = format!("This would {verb} {}: {}. Nothing was changed.", change.id, change.asked.plan.summary);
    Message::new(text).badge("dry run", Tone::Neutral).fields(facts(change))
}

/// What admins are told when nobody but them can say what became of a call.
#[must_use]
pub fn parked(change: &Change) -> Message {
    Message::plain(format!("An admin has to look at this: {}.", change.asked.plan.summary))
        .badge("parked", Tone::Warning)
        .tone(Tone::Warning)
        .fields([("Request", Text::new().code(change.id.to_string()))])
        .paragraph(Text::plain(change.note.clone().unwrap_or_default()))
        .hint("Nothing is sent again. Set it right in the Claude Console; I look again every hour.")
}
