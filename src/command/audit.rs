//! `/claude audit` looks into the trail of what was done, newest first: by who, by what, about whom or what, in a span of days.
//!
//! - Needs: `audit`. Reads: the trail, and what people, members and workspaces are called there. Leaves behind: nothing.

use jiff::Span;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::ask::{Listing, short_text, whole_number};
use super::day::day;
use super::{Outcome, Tools, audit_names, listing, words};
use crate::change::{Asker, Failure};
use crate::chat::{Acknowledgement, Block, Button, Message, Table, Text, Tone};
use crate::clock::Moment;
use crate::domain::{AuditEntry, Checked, Who};
use crate::store::Trail;

const MOST: u32 = 100;
const USUAL: u32 = 20;
/// The longest name of an action or of a thing that is looked for.
const LONGEST: usize = 200;

/// Who did what, and when.
///
/// Every change leaves its lines before it takes effect, and each line seals the one before it: --verify checks that
/// none was changed, moved or taken out. All that is given must fit.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(
    after_help = "audit\naudit --of ada@example.com --since 2026-12-01\naudit --action invite.approved --until 2026-12-31\naudit --about C17-k3f9\naudit --verify"
)]
pub struct Audit {
    /// What this person did, or had done to them.
    #[arg(long, value_name = "who")]
    pub of: Option<Who>,
    /// What was done: invite, invite.approved, approved.
    #[arg(long, value_name = "action", value_parser = action)]
    pub action: Option<String>,
    /// A request, a member or a workspace.
    #[arg(long, value_name = "what", value_parser = thing)]
    pub about: Option<String>,
    /// Nothing older than this day.
    #[arg(long, value_name = "date", value_parser = day)]
    pub since: Option<Date>,
    /// Nothing newer than this day.
    #[arg(long, value_name = "date", value_parser = day)]
    pub until: Option<Date>,
    /// How many lines at most.
    #[arg(long, value_name = "number", value_parser = limit)]
    pub limit: Option<u32>,
    /// Check the whole chain.
    #[arg(long, conflicts_with_all = ["of", "action", "about", "since", "until", "page"])]
    pub verify: bool,
    /// How the list is shown.
    #[command(flatten)]
    pub listing: Listing,
}

fn limit(text: &str) -> Result<u32, String> {
    whole_number(text, MOST)
}

/// An action as the trail writes them: small letters, dots, underscores.
///
/// # Errors
///
/// What an action looks like.
pub fn action(text: &str) -> Result<String, String> {
    let text = short_text(text.trim(), LONGEST)?.to_lowercase();
    let fits = !text.is_empty() && text.bytes().all(|it| it.is_ascii_lowercase() || it == b'.' || it == b'_');
    if fits { Ok(text) } else { Err("an action is written like invite.approved, invite or approved".to_owned()) }
}

fn thing(text: &str) -> Result<String, String> {
    let text = short_text(text.trim(), LONGEST)?;
    if text.is_empty() { Err("a request, a member or a workspace is named".to_owned()) } else { Ok(text) }
}

