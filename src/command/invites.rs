//! `/claude invites list/resend/withdraw`: what became of the invitations.

use super::ask::{Ask, Listing};
use super::{Outcome, Tools, listing};
use crate::change::{Failure, Proposal, ResendInvite, WithdrawInvite};
use crate::chat::{Block, Message, Table, Text};
use crate::domain::Email;
use crate::store::{InviteRow, Resource};

/// Invitations that are out.
#[derive(Clone, Debug, PartialEq, Eq, clap::Subcommand)]
#[expect(missing_docs, reason = "the comment of each structure is the help; one here would hide it")]
pub enum Invites {
    List(List),
    Resend(Resend),
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

impl List {
    /// Lists invitations from the directory, newest first.
    ///
    /// # Errors
    ///
    /// [`Failure::Internal`] if the directory could not be read.
    pub async fn run(self, tools: &Tools) -> Result<Outcome, Failure> {
        let now = tools.clock.now();
        let is_open = |it: &InviteRow| it.status == "pending" && it.expires_at > now;
        let rows: Vec<InviteRow> =
            tools.store.invites(None).await?.into_iter().filter(|it| self.all || is_open(it)).collect();
        if self.listing.json {
            let rows: Vec<_> = rows.iter().map(as_json).collect();
            return Ok(Outcome::says(listing::json(&rows.into())));
        }
        let total = rows.len();
        let from = usize::try_from(self.listing.offset()).unwrap_or(usize::MAX).min(total);
        let shown = &rows[from..total.min(from + usize::try_from(listing::PAGE).unwrap_or(usize::MAX))];
        let kind = if self.all { "invitations" } else { "open invitations" };
        let mut message = Message::plain(match total {
            0 => format!("There are no {kind}."),
            1 => format!("There is 1 of the {kind}."),
            _ => format!("{total} {kind}."),
        });
        if !shown.is_empty() {
            message = message.block(Block::Table(table(shown, kind)));
        }
        message = message.hint(listing::as_of(tools, Resource::Invites).await?);
        let words: &[&str] = if self.all { &["invites", "list", "--all"] } else { &["invites", "list"] };
        Ok(Outcome::says(listing::paged(message, &self.listing, i64::try_from(total).unwrap_or(i64::MAX), words)))
    }
}

fn table(rows: &[InviteRow], kind: &str) -> Table {
    let row = |it: &InviteRow| {
        vec![
            Text::plain(it.email.clone()),
            Text::plain(it.role.clone()),
            Text::plain(it.status.clone()),
            Text::new().time(it.invited_at),
            Text::new().time(it.expires_at),
        ]
    };
    Table {
        caption: kind.to_owned(),
        columns: ["Address", "Role", "State", "Sent", "Lapses"].map(ToOwned::to_owned).to_vec(),
        rows: rows.iter().map(row).collect(),
    }
}

fn as_json(it: &InviteRow) -> serde_json::Value {
    serde_json::json!({
        "id": it.id, "email": it.email, "role": it.role, "status": it.status,
        "invited_at": it.invited_at, "expires_at": it.expires_at, "accepted_at": it.accepted_at,
    })
}

async fn newest(tools: &Tools, email: &Email) -> Result<InviteRow, Failure> {
    let found = tools.store.invites(Some(email.as_str())).await?.into_iter().next();
    found.ok_or_else(|| {
        Failure::mistake(
            format!("Nobody was invited as {email}."),
            Text::plain("To do so: ").command(format!("invite {email}")).then("."),
        )
    })
}

impl Resend {
    /// Proposes a new mail to an address that was invited before.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if it never was.
    pub async fn run(self, tools: &Tools) -> Result<Outcome, Failure> {
        let last = newest(tools, &self.invited).await?;
        let proposal = Proposal::ResendInvite(ResendInvite { email: last.email, role: last.role });
        Ok(Outcome::proposes(self.ask.request(proposal)))
    }
}

impl Withdraw {
    /// Proposes to withdraw the newest invitation to an address.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if there is none.
    pub async fn run(self, tools: &Tools) -> Result<Outcome, Failure> {
        let last = newest(tools, &self.invited).await?;
        let proposal = Proposal::WithdrawInvite(WithdrawInvite { invite_id: last.id, email: last.email });
        Ok(Outcome::proposes(self.ask.request(proposal)))
    }
}
