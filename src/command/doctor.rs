//! `/claude doctor [topic] [--of who]` looks into what is wrong and names the next step.

use clap::ValueEnum;

use super::{Outcome, Tools, doctor_key, doctor_limit, find};
use crate::change::{Asker, Failure, Looks, World};
use crate::chat::{Message, Text, Tone};
use crate::domain::{Change, Kind, Permission, Right, Toward, Who};

/// What can be looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Topic {
    /// An invitation was not received, or cannot be accepted.
    #[value(alias = "invite")]
    Invitation,
    /// An API key does not work.
    #[value(alias = "keys")]
    Key,
    /// A limit is exceeded.
    #[value(alias = "limits")]
    Limit,
}

/// Find out what is wrong.
///
/// Each finding comes with the next step. Without a topic, it looks into everything that concerns you.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(after_help = "doctor\ndoctor invitation\ndoctor invitation --of lea@example.com\ndoctor key\ndoctor limit")]
pub struct Doctor {
    /// What does not work.
    #[arg(value_enum, ignore_case = true)]
    pub topic: Option<Topic>,
    /// Whom it concerns; you, if left out.
    #[arg(long, value_name = "who")]
    pub of: Option<Who>,
}

impl Doctor {
    /// Looks into what is wrong. For oneself, or, with the right to manage members, for anybody.
    ///
    /// # Errors
    ///
    /// [`Failure::Refused`] for somebody else's troubles without that right.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        if self.topic == Some(Topic::Key) {
            return Ok(Outcome::says(doctor_key::run(tools, asker).await?));
        }
        if self.topic == Some(Topic::Limit) {
            return Ok(Outcome::says(doctor_limit::run(tools, asker).await?));
        }
        let own = asker.standing.email.clone().or_else(|| asker.email.clone());
        let email = match &self.of {
            None | Some(Who::Me) => own.clone(),
            Some(Who::Email(email)) => Some(email.to_string()),
            Some(Who::Account(account)) => tools.store.known(account).await?.and_then(|it| it.email),
            Some(who) => Some(find::member(tools, asker, who).await?.email),
        };
        let is_own =
            email.is_some() && own.as_ref().map(|it| it.to_lowercase()) == email.as_ref().map(|it| it.to_lowercase());
        if !is_own && self.of.is_some() && asker.right(Permission::MemberManage, Toward::Other) != Right::Do {
            return Err(Failure::refused(
                "Only an admin can look into somebody else's invitation.",
                Text::plain("Your own: ").command("doctor invitation").then("."),
            ));
        }
        let Some(email) = email else {
            return Err(Failure::mistake(
                "Your chat profile shows me no address, so I cannot look for your invitation.",
                Text::plain("An admin can: ").command("doctor invitation --of you@example.com").then("."),
            ));
        };
        let looks = Looks::Email(email.to_lowercase());
        let now = tools.clock.now();
        let world = World::fresh(&tools.store, &tools.reader, &looks, now).await?;
        let asked = tools.store.open_change(Kind::Invite, &email.to_lowercase()).await?;
        Ok(Outcome::says(invitation(&email, &world, asked.as_ref())))
    }
}

/// What is wrong with an invitation, and the next step.
fn invitation(email: &str, world: &World, asked: Option<&Change>) -> Message {
    if let Some(member) = world.members.first() {
        return Message::plain(format!(
            "{} is a member already, as {}. Nothing is missing.",
            member.email, member.role
        ))
        .hint(
            Text::plain("Sign in at https://platform.claude.com with exactly this address. Not recognised here? ")
                .command("link"),
        )
        .tone(Tone::Good);
    }
    if let Some(open) = world.open_invite() {
        return Message::new(
            Text::plain(format!("An invitation to {} as {} is open. It was sent ", open.email, open.role))
                .time(open.invited_at)
                .then("."),
        )
        .paragraph(Text::plain(
            "Anthropic sends the mail. Look for it among unwanted mail, and check that the address is spelt right.",
        ))
        .hint(
            Text::plain("It lapses ")
                .time(open.expires_at)
                .then(". A new mail goes out with ")
                .command(format!("invites resend {}", open.email))
                .then("."),
        )
        .tone(Tone::Warning);
    }
    if let Some(change) = asked {
        return Message::new(
            Text::plain("The invitation was asked for, but is not sent yet: request ")
                .code(change.id.to_string())
                .then(format!(" is {}.", change.state)),
        )
        .hint(Text::plain("It expires ").time(change.asked.expires_at).then(". Remind an approver."))
        .tone(Tone::Waiting);
    }
    let message = match world.invites.first() {
        Some(last) if last.status == "accepted" => {
            Message::plain(format!("An invitation to {email} was accepted, but they are not a member any more."))
        }
        Some(last) => Message::new(
            Text::plain(format!(
                "The last invitation to {email} is no longer open. It lapsed or was withdrawn; it was sent "
            ))
            .time(last.invited_at)
            .then("."),
        ),
        None => Message::plain(format!("Nobody ever invited {email}.")),
    };
    message.hint(Text::plain("Ask for one with ").command(format!("invite {email}")).then(".")).tone(Tone::Warning)
}
