//! Whether somebody may run a command at all. Whose thing it is about, the command and the pipeline see for themselves.

use super::Command;
use crate::change::{Asker, Failure};
use crate::chat::{Invocation, Kind, Platform, Text};
use crate::domain::{Held, Need, Right};

/// Whoever is not clearly a person of one's own company is refused, before anything is looked up.
#[must_use]
pub fn not_ours(invocation: &Invocation) -> Option<Failure> {
    if invocation.who.platform() == Platform::Operator {
        return None;
    }
    let why = match invocation.standing.kind {
        Kind::Person => return None,
        Kind::Guest => "Guests cannot use this.",
        Kind::Bot => "Programs cannot use this.",
        Kind::Deactivated => "This account is deactivated.",
        Kind::Outsider => "Only people of this company can use this.",
        Kind::Unknown => "The chat does not say who you are at the moment.",
    };
    Some(Failure::refused(why, "Nothing was changed."))
}

/// May they, by what the command needs? A stranger may go on with an invitation: whether it is their own, the pipeline sees.
///
/// # Errors
///
/// [`Failure::Stranger`] for whoever has no rights at all, [`Failure::Refused`] for everybody else.
pub fn allowed(command: &Command, asker: &Asker) -> Result<(), Failure> {
    match command.need() {
        Need::Nothing => Ok(()),
        Need::Link if asker.linked || asker.rights.any() => Ok(()),
        Need::Link if asker.held.is_some() => Err(held_back(asker.held.unwrap_or(Held::Unsaid))),
        Need::Link => Err(Failure::Stranger),
        Need::Permission(permission, toward) | Need::Somewhere(permission, toward) => {
            if let Some(held) = asker.held {
                return Err(held_back(held));
            }
            let stranger_asks_in = matches!(command, Command::Invite(_)) && !asker.rights.any();
            let right = match command.need() {
                Need::Somewhere(..) => asker.rights.somewhere(permission, toward),
                _ => asker.right(permission, toward),
            };
            if right != Right::No || stranger_asks_in {
                Ok(())
            } else if asker.rights.any() {
                let hint = Text::plain("Nothing was changed. ")
                    .command("whoami")
                    .then(" shows what you may; an admin may do this.");
                Err(Failure::refused(format!("This needs the permission {permission}, which you do not have."), hint))
            } else {
                Err(Failure::Stranger)
            }
        }
    }
}

fn held_back(held: Held) -> Failure {
    let hint = match held {
        Held::Address => Text::plain("Nothing was changed. If your address changed in the organization as well, say ")
            .command("link")
            .then("; otherwise ask an admin."),
        _ => Text::plain("Nothing was changed. Ask an admin."),
    };
    Failure::refused(format!("This account is held back: {}.", held.because()), hint)
}
