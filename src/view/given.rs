//! Rights that somebody was given, in words: grants and delegations, and where a right comes from.

use crate::chat::{Account, Message, Text, Tone};
use crate::domain::{Because, Delegation, DelegationTerms, Grant, GrantTerms, Source};

/// What the holder hears of a new grant.
#[must_use]
pub fn granted(terms: &GrantTerms, id: &str, by: &Account) -> Message {
    Message::new(Text::new().mention(by).then(format!(" granted you {}.", terms.words())))
        .fields([("Grant", Text::new().code(id)), ("You may now", Text::plain(terms.permission.about()))])
        .hint(Text::new().command("whoami").then(" shows it with your other rights."))
        .tone(Tone::Good)
}

/// What the holder hears when a grant is taken back.
#[must_use]
pub fn revoked(terms: &GrantTerms, id: &str, by: &Account) -> Message {
    Message::new(Text::new().mention(by).then(format!(" revoked your grant of {}.", terms.words())))
        .fields([("Grant", Text::new().code(id))])
        .hint("What your roles give you stays.")
        .tone(Tone::Warning)
}

/// A grant ends in so many days: to its holder, and to whoever gave it.
#[must_use]
pub fn grant_ends_soon(grant: &Grant, days: i64, to_holder: bool) -> Message {
    let when = if days == 1 { "in a day".to_owned() } else { format!("in {days} days") };
    let whose = if to_holder { "Your grant".to_owned() } else { format!("{}'s grant", grant.terms.holder.name) };
    let message = Message::plain(format!("{whose} of {} ends {when}.", grant.terms.words()))
        .fields([("Grant", Text::new().code(grant.id()))])
        .tone(Tone::Warning);
    if to_holder {
        message.hint("If you need it for longer, ask an admin.")
    } else {
        message.hint(Text::plain("Should it go on, revoke it and give it anew: ").command("grant give").then("."))
    }
}

/// A grant's last day is over: to its holder, and to whoever gave it.
#[must_use]
pub fn grant_expired(grant: &Grant, to_holder: bool) -> Message {
    let whose = if to_holder { "Your grant".to_owned() } else { format!("{}'s grant", grant.terms.holder.name) };
    Message::plain(format!("{whose} of {} has expired.", grant.terms.words()))
        .fields([("Grant", Text::new().code(grant.id()))])
        .hint("It gives nothing any more. What roles give stays.")
        .tone(Tone::Neutral)
}

fn who(account: Option<&Account>, name: &str) -> Text {
    account.map_or_else(|| Text::plain(name), |it| Text::new().mention(it))
}

/// A delegation has begun: to the approver, and to whoever stands in.
#[must_use]
pub fn delegation_began(it: &Delegation, accounts: (Option<&Account>, Option<&Account>)) -> (Message, Message) {
    let terms = &it.terms;
    let until = format!(" until {}", terms.until);
    let within = terms.within.as_ref().map_or_else(String::new, |it| format!(" in {}", it.name));
    let id = || [("Delegation", Text::new().code(it.id()))];
    let to_from = Message::new(
        who(accounts.1, &terms.to.name).then(format!(" stands in for you as approver{within} from now{until}.")),
    )
    .fields(id())
    .hint(
        Text::plain("You may go on deciding yourself. To end it: ")
            .command(format!("policy undelegate {}", it.id()))
            .then("."),
    );
    let to_to = Message::new(
        Text::plain("You stand in for ")
            .join(who(accounts.0, &terms.from.name))
            .then(format!(" as approver{within} from now{until}.")),
    )
    .fields(id())
    .hint("What they may decide, you may, but for their own requests, yours, and what is about either of you.");
    (to_from, to_to)
}

/// A delegation has ended, by itself or because somebody ended it: to the approver, and to whoever stood in.
#[must_use]
pub fn delegation_ended(
    terms: &DelegationTerms,
    id: &str,
    accounts: (Option<&Account>, Option<&Account>),
    is_early: bool,
) -> (Message, Message) {
    let how = if is_early { "was ended" } else { "has ended" };
    let fields = || [("Delegation", Text::new().code(id))];
    let within = terms.within.as_ref().map_or_else(String::new, |it| format!(" in {}", it.name));
    let to_from = Message::new(
        Text::plain("The time in which ")
            .join(who(accounts.1, &terms.to.name))
            .then(format!(" stood in for you as approver{within} {how}.")),
    )
    .fields(fields());
    let to_to = Message::new(
        Text::plain("The time in which you stood in for ")
            .join(who(accounts.0, &terms.from.name))
            .then(format!(" as approver{within} {how}.")),
    )
    .fields(fields())
    .hint("What you approved and is not made yet, needs somebody else's approval.");
    (to_from, to_to)
}

/// Where a role comes from; `you` for whoever holds it, else spoken of them.
#[must_use]
pub fn source(source: &Source, you: bool) -> Text {
    let (whom, are, whose) = if you { ("you", "you are", "your") } else { ("them", "they are", "their") };
    match source {
        Source::FirstAdmin(_) => Text::plain(format!("the configuration names {whom} under first_admins")),
        Source::Group(group) => Text::plain(format!("{are} in ")).code(group.clone()),
        Source::Named(_) => Text::plain(format!("the role map names {whose} account")),
        Source::ClaudeRole(role) => Text::plain(format!("{are} {role} in the organization")),
        Source::Link => Text::plain(format!("{whose} account is linked")),
        Source::Operator => Text::plain(format!("{are} at the command line")),
    }
}

/// `granted by @ada until 2026-12-31 (G1)`.
#[must_use]
pub fn grant_source(grant: &Grant) -> Text {
    let until = grant.terms.until.map_or_else(String::new, |it| format!(" until {it}"));
    Text::plain("granted by ").mention(&grant.given_by).then(format!("{until} (")).code(grant.id()).then(")")
}

/// What a right comes from, spoken of whoever has it.
#[must_use]
pub fn because(because: &Because<'_>) -> Text {
    match because {
        Because::Role(holding) => {
            let place = holding.workspace.as_ref().map_or_else(String::new, |it| format!(" in {it}"));
            Text::plain(format!("role {}{place} (", holding.role)).join(source(&holding.source, false)).then(")")
        }
        Because::Grant(grant) => grant_source(grant),
    }
}
