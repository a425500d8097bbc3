//! `/claude invite <email or @user> [--role …] [--workspace …]` asks somebody into the organization.
//!
//! - Needs: [`crate::domain::Permission::Invite`], to do or to ask; a stranger may ask for themselves.
//! - Reads: the directory. Proposes: [`change::Invite`]. Leaves behind: nothing of its own.

use super::ask::Ask;
use super::{Outcome, Tools, find};
use crate::change::{self, Asker, Failure, Proposal, Seat};
use crate::domain::{BadRole, InviteRole, Membership, Who};

/// Ask somebody into the organization.
///
/// The invitation goes out by mail and can be accepted for 21 days.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "invite ada@example.com --role developer\n\
    invite ada@example.com --reason \"joins the evals team\"\n\
    invite ada@example.com --workspace research:workspace_developer --workspace evals\n\
    invite me --dry-run")]
pub struct Invite {
    /// Address, @user or me.
    #[arg(value_name = "email or @user", value_parser = invitee)]
    pub person: Who,
    /// What they may do.
    #[arg(long, value_enum, ignore_case = true, default_value = "user")]
    pub role: InviteRole,
    /// Joined once accepted, such as research:developer.
    #[arg(long, value_name = "workspace:role", value_delimiter = ',')]
    pub workspace: Vec<Membership>,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
}

/// Whoever can be invited: an address, or somebody whose chat account tells one.
fn invitee(text: &str) -> Result<Who, String> {
    match text.parse().map_err(|it| format!("{it}"))? {
        Who::Member(_) => Err("whoever has a user_… id is a member already".into()),
        Who::Name(_) => Err("an invitation goes to an address, or to a mentioned @user whose profile has one".into()),
        who => Ok(who),
    }
}

/// Why `text` is no role that could be given; none if it is one.
pub(super) fn why_no_role(text: &str) -> Option<BadRole> {
    text.parse::<InviteRole>().err()
}

/// The workspaces that are meant, each once.
async fn seats(tools: &Tools, named: &[Membership]) -> Result<Vec<Seat>, Failure> {
    let mut seats: Vec<Seat> = Vec::new();
    for it in named {
        let workspace = find::workspace(tools, &it.workspace).await?;
        if seats.iter().any(|it| it.workspace_id == workspace.id) {
            return Err(Failure::mistake(
                format!("The workspace {} is named twice.", workspace.name),
                "Nothing was sent. Name each workspace once, with one role.",
            ));
        }
        seats.push(Seat { workspace_id: workspace.id, role: it.role.to_string() });
    }
    Ok(seats)
}

impl Invite {
    /// Proposes the invitation.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if no address is known for a mentioned person, or a workspace is not there.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        let email = match &self.person {
            Who::Email(email) => Some(email.to_string()),
            Who::Me => asker.standing.email.clone(),
            Who::Account(account) if *account == asker.account => asker.standing.email.clone(),
            Who::Account(account) => tools.store.known(account).await?.and_then(|it| it.email),
            Who::Member(_) | Who::Name(_) => None,
        };
        let Some(email) = email else {
            return Err(Failure::mistake(
                "I know no address for that person.",
                "Name the address that the invitation should go to.",
            ));
        };
        let proposal = Proposal::Invite(change::Invite {
            email: email.to_lowercase(),
            role: self.role.as_str().to_owned(),
            seats: seats(tools, &self.workspace).await?,
        });
        Ok(Outcome::proposes(self.ask.request(proposal)))
    }
}