impl Audit {
    /// Looks into the trail, or checks it.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] for a person whom nobody knows, [`Failure::Internal`] if the database could not be asked.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        if self.verify {
            return Ok(Outcome::says(checked(&tools.store.verify_audit().await?)));
        }
        let most = i64::from(self.limit.unwrap_or(USUAL));
        let skip = (self.listing.number() - 1) * most;
        let mut wanted = self.wanted(tools, asker).await?;
        (wanted.skip, wanted.limit) = (skip, most + 1);
        let mut entries = tools.store.trail(&wanted).await?;
        let more = entries.len() > usize::try_from(most).unwrap_or(usize::MAX);
        entries.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        if self.listing.json {
            return Ok(Outcome::says(listing::json(&serde_json::to_value(&entries).unwrap_or_default())));
        }
        Ok(Outcome::says(self.shown(&entries, skip, more)))
    }

    /// What is looked for, without the page.
    async fn wanted(&self, tools: &Tools, asker: &Asker) -> Result<Trail, Failure> {
        let zone = tools.rules.now().zone();
        let of = match &self.of {
            Some(who) => audit_names::of(tools, asker, who).await?,
            None => Vec::new(),
        };
        let concerning = match &self.about {
            Some(what) => audit_names::about(tools, asker, what).await?,
            None => Vec::new(),
        };
        Ok(Trail {
            of,
            concerning,
            action: self.action.clone(),
            since: self.since.map(|day| start_of(day, &zone)).transpose()?,
            until: self.until.map(|day| end_of(day, &zone)).transpose()?,
            ..Trail::default()
        })
    }

    fn shown(&self, entries: &[AuditEntry], skip: i64, more: bool) -> Message {
        let count = i64::try_from(entries.len()).unwrap_or(i64::MAX);
        let mut message = Message::plain(match (entries.len(), skip) {
            (0, 0) => "No entry fits.".to_owned(),
            (0, _) => "There are no older entries that fit.".to_owned(),
            (1, 0) => "The newest entry.".to_owned(),
            (count, 0) => format!("The newest {count} entries."),
            (_, _) => format!("Entries {} to {}, from the newest on.", skip + 1, skip + count),
        });
        if !entries.is_empty() {
            message = message.block(Block::Table(table(entries)));
        }
        let words = self.words();
        let to = |label: &str, page: i64| {
            let page = page.to_string();
            let words: Vec<&str> = words.iter().map(String::as_str).chain(["--page", &page]).collect();
            Button::new(label, &words).acknowledged(Acknowledgement::Edit)
        };
        if self.listing.number() > 1 {
            message = message.button(to("Newer", self.listing.number() - 1));
        }
        if more {
            message = message.button(to("Older", self.listing.number() + 1));
        }
        message
            .button(Button::new("Verify", &["audit", "--verify"]))
            .hint(Text::plain("As a file, at the command line: ").code(self.export()).then("."))
    }

    /// The same search as a command, without its page.
    fn words(&self) -> Vec<String> {
        let mut said = vec!["audit".to_owned()];
        let options = [
            ("--of", self.of.as_ref().map(ToString::to_string)),
            ("--action", self.action.clone()),
            ("--about", self.about.clone()),
            ("--since", self.since.map(|it| it.to_string())),
            ("--until", self.until.map(|it| it.to_string())),
            ("--limit", self.limit.map(|it| it.to_string())),
        ];
        for (name, value) in options {
            said.extend(value.map(|value| format!("{name}={value}")));
        }
        said
    }

    /// The same search as the operator would have it written to a file.
    fn export(&self) -> String {
        let words = self.words();
        let filters = words.iter().skip(1).filter(|it| !it.starts_with("--limit")).cloned();
        let all: Vec<String> =
            ["steward", "audit", "export", "--format=csv"].map(ToOwned::to_owned).into_iter().chain(filters).collect();
        words::join(&all)
    }
}

fn table(entries: &[AuditEntry]) -> Table {
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
    Table { caption: "Audit trail".into(), columns, rows: entries.iter().map(row).collect() }
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
        .hint(
            Text::plain("Signed heads are told outside, too. At the command line, ")
                .code("steward audit verify")
                .then(" compares with them, which proves that nothing was cut off."),
        )
        .tone(Tone::Good),
        Some(broken) => {
            Message::plain(format!("The audit trail was tampered with at entry {}: {}.", broken.seq, broken.what))
                .hint("Stop, keep the database file as it is, and find out who could write to it.")
                .tone(Tone::Bad)
        }
    }
}

/// Midnight at the beginning of a day, in the configuration's zone.
fn start_of(day: Date, zone: &TimeZone) -> Result<Moment, Failure> {
    let start = zone.to_ambiguous_timestamp(day.at(0, 0, 0, 0)).compatible();
    start.map_err(|_| outside_the_calendar())
}

/// Midnight at its end.
fn end_of(day: Date, zone: &TimeZone) -> Result<Moment, Failure> {
    start_of(day.checked_add(Span::new().days(1)).map_err(|_| outside_the_calendar())?, zone)
}

fn outside_the_calendar() -> Failure {
    Failure::mistake("That day is outside the calendar.", "Days are written like 2026-12-31.")
}
