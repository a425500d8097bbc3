//! `/claude report subscribe/unsubscribe/list/preview/snooze`: what a channel is told by itself.
//!
//! - Needs: `report.subscribe`; `audit` for reports of the trail. Reads: subscriptions, and the figures of a preview. Comes to a
//!   ruling, for the pipeline. Leaves behind: nothing of its own.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::ask::{LONGEST_REASON, short_text};
use super::day::{self, day};
use super::report_expected::Expected;
use super::report_wish::{Wish, meant};
use super::{Outcome, Ruling, Tools, listing};
use crate::change::{Asker, Failure, Reporting};
use crate::chat::{Block, Message, Table, Text};
use crate::domain::{Beat, Permission, ReportKind, Rhythm, Right, Subscription, Toward};
use crate::view;

/// Nine o'clock.
const USUAL_MINUTE: u16 = 9 * 60;

/// Reports that channels get by themselves.
#[derive(Clone, Debug, PartialEq, Eq, clap::Subcommand)]
#[expect(missing_docs, reason = "the comment of each structure is the help; one here would hide it")]
pub enum Report {
    Subscribe(Subscribe),
    Unsubscribe(Unsubscribe),
    List(List),
    Preview(Preview),
    Snooze(Snooze),
    Expected(Expected),
}

impl Report {
    /// The command without what it is about.
    #[must_use]
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Subscribe(_) => "report subscribe",
            Self::Unsubscribe(_) => "report unsubscribe",
            Self::List(_) => "report list",
            Self::Preview(_) => "report preview",
            Self::Snooze(_) => "report snooze",
            Self::Expected(_) => "report expected",
        }
    }

    /// True for what only looks.
    #[must_use]
    pub fn only_looks(&self) -> bool {
        matches!(self, Self::List(_) | Self::Preview(_))
    }

    /// Runs it.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] of the one that is meant; nothing has changed then.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        match self {
            Self::Subscribe(it) => it.run(tools),
            Self::Unsubscribe(it) => Ok(it.run()),
            Self::List(it) => it.run(tools).await,
            Self::Preview(it) => it.run(tools, asker).await,
            Self::Snooze(it) => it.run(tools),
            Self::Expected(it) => it.run(tools).await,
        }
    }
}

/// Report to this channel.
///
/// A digest of what was spent, warnings, requests, or the audit trail; in the channel where it is said. Warnings come when there
/// are any, the others at their time.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(
    after_help = "report subscribe\nreport subscribe warnings\nreport subscribe daily requests --at 08:30 --zone Europe/Berlin --quiet\nreport subscribe monthly digest --names"
)]
pub struct Subscribe {
    /// Daily, weekly, monthly.
    ///
    /// Weekly, if nothing else is said: on Mondays.
    #[arg(value_name = "rhythm")]
    pub rhythm: Option<Wish>,
    /// Digest, warnings, requests, audit.
    ///
    /// A digest, if nothing else is said.
    #[arg(value_name = "kind", value_parser = kind)]
    pub kind: Option<ReportKind>,
    /// Time of day.
    ///
    /// At 09:00, if nothing else is said.
    #[arg(long, value_name = "time", value_parser = minute)]
    pub at: Option<u16>,
    /// Time zone.
    ///
    /// The configuration's, if nothing else is said.
    #[arg(long, value_name = "zone", value_parser = zone)]
    pub zone: Option<String>,
    /// Name people and keys.
    ///
    /// Everybody in the channel reads what each of them spent. For admins alone.
    #[arg(long)]
    pub names: bool,
    /// Only what is notable.
    #[arg(long)]
    pub quiet: bool,
    /// Another channel than this one.
    #[arg(long, hide = true, value_name = "channel", value_parser = channel)]
    pub channel: Option<String>,
}

/// End a report here.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "report unsubscribe\nreport unsubscribe requests")]
pub struct Unsubscribe {
    /// Which.
    #[arg(value_name = "kind", value_parser = kind)]
    pub kind: Option<ReportKind>,
    /// Another channel than this one.
    #[arg(long, hide = true, value_name = "channel", value_parser = channel)]
    pub channel: Option<String>,
}

