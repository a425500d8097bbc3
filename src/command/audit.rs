//! `/claude audit [--of who] [--since day] [--limit n] [--verify]` reads the trail of what was done, newest first.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::ask::whole_number;
use super::{Outcome, Tools, listing};
use crate::change::Failure;
use crate::chat::{Block, Button, Message, Table, Text, Tone};
use crate::clock::Moment;
use crate::domain::{AuditEntry, Checked, Who};
use crate::store::{MemberFilter, Trail};

const MOST: u32 = 100;

/// Who did what, and when.
///
/// Every change leaves its lines before it takes effect, and each line seals the one before it: --verify checks that
/// none was changed, moved or taken out.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(after_help = "audit\naudit --of ada@example.com --since 2026-12-01\naudit --verify")]
pub struct Audit {
    /// What this person did, or had done to them.
    #[arg(long, value_name = "who")]
    pub of: Option<Who>,
    /// Nothing older than this day.
    #[arg(long, value_name = "date", value_parser = day)]
    pub since: Option<Date>,
    /// How many lines at most.
    #[arg(long, value_name = "number", value_parser = limit, default_value = "20")]
    pub limit: u32,
    /// Check the whole chain.
    #[arg(long, conflicts_with_all = ["of", "since"])]
    pub verify: bool,
    /// Answer in JSON, at the command line.
    #[arg(long, hide = true)]
    pub json: bool,
}

/// A calendar day, nothing else: `2026-12-31`.
fn day(text: &str) -> Result<Date, String> {
    let shaped = text.len() == "2026-12-31".len() && text.bytes().all(|it| it.is_ascii_digit() || it == b'-');
    let day = if shaped { text.parse().ok() } else { None };
    day.ok_or_else(|| "a day is written like 2026-12-31".to_owned())
}

fn limit(text: &str) -> Result<u32, String> {
    whole_number(text, MOST)
}

impl Audit {
    /// Reads the trail, or checks it.
    ///
    /// # Errors
    ///
    /// [`Failure::Internal`] if the database could not be asked.
    pub async fn run(self, tools: &Tools) -> Result<Outcome, Failure> {
        if self.verify {
            return Ok(Outcome::says(checked(&tools.store.verify_audit().await?)));
        }
        let actor = match &self.of {
            Some(Who::Account(account)) => Some(account.to_string()),
            Some(who) => Some(self.account_of(tools, who).await?),
            None => None,
        };
        let since = match self.since {
            Some(day) => Some(start_of(day, &tools.rules.now().time_zone)?),
            None => None,
        };
        let wanted = Trail { actor, since, limit: i64::from(self.limit), ..Trail::default() };
        let entries = tools.store.trail(&wanted).await?;
        if self.json {
            return Ok(Outcome::says(listing::json(&serde_json::to_value(&entries).unwrap_or_default())));
        }
        let row = |it: &AuditEntry| {
            vec![
                Text::plain(it.seq.to_string()),
                Text::new().time(it.at),
                Text::plain(it.actor.clone()),
                Text::plain(it.action.clone()),
                Text::plain(it.about.clone()),
            ]
        };
        let columns = ["No.", "When", "Who", "What", "About"].map(ToOwned::to_owned).to_vec();
        let table = Table { caption: "Audit trail".into(), columns, rows: entries.iter().map(row).collect() };
        let mut message = Message::plain(match entries.len() {
            0 => "No entry fits.".to_owned(),
            count => format!("The newest {count} entries."),
        });
        if !entries.is_empty() {
            message = message.block(Block::Table(table));
        }
        Ok(Outcome::says(message.button(Button::new("Verify", &["audit", "--verify"]))))
    }

    /// The account that a person acts from, so that their entries can be found.
    async fn account_of(&self, tools: &Tools, who: &Who) -> Result<String, Failure> {
        let unknown = || {
            Failure::mistake(
                "I know no chat account of that person.",
                Text::plain("Name the account itself: ").command("audit --of @browser:ada").then("."),
            )
        };
        let members = match who {
            Who::Email(email) => tools.store.members_at(email.as_str()).await?,
            Who::Member(id) => tools.store.member(id).await?.into_iter().collect(),
            Who::Name(name) => {
                tools.store.members(&MemberFilter { find: Some(name.clone()), role: None }, 0, 2).await?.rows
            }
            Who::Me | Who::Account(_) => Vec::new(),
        };
        let [member] = members.as_slice() else { return Err(unknown()) };
        let person = tools.store.person_of_member(&member.id).await?.ok_or_else(unknown)?;
        let links = tools.store.links(&person.id).await?;
        links.first().map(|it| it.account.to_string()).ok_or_else(unknown)
    }
}

/// What a check of the whole trail found, in words.
#[must_use]
pub fn checked(found: &Checked) -> Message {
    match &found.broken {
        None => Message::plain(format!(
            "The audit trail is whole: {} entries, each sealed to the one before.",
            found.entries
        ))
        .fields([("Head", Text::new().code(found.head.clone()))])
        .hint("Keep the head somewhere else: it proves later that nothing was cut off.")
        .tone(Tone::Good),
        Some(broken) => {
            Message::plain(format!("The audit trail was tampered with at entry {}: {}.", broken.seq, broken.what))
                .hint("Stop, keep the database file as it is, and find out who could write to it.")
                .tone(Tone::Bad)
        }
    }
}

/// Midnight at the beginning of a day, in the configuration's zone.
fn start_of(day: Date, zone: &str) -> Result<Moment, Failure> {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let start = zone.to_ambiguous_timestamp(day.at(0, 0, 0, 0)).compatible();
    start.map_err(|_| Failure::mistake("That day is outside the calendar.", "Days are written like 2026-12-31."))
}
