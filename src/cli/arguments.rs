//! The whole command line, declared once. A secret is never among the arguments: those are seen by every process.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::clock::Moment;
use crate::command::audit::action;
use crate::domain::{Who, WorkspaceName};

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
    /// Load API keys that were made in the Console, or see how many are left.
    #[command(subcommand)]
    Stock(StockCommand),
    /// Set up what tokens need in the organization: Steward as an issuer, service accounts and rules.
    #[command(subcommand)]
    Federation(FederationCommand),
    /// Read what was used and billed, further back than the bot does by itself.
    #[command(subcommand)]
    Usage(UsageCommand),
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

/// `steward stock …`.
#[derive(Clone, Debug, Subcommand)]
pub enum StockCommand {
    /// Load keys into a workspace's stock: each is looked up, sealed here, and switched off there until it is issued.
    Add(StockAddArgs),
    /// The keys of each workspace's stock, and where each stands.
    List(JsonArgs),
}

/// `steward stock add`.
#[derive(Clone, Debug, Args)]
pub struct StockAddArgs {
    /// The workspace that the keys were made in: its name or `wrkspc_…` id.
    #[arg(long, value_name = "WORKSPACE")]
    pub workspace: WorkspaceName,
    /// A file with one key a line, or - for standard input [default: a prompt that hides what is typed].
    ///
    /// A tool that decrypts can be piped in, so that no key lies on a disk: age -d keys.age | steward stock add --workspace research -
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// `steward federation …`.
#[derive(Clone, Debug, Subcommand)]
pub enum FederationCommand {
    /// Show what is to be made, call by call, or make it.
    Setup(FederationSetupArgs),
    /// End somebody's access: no further token is made, and its rule is archived. Tokens that are out live on until their time is over.
    Revoke(FederationRevokeArgs),
    /// Tell the ids of a rule that was made by hand. It is tried first.
    Record(FederationRecordArgs),
}

/// `steward federation setup`.
#[derive(Clone, Copy, Debug, Args)]
pub struct FederationSetupArgs {
    /// Do it, with a token of the scope org:admin that is asked for, or read from standard input, and kept nowhere.
    #[arg(long)]
    pub apply: bool,
    /// How many rules each workspace has free: so many people can be given access before this is run again.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=100))]
    pub rules: u16,
    /// Answer in JSON.
    #[arg(long)]
    pub json: bool,
}

/// `steward federation revoke`.
#[derive(Clone, Debug, Args)]
pub struct FederationRevokeArgs {
    /// What its owner calls it, or its id.
    #[arg(value_name = "ACCESS")]
    pub access: String,
}

/// `steward federation record`.
#[derive(Clone, Debug, Args)]
pub struct FederationRecordArgs {
    /// The id that `setup` shows.
    #[arg(value_name = "ID")]
    pub id: String,
    /// The rule: `fdrl_…`.
    #[arg(long, value_name = "RULE")]
    pub rule: String,
    /// The service account: `svac_…`.
    #[arg(long, value_name = "ACCOUNT")]
    pub service_account: String,
}

/// `steward usage …`.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum UsageCommand {
    /// Read back to a day. It can be cut off anywhere, and goes on there the next time.
    Backfill(UsageBackfillArgs),
}

/// `steward usage backfill`.
#[derive(Clone, Copy, Debug, Args)]
pub struct UsageBackfillArgs {
    /// The first day, UTC: 2026-01-01.
    #[arg(long, value_name = "DATE")]
    pub from: Date,
}

/// `steward audit …`.
#[derive(Clone, Debug, Subcommand)]
pub enum AuditCommand {
    /// Write the trail out, oldest entry first.
    Export(AuditExportArgs),
    /// Check every link of the chain, and compare with the heads that were signed and kept outside.
    Verify(AuditVerifyArgs),
    /// Where entries are sent, how far, and what the receiver checks deliveries with.
    Webhook(AuditWebhookArgs),
}

