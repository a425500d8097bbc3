//! `/claude invites list/resend/withdraw`: what became of the invitations.

use super::ask::{Ask, Listing};
use crate::domain::Email;

/// What can be done with invitations that are out.
#[derive(Clone, Debug, PartialEq, Eq, clap::Subcommand)]
pub enum Invites {
    /// Invitations and what became of them.
    List(List),
    /// Send an invitation again.
    Resend(Resend),
    /// Take an invitation back.
    Withdraw(Withdraw),
}

/// Invitations and what became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(after_help = "invites list\ninvites list --all")]
pub struct List {
    /// Also accepted and lapsed ones.
    #[arg(long)]
    pub all: bool,
    /// How the list is shown.
    #[command(flatten)]
    pub listing: Listing,
}

/// Send an invitation again.
///
/// No invitation can be sent twice: the old one is withdrawn and a new one goes out, with the same role.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "invites resend lea@example.com")]
pub struct Resend {
    /// The address it went to.
    #[arg(value_name = "email")]
    pub invited: Email,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
}

/// Take an invitation back.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "invites withdraw lea@example.com\ninvites withdraw lea@example.com --dry-run")]
pub struct Withdraw {
    /// The address it went to.
    #[arg(value_name = "email")]
    pub invited: Email,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
}
