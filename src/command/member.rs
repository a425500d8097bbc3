//! `/claude member list/show/role/remove`: who is in the organization.

use clap::ValueEnum;

use super::ask::{Ask, Listing, short_text};
use crate::domain::{InviteRole, Who};

const LONGEST_SEARCH: usize = 80;

/// What can be done with members.
#[derive(Clone, Debug, PartialEq, Eq, clap::Subcommand)]
pub enum Member {
    /// Find members.
    List(List),
    /// One member and their workspaces.
    Show(Show),
    /// Change what a member may do.
    Role(Role),
    /// Take a member out.
    Remove(Remove),
}

/// Any role that a member can have, also the one that only the Console can give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum AnyRole {
    /// Playground.
    User,
    /// Playground and Claude Code.
    #[value(aliases = ["claude-code-user", "claude-code", "claude_code"])]
    ClaudeCodeUser,
    /// Playground, Claude Code and API keys.
    Developer,
    /// All of these and billing.
    Billing,
    /// Everything.
    Admin,
}

impl AnyRole {
    /// The API's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::ClaudeCodeUser => "claude_code_user",
            Self::Developer => "developer",
            Self::Billing => "billing",
            Self::Admin => "admin",
        }
    }
}

/// Find members.
///
/// From Steward's own copy, which says how old it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(after_help = "member list\nmember list --find ada\nmember list --role developer --page 2")]
pub struct List {
    /// Part of a name or address.
    #[arg(long, value_name = "text", value_parser = search)]
    pub find: Option<String>,
    /// Only those with this role.
    #[arg(long, value_enum, ignore_case = true)]
    pub role: Option<AnyRole>,
    /// How the list is shown.
    #[command(flatten)]
    pub listing: Listing,
}

/// One member and their workspaces.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "member show ada@example.com\nmember show me")]
pub struct Show {
    /// Address, @user, name, id or me.
    #[arg(value_name = "who")]
    pub who: Who,
    /// Answer in JSON, at the command line.
    #[arg(long, hide = true)]
    pub json: bool,
}

/// Change what a member may do.
///
/// The role admin can be neither given nor taken through the API: that is done in the Claude Console.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "member role ada@example.com developer\nmember role ada@example.com billing --dry-run")]
pub struct Role {
    /// Address, @user, name, id or me.
    #[arg(value_name = "who")]
    pub who: Who,
    /// What they may do from now on.
    #[arg(value_enum, ignore_case = true)]
    pub role: InviteRole,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
}

/// Take a member out.
///
/// Their personal API keys stop working with it. The plan says which ones, before anything happens.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "member remove ada@example.com --reason \"left the company\"\n\
    member remove ada@example.com --dry-run")]
pub struct Remove {
    /// Address, @user, name or id.
    #[arg(value_name = "who")]
    pub who: Who,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
}

fn search(text: &str) -> Result<String, String> {
    short_text(text, LONGEST_SEARCH)
}