/// `steward audit export`.
#[derive(Clone, Debug, Default, Args)]
pub struct AuditExportArgs {
    /// Only entries from this day or moment on: 2026-12-01, or 2026-12-01T09:30:00Z.
    #[arg(long, value_name = "DATE", value_parser = Bound::parse)]
    pub since: Option<Bound>,
    /// Only entries up to the end of this day, or before this moment.
    #[arg(long, value_name = "DATE", value_parser = Bound::parse)]
    pub until: Option<Bound>,
    /// Only what this person did, or had done to them: an address, an account, or a member's id.
    #[arg(long, value_name = "WHO")]
    pub of: Option<Who>,
    /// Only what was done in this way: invite, invite.approved, approved.
    #[arg(long, value_name = "ACTION", value_parser = action)]
    pub action: Option<String>,
    /// Only what concerns this: a request, a member, a workspace.
    #[arg(long, value_name = "WHAT")]
    pub about: Option<String>,
    /// How to write them.
    #[arg(long, value_enum, default_value_t)]
    pub format: AuditFormat,
}

/// `steward audit verify`.
#[derive(Clone, Debug, Default, Args)]
pub struct AuditVerifyArgs {
    /// Heads to compare with: a file of them, - for standard input, or one as it was posted. Can be given several times
    /// [default: the file beside the database].
    #[arg(long, value_name = "FILE or TEXT")]
    pub head: Vec<String>,
    /// Answer in JSON.
    #[arg(long)]
    pub json: bool,
}

/// `steward audit webhook`.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct AuditWebhookArgs {
    /// Show the secret itself, to be given to the receiver.
    #[arg(long)]
    pub secret: bool,
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

/// A bound in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// A day, where the organization is.
    Day(Date),
    /// A moment.
    Moment(Moment),
}

impl Bound {
    fn parse(text: &str) -> Result<Self, &'static str> {
        let moment = || text.parse().map(Self::Moment);
        // A moment reads as a day as well, and would lose its time.
        let is_day = text.len() == "2026-12-01".len();
        let day = || text.parse().map(Self::Day);
        if is_day { day() } else { moment() }.map_err(|_| "it is written 2026-12-01, or 2026-12-01T09:30:00Z")
    }

    /// The moment itself, or the beginning of the day by the organization's calendar.
    #[must_use]
    pub fn begins(self, zone: &TimeZone) -> Moment {
        match self {
            Self::Moment(moment) => moment,
            Self::Day(day) => zone.to_timestamp(day.at(0, 0, 0, 0)).unwrap_or(Moment::MIN),
        }
    }

    /// The moment itself, or the end of the day.
    #[must_use]
    pub fn ends(self, zone: &TimeZone) -> Moment {
        match self {
            Self::Moment(moment) => moment,
            Self::Day(day) => {
                let next = day.tomorrow().and_then(|it| zone.to_timestamp(it.at(0, 0, 0, 0)));
                next.unwrap_or(Moment::MAX)
            }
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
    fn a_day_begins_and_ends_where_the_organization_is() {
        let day = Bound::parse("2026-12-01").expect("a day");
        let berlin = TimeZone::get("Europe/Berlin").expect("a zone");
        assert_eq!(day.begins(&berlin).to_string(), "2026-11-30T23:00:00Z");
        assert_eq!(day.ends(&berlin).to_string(), "2026-12-01T23:00:00Z");
        assert_eq!(day.begins(&TimeZone::UTC).to_string(), "2026-12-01T00:00:00Z");
        let short = Bound::parse("2026-03-29").expect("a day of 23 hours");
        assert_eq!(short.ends(&berlin).as_second() - short.begins(&berlin).as_second(), 23 * 3_600);
        let moment = Bound::parse("2026-12-01T09:30:00+01:00").expect("a moment");
        assert_eq!(moment.begins(&berlin).to_string(), "2026-12-01T08:30:00Z");
        assert_eq!(moment.ends(&berlin), moment.begins(&berlin));
        for bad in ["", "yesterday", "2026-13-01", "2026-12-01T09:30", "01.12.2026"] {
            assert!(Bound::parse(bad).is_err(), "{bad}");
        }
    }
}