/// Who gets reports.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(after_help = "report list")]
pub struct List {
    /// Answer in JSON, at the command line.
    #[arg(long, hide = true)]
    pub json: bool,
}

/// Show one now.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "report preview\nreport preview daily requests")]
pub struct Preview {
    /// How often.
    #[arg(value_name = "rhythm")]
    pub rhythm: Option<Wish>,
    /// Which.
    #[arg(value_name = "kind", value_parser = kind)]
    pub kind: Option<ReportKind>,
    /// For admins.
    ///
    /// Names people and keys.
    #[arg(long)]
    pub names: bool,
}

/// Pause one here.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(
    after_help = "report snooze --until 2026-12-31 --reason \"load tests\"\nreport snooze warnings --until 2026-12-31"
)]
pub struct Snooze {
    /// Which.
    #[arg(value_name = "kind", value_parser = kind)]
    pub kind: Option<ReportKind>,
    /// Last day.
    #[arg(long, value_name = "date", value_parser = day, required = true)]
    pub until: Date,
    /// Why.
    #[arg(long, value_name = "text", value_parser = reason)]
    pub reason: Option<String>,
    /// Another channel than this one.
    #[arg(long, hide = true, value_name = "channel", value_parser = channel)]
    pub channel: Option<String>,
}

fn kind(text: &str) -> Result<ReportKind, String> {
    let known = ReportKind::stored(&text.to_lowercase());
    known.ok_or_else(|| "digest, warnings, requests or audit is expected".to_owned())
}

fn minute(text: &str) -> Result<u16, String> {
    let read = || {
        let (hour, minute) = text.split_once(':')?;
        let plain = |it: &str| (1..=2).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_digit());
        let (hour, minute): (u16, u16) =
            (hour.parse().ok().filter(|_| plain(hour))?, minute.parse().ok().filter(|_| minute.len() == 2)?);
        (hour < 24 && minute < 60).then_some(hour * 60 + minute)
    };
    read().ok_or_else(|| "a time of day is written like 09:00".to_owned())
}

fn zone(text: &str) -> Result<String, String> {
    let known = TimeZone::get(text).ok().and_then(|it| it.iana_name().map(str::to_owned));
    known.ok_or_else(|| "a time zone is named like Europe/Berlin".to_owned())
}

fn channel(text: &str) -> Result<String, String> {
    let shaped = text.split_once(':').is_some_and(|(platform, id)| {
        ["slack", "discord", "browser"].contains(&platform)
            && (1..=64).contains(&id.len())
            && id.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_'))
    });
    if shaped { Ok(text.to_owned()) } else { Err("a channel is written like slack:C0123456789".to_owned()) }
}

fn reason(text: &str) -> Result<String, String> {
    short_text(text, LONGEST_REASON)
}

fn beat(tools: &Tools, rhythm: Rhythm, at: Option<u16>, zone: Option<String>) -> Beat {
    Beat {
        rhythm,
        minute: at.unwrap_or(USUAL_MINUTE),
        zone: zone.unwrap_or_else(|| tools.rules.now().time_zone.clone()),
    }
}

impl Subscribe {
    /// Subscribes.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if two kinds are named.
    pub fn run(self, tools: &Tools) -> Result<Outcome, Failure> {
        let (rhythm, kind) = meant(self.rhythm, self.kind)?;
        let beat = beat(tools, rhythm, self.at, self.zone);
        let reporting = Reporting::Subscribe { kind, beat, names: self.names, quiet: self.quiet };
        Ok(Outcome::Decides(Ruling::Report(reporting, self.channel)))
    }
}

impl Unsubscribe {
    /// Unsubscribes.
    #[must_use]
    pub fn run(self) -> Outcome {
        let kind = self.kind.unwrap_or(ReportKind::Digest);
        Outcome::Decides(Ruling::Report(Reporting::Unsubscribe(kind), self.channel))
    }
}

