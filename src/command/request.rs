//! `/claude request list/show/approve/deny/withdraw/undo`: what people asked for, and what became of it.

use super::ask::{Ask, Listing};
use crate::domain::ChangeId;

/// What can be done with requests.
#[derive(Clone, Debug, PartialEq, Eq, clap::Subcommand)]
pub enum Request {
    /// What was asked for.
    List(List),
    /// One request, with its plan.
    Show(Show),
    /// Say yes.
    Approve(Approve),
    /// Say no.
    Deny(Deny),
    /// Take your own request back.
    Withdraw(Withdraw),
    /// Take back what a request did.
    Undo(Undo),
}

/// What was asked for.
///
/// Without an option: your own requests, and those that wait for you.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(after_help = "request list\nrequest list --waiting")]
#[group(skip)]
pub struct List {
    /// Only your own.
    #[arg(long, group = "whose")]
    pub mine: bool,
    /// Only what you can decide.
    #[arg(long, group = "whose")]
    pub waiting: bool,
    /// Everybody's.
    #[arg(long, group = "whose")]
    pub all: bool,
    /// How the list is shown.
    #[command(flatten)]
    pub listing: Listing,
}

/// One request, with its plan.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "request show C17-k3f9")]
pub struct Show {
    /// Its id.
    #[arg(value_name = "request")]
    pub request: ChangeId,
    /// Answer in JSON, at the command line.
    #[arg(long, hide = true)]
    pub json: bool,
}

/// Say yes.
///
/// The id names the plan that you have seen. Should the world have moved since, nothing happens and you are told.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "request approve C17-k3f9")]
pub struct Approve {
    /// Its id.
    #[arg(value_name = "request")]
    pub request: ChangeId,
    /// How it is said.
    #[command(flatten)]
    pub ask: Ask,
}

/// Say no.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "request deny C17-k3f9 --reason \"please ask for a staging key instead\"")]
pub struct Deny {
    /// Its id.
    #[arg(value_name = "request")]
    pub request: ChangeId,
    /// How it is said.
    #[command(flatten)]
    pub ask: Ask,
}

/// Take your own request back.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "request withdraw C17-k3f9")]
pub struct Withdraw {
    /// Its id.
    #[arg(value_name = "request")]
    pub request: ChangeId,
    /// How it is said.
    #[command(flatten)]
    pub ask: Ask,
}

/// Take back what a request did.
///
/// An invitation that is still open is withdrawn; a changed role is changed back.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "request undo C17-k3f9")]
pub struct Undo {
    /// Its id.
    #[arg(value_name = "request")]
    pub request: ChangeId,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
}
