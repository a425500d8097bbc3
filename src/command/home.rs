//! `/claude home`, and `/claude` alone: a person's start page.

use super::key::is_own;
use super::{Outcome, Tools, request};
use crate::change::{Asker, Failure};
use crate::chat::{Acknowledgement, Button, ButtonStyle, Home as Page, Message, Text};
use crate::domain::{Basis, Change, Permission, PersonId, Right, Scope, SpendQuery, Timeframe, Toward, spoken_name};
use crate::store::{ListedKey, RequestFilter};
use crate::view;

/// How many requests of each sort are shown.
const MOST: usize = 5;

/// Your start page.
///
/// What you asked for and spent, what waits for you, and buttons for the commonest things. The same as saying nothing at all.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(after_help = "home")]
pub struct Home {}

impl Home {
    /// Puts the page together.
    ///
    /// # Errors
    ///
    /// [`Failure::Internal`] if the database could not be asked.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        let mut sections = vec![greeting(asker)];
        let waiting = request::waiting_for(tools, asker).await?;
        if !waiting.is_empty() {
            sections.push(Message::new(Text::new().strong(format!("Waiting for you: {}", waiting.len()))));
            sections.extend(waiting.iter().take(MOST).map(|it| view::card(it, &[], &[])));
        }
        if let Some(person) = &asker.person {
            sections.extend(keys(tools, asker, &person.id).await?);
            sections.extend(spending(tools, asker, &person.id).await?);
            let mine = tools.store.requests(&RequestFilter::AskedBy(person.id.clone()), 50).await?;
            sections.push(own(&mine));
        }
        Ok(Outcome::Home(Page { sections }))
    }
}

fn greeting(asker: &Asker) -> Message {
    let name = asker.standing.name.split(' ').next().unwrap_or_default();
    let hello = if name.is_empty() { "Hello.".to_owned() } else { format!("Hello, {name}.") };
    let open = |label: &str, words: &[&str]| Button::new(label, words).acknowledged(Acknowledgement::Open);
    if !asker.rights.any() {
        return Message::plain(format!("{hello} I do not know yet who you are in the Claude organization."))
            .hint(Text::plain("If you are a member already, link your account. If not, ask for an invitation."))
            .button(Button::new("Link my account", &["link"]).style(ButtonStyle::Primary))
            .button(Button::new("Ask for an invitation", &["invite", "me"]))
            .button(Button::new("Help", &["help"]));
    }
    Message::plain(format!("{hello} This is your Claude organization."))
        .hint(Text::plain("Everything here can also be typed: ").command("help").then("."))
        .button(open("Invite a colleague", &["invite"]).style(ButtonStyle::Primary))
        .button(open("Request an API key", &["key", "request"]))
        .button(Button::new("Members", &["member", "list"]))
        .button(Button::new("Requests", &["request", "list"]))
        .button(Button::new("Who am I", &["whoami"]))
        .button(Button::new("Help", &["help"]))
}

/// The keys that wait to be revealed, each with its button, and those that somebody has.
async fn keys(tools: &Tools, asker: &Asker, person: &PersonId) -> Result<Vec<Message>, Failure> {
    let mut sections = Vec::new();
    for row in tools.store.offered_to(person).await? {
        let change = match row.change {
            Some(number) => tools.store.change_numbered(number).await?,
            None => None,
        };
        let until = row.look_until.or(row.offered_until).filter(|until| *until > tools.clock.now());
        if let (Some(change), Some(until)) = (change, until) {
            let what = match row.seen_at {
                None => "An API key waits for you to reveal it",
                Some(_) => "You can look at your API key again",
            };
            let text = Text::new().strong(what).then(", until ").time(until).then(".");
            sections.push(Message::new(text).button(view::key::reveal(&change.id)));
        }
    }
    let own: Vec<_> =
        tools.store.listed_keys(false, tools.clock.now()).await?.into_iter().filter(|it| is_own(asker, it)).collect();
    if !own.is_empty() {
        let headline = Message::new(Text::new().strong(format!("Your API keys: {}", own.len())));
        let line = |it: &ListedKey| {
            let place = it.workspace.clone().unwrap_or_else(|| "no workspace".into());
            (spoken_name(&it.key.name).to_owned(), Text::plain(format!("{place} — {}", it.key.status)))
        };
        sections.push(
            headline.fields(own.iter().take(MOST).map(line)).button(Button::new("All of them", &["key", "list"])),
        );
    }
    Ok(sections)
}

/// What somebody spent this month, if anything.
async fn spending(tools: &Tools, asker: &Asker, person: &PersonId) -> Result<Option<Message>, Failure> {
    let zone = tools.rules.now().zone();
    let month = Timeframe::Month.at(tools.clock.now(), &zone);
    let may = asker.right(Permission::UsageOwn, Toward::Oneself) == Right::Do;
    let Some(month) = month.filter(|_| may) else { return Ok(None) };
    let scope = Scope::Person(person.0.clone());
    let query = SpendQuery { scope, from: month.from, to: month.to, by: Vec::new() };
    let spent = tools.store.spend(&query).await?.into_iter().next().filter(|it| it.tokens > 0 || !it.amount.is_zero());
    Ok(spent.map(|it| {
        let sure = if it.basis == Basis::Billed { "as billed" } else { "in part an estimate" };
        Message::new(Text::new().strong(format!("Your spending this month: {}", it.amount)).then(format!(", {sure}.")))
            .button(Button::new("Details", &["cost", "--of=me"]))
    }))
}

fn own(mine: &[Change]) -> Message {
    if mine.is_empty() {
        return Message::new(Text::new().strong("Your requests: none"));
    }
    let open = mine.iter().filter(|it| it.state.is_open()).count();
    let headline = Message::new(Text::new().strong(format!("Your requests: {open} open")));
    let line = |it: &Change| (it.id.to_string(), Text::plain(format!("{} — {}", it.asked.plan.summary, it.state)));
    headline.fields(mine.iter().take(MOST).map(line))
}