impl Snooze {
    /// Snoozes.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] for a day that is over.
    pub fn run(self, tools: &Tools) -> Result<Outcome, Failure> {
        let until = day::through(tools, self.until)?.at;
        if until <= tools.clock.now() {
            return Err(Failure::mistake(
                format!("{} is over.", self.until),
                "Nothing was changed. Name a day to come.",
            ));
        }
        let kind = self.kind.unwrap_or(ReportKind::Digest);
        let reporting = Reporting::Snooze { kind, until, reason: self.reason };
        Ok(Outcome::Decides(Ruling::Report(reporting, self.channel)))
    }
}

impl Preview {
    /// Shows the report of the last whole day, week or month.
    ///
    /// # Errors
    ///
    /// [`Failure::Refused`] for names or the trail without the right to see them, [`Failure::Mistake`] if two kinds are named.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        let (rhythm, kind) = meant(self.rhythm, self.kind)?;
        let may = |it| asker.right(it, Toward::Other) == Right::Do;
        if (self.names && !may(Permission::Admin)) || (kind == ReportKind::Audit && !may(Permission::Audit)) {
            return Err(Failure::refused(
                "This report is for admins, or for whoever may audit.",
                Text::plain("Nothing was changed. Without names: ").command("report preview").then("."),
            ));
        }
        let beat = beat(tools, rhythm, None, None);
        let report = tools.store.report(kind, &beat, tools.clock.now(), self.names).await?;
        Ok(Outcome::says(match report {
            Some(report) => view::report::message(&report),
            None => Message::plain("Warnings are told when there are any, so there is nothing to show beforehand."),
        }))
    }
}

impl List {
    /// Lists what is subscribed.
    ///
    /// # Errors
    ///
    /// [`Failure::Internal`] if the store could not be read.
    pub async fn run(self, tools: &Tools) -> Result<Outcome, Failure> {
        let (all, now) = (tools.store.subscriptions().await?, tools.clock.now());
        if self.json {
            let rows: Vec<_> = all.iter().map(as_json).collect();
            return Ok(Outcome::says(listing::json(&rows.into())));
        }
        let message = Message::plain(match all.len() {
            0 => "No channel gets reports.".to_owned(),
            1 => "One report.".to_owned(),
            many => format!("{many} reports."),
        });
        if all.is_empty() {
            return Ok(Outcome::says(
                message.hint(Text::plain("In a channel: ").command("report subscribe").then(".")),
            ));
        }
        let row = |it: &Subscription| {
            let next = match (&it.snoozed, it.due) {
                (Some((until, _)), _) if it.is_snoozed(now) => Text::plain("snoozed until ").time(*until),
                (_, Some(due)) => Text::new().time(due),
                (_, None) => Text::plain("when there are any"),
            };
            let rhythm = if it.kind.is_scheduled() { it.beat.rhythm.as_str() } else { "-" };
            let names = if it.names { "yes" } else { "no" };
            vec![
                Text::new().code(it.channel.clone()),
                Text::plain(it.kind.as_str()),
                Text::plain(rhythm),
                next,
                Text::plain(names),
                Text::plain(it.made_by.clone()),
            ]
        };
        let columns =
            ["Channel", "Report", "How often", "Next", "Names", "Subscribed by"].map(ToOwned::to_owned).to_vec();
        let table = Table { caption: "Reports".into(), columns, rows: all.iter().map(row).collect() };
        Ok(Outcome::says(message.block(Block::Table(table))))
    }
}

fn as_json(it: &Subscription) -> serde_json::Value {
    serde_json::json!({
        "channel": it.channel, "kind": it.kind.as_str(), "rhythm": it.beat.rhythm.as_str(), "at": it.beat.time(),
        "zone": it.beat.zone, "names": it.names, "quiet": it.quiet, "by": it.made_by, "next": it.due,
        "snoozed_until": it.snoozed.as_ref().map(|(until, _)| until),
        "snooze_reason": it.snoozed.as_ref().and_then(|(_, reason)| reason.as_ref()),
    })
}
