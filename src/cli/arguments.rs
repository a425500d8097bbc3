//! The whole command line, declared once. A secret is never among the arguments: those are seen by every process.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::clock::Moment;

const EXIT_STATUS: &str = "Exit status: 0 done, 1 failed, 2 wrong usage or configuration, 3 refused.\n\
     Secrets and addresses come from the environment or from files in STEWARD_SECRETS_DIR, everything else from steward.toml.";

/// Runs a company's Claude organization from Slack and Discord.
#[derive(Clone, Debug, Parser)]
#[command(name = "steward", version, after_help = EXIT_STATUS, disable_help_subcommand = true)]
pub struct Arguments {
    /// The configuration file [default: `STEWARD_CONFIG`, or steward.toml if it is there].
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Try everything: a simulated organization and a chat page on this machine, without any token.
    Sandbox(SandboxArgs),
    /// Run the bot.
    Run,
    /// Set Steward up: asks, checks each answer, writes steward.toml and a secrets folder.
    Init(InitArgs),
    /// Check everything that can be wrong, one line each.
    Doctor(DoctorArgs),
    /// Run any chat command from here: steward exec -- invite ada@example.com
    Exec(ExecArgs),
    /// Read the audit trail out, or verify it.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Check every invariant of the database.
    Verify(JsonArgs),
    /// Bring the database's schema up to date.
    Migrate,
    /// Write what Slack and Discord must be told of the commands, below manifest/.
    Manifest(ManifestArgs),
    /// Write the completions of this command line for a shell.
    Completions(CompletionsArgs),
}

/// `steward sandbox`.
#[derive(Clone, Debug, Args)]
pub struct SandboxArgs {
    /// Where the chat page listens: on this machine only.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// A folder to keep everything in [default: a temporary one, which goes with the process].
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// The same seed gives the same organization.
    #[arg(long, default_value_t = 7, value_name = "N")]
    pub seed: u64,
}

/// `steward run`.
#[derive(Clone, Debug, Default)]
pub struct RunArgs {
    /// `--config`, as it was given.
    pub config: Option<PathBuf>,
}

/// `steward init`.
#[derive(Clone, Debug, Default, Args)]
pub struct InitArgs {
    /// Take every default and confirm without asking. What has no default, the admin key, is still read.
    #[arg(long)]
    pub yes: bool,
}

/// `steward doctor`.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct DoctorArgs {
    /// Answer in JSON.
    #[arg(long)]
    pub json: bool,
}

/// `steward exec`.
#[derive(Clone, Debug, Args)]
pub struct ExecArgs {
    /// On whose behalf: an address, or an account such as slack:T01/U01ADA.
    #[arg(long = "for", value_name = "PERSON")]
    pub r#for: Option<String>,
    /// Show the plan, and change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Answer in JSON.
    #[arg(long)]
    pub json: bool,
    /// The chat command, as it is written in chat.
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub words: Vec<String>,
}

/// `steward audit …`.
#[derive(Clone, Debug, Subcommand)]
pub enum AuditCommand {
    /// Write the trail out, oldest entry first.
    Export(AuditExportArgs),
    /// Check every link of the chain, and show its head, to be kept elsewhere.
    Verify(JsonArgs),
}

/// `steward audit export`.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct AuditExportArgs {
    /// Only entries from this day or moment on: 2026-12-01, or 2026-12-01T09:30:00Z.
    #[arg(long, value_name = "DATE", value_parser = Since::parse)]
    pub since: Option<Since>,
    /// How to write them.
    #[arg(long, value_enum, default_value_t)]
    pub format: AuditFormat,
}

/// How entries are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum AuditFormat {
    /// One JSON object a line.
    #[default]
    Jsonl,
    /// A table, safe to open in a spreadsheet.
    Csv,
}

/// From when on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// From the beginning of a day, where the organization is.
    Day(Date),
    /// From a moment.
    Moment(Moment),
}

impl Since {
    fn parse(text: &str) -> Result<Self, &'static str> {
        let moment = || text.parse().map(Self::Moment);
        // A moment reads as a day as well, and would lose its time.
        let is_day = text.len() == "2026-12-01".len();
        let day = || text.parse().map(Self::Day);
        if is_day { day() } else { moment() }.map_err(|_| "it is written 2026-12-01, or 2026-12-01T09:30:00Z")
    }

    /// The moment, by the organization's calendar.
    #[must_use]
    pub fn moment(self, zone: &TimeZone) -> Moment {
        match self {
            Self::Moment(moment) => moment,
            Self::Day(day) => zone.to_timestamp(day.at(0, 0, 0, 0)).unwrap_or(Moment::MIN),
        }
    }
}

/// A command that answers for people or for programs.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct JsonArgs {
    /// Answer in JSON.
    #[arg(long)]
    pub json: bool,
}

/// `steward manifest`.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct ManifestArgs {
    /// Write nothing; fail if a file is not what it should be.
    #[arg(long)]
    pub check: bool,
}

/// `steward completions`.
#[derive(Clone, Copy, Debug, Args)]
pub struct CompletionsArgs {
    /// Which shell.
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_declaration_holds() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_day_begins_where_the_organization_is() {
        let day = Since::parse("2026-12-01").expect("a day");
        let berlin = TimeZone::get("Europe/Berlin").expect("a zone");
        assert_eq!(day.moment(&berlin).to_string(), "2026-11-30T23:00:00Z");
        assert_eq!(day.moment(&TimeZone::UTC).to_string(), "2026-12-01T00:00:00Z");
        let moment = Since::parse("2026-12-01T09:30:00+01:00").expect("a moment");
        assert_eq!(moment.moment(&berlin).to_string(), "2026-12-01T08:30:00Z");
        for bad in ["", "yesterday", "2026-13-01", "2026-12-01T09:30", "01.12.2026"] {
            assert!(Since::parse(bad).is_err(), "{bad}");
        }
    }
}
