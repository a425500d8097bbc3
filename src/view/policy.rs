//! Why policy says what it says, in words.

use super::given::because;
use super::talk::named;
use super::time::span;
use crate::chat::{Message, Text};
use crate::domain::{
    Approvals, Because, Decision, ExplainedApprovers, ExplainedCase, ExplainedQuota, Explanation, Right, Ruled,
};

/// How many of the people who could approve are named.
const MOST_NAMED: usize = 10;

/// What would become of a change if somebody asked for it now, and why.
#[must_use]
pub fn explained(it: &Explanation) -> Message {
    let place = it.workspace.as_ref().map_or_else(String::new, |name| format!(" in {name}"));
    let head = Text::plain("If ").mention(&it.who).then(format!(" asks to {}{place} (", it.kind.about()));
    let mut message = Message::new(head.code(it.kind.as_str()).then("):"));
    for case in &it.cases {
        message = message.fields(fields(it, case));
    }
    if !it.quotas.is_empty() {
        message = message.fields(it.quotas.iter().map(|it| ("Quota", quota(it))).collect::<Vec<_>>());
    }
    message.hint("Nothing was asked for. Rights are looked at again when somebody asks, decides, and when it is made.")
}

fn fields(it: &Explanation, case: &ExplainedCase) -> Vec<(String, Text)> {
    let label =
        |text: &str| case.label.as_ref().map_or_else(|| text.to_owned(), |way| format!("{way}: {}", lower(text)));
    let mut fields = vec![(label("They may"), right(case))];
    let Some(ruled) = &case.ruled else { return fields };
    fields.push((label("Policy asks"), asks(it, ruled)));
    fields.extend(case.approvers.iter().map(|it| (label("Could approve"), known(it))));
    if !case.standing_in.is_empty() {
        fields.push((label("Stand in for one of them"), listed(&case.standing_in)));
    }
    fields
}

fn lower(text: &str) -> String {
    text.chars().enumerate().map(|(at, it)| if at == 0 { it.to_ascii_lowercase() } else { it }).collect()
}

/// How far the right goes, and where it comes from.
fn right(case: &ExplainedCase) -> Text {
    let how = match case.right {
        Right::Do => "yes, by ",
        Right::Ask => "ask, by ",
        Right::No => {
            return Text::plain("no: nothing gives them ").code(case.permission.as_str()).then(". It is refused.");
        }
    };
    if case.own {
        let how = if case.right == Right::Do { "yes" } else { "ask" };
        return Text::plain(format!("{how}, because it is about themselves"));
    }
    let roles = case.holdings.iter().map(Because::Role);
    let sources = roles.chain(case.grants.iter().map(Because::Grant));
    let start = Text::plain(how).code(case.permission.as_str()).then(": ");
    sources.enumerate().fold(start, |text, (at, it)| text.then(if at == 0 { "" } else { "; " }).join(because(&it)))
}

/// What policy asks, and who says so.
fn asks(it: &Explanation, ruled: &Ruled) -> Text {
    let decision = match &ruled.decision {
        Decision::AtOnce => "nobody has to agree; it is made at once".to_owned(),
        Decision::Refuse => "it is refused".to_owned(),
        Decision::Approvals(asked) => approvals(asked),
    };
    let by = match (ruled.rule, it.rules) {
        (Some(index), all) => format!("rule {} of {all} in the configuration", index + 1),
        (None, 0) => "the shipped table; the configuration has no rules".to_owned(),
        (None, 1) => "the shipped table; the one rule in the configuration does not fit".to_owned(),
        (None, all) => format!("the shipped table; none of the {all} rules in the configuration fits"),
    };
    Text::plain(format!("{decision}. So says {by}."))
}

fn approvals(asked: &Approvals) -> String {
    let own = if asked.allow_self { "; whoever asks may be one of them" } else { "" };
    let several = if asked.count == 1 { "approval" } else { "approvals" };
    let by = if asked.in_order {
        let each: Vec<String> = asked.by.iter().map(|it| named(std::slice::from_ref(it))).collect();
        format!("{}, in this order", each.join(", then "))
    } else {
        named(&asked.by)
    };
    format!("{} {several} by {by}{own}", asked.count)
}

/// Who is meant, and how many of them are known.
fn known(it: &ExplainedApprovers) -> Text {
    let who = named(std::slice::from_ref(&it.approver));
    match it.known.len() {
        0 => Text::plain(format!("{who}: nobody who is known")),
        count => Text::plain(format!("{who}: {count} known, ")).join(listed(&it.known)),
    }
}

fn listed(accounts: &[crate::chat::Account]) -> Text {
    let shown = accounts.iter().take(MOST_NAMED).enumerate();
    let text = shown.fold(Text::new(), |text, (at, it)| text.then(if at == 0 { "" } else { ", " }).mention(it));
    match accounts.len().saturating_sub(MOST_NAMED) {
        0 => text,
        more => text.then(format!(" and {more} more")),
    }
}

fn quota(it: &ExplainedQuota) -> Text {
    let within = span(i64::try_from(it.at_most.within.as_secs()).unwrap_or(i64::MAX));
    let rest = if it.used >= it.at_most.count {
        "all of it is used up, so the next rule decides".to_owned()
    } else {
        match it.used {
            0 => "none of it is used".to_owned(),
            1 => "1 of it is used".to_owned(),
            used => format!("{used} of it are used"),
        }
    };
    Text::plain(format!("rule {} lets {} through at once within {within}; {rest}", it.rule + 1, it.at_most.count))
}
