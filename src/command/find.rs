//! Whom a command means. Names are for looking; whoever is changed is always shown with their address first.

use super::Tools;
use crate::change::{Asker, Failure};
use crate::chat::Text;
use crate::domain::Who;
use crate::store::{MemberFilter, MemberRow};

/// How many of several are named.
const MOST_NAMED: i64 = 5;

/// The one member that `who` means.
pub(super) async fn member(tools: &Tools, asker: &Asker, who: &Who) -> Result<MemberRow, Failure> {
    let found = match who {
        Who::Me => match asker.person.as_ref().and_then(|it| it.member_id.as_deref()) {
            Some(id) => tools.store.member(id).await?,
            None => return Err(Failure::Stranger),
        },
        Who::Email(email) => return one(tools.store.members_at(email.as_str()).await?, email.as_str()),
        Who::Account(account) => match tools.store.known(account).await?.and_then(|it| it.person.member_id) {
            Some(id) => tools.store.member(&id).await?,
            None => {
                return Err(Failure::mistake(
                    Text::new().mention(account).then(" is not linked to a member."),
                    "Name them by their address instead.",
                ));
            }
        },
        Who::Member(id) => tools.store.member(id).await?,
        Who::Name(name) => {
            let filter = MemberFilter { find: Some(name.clone()), role: None };
            return one(tools.store.members(&filter, 0, MOST_NAMED + 1).await?.rows, name);
        }
    };
    found.ok_or_else(|| nobody("that"))
}

fn one(mut found: Vec<MemberRow>, said: &str) -> Result<MemberRow, Failure> {
    match found.len() {
        0 => Err(nobody(said)),
        1 => Ok(found.remove(0)),
        _ => {
            let most = usize::try_from(MOST_NAMED).unwrap_or(usize::MAX);
            let more = if found.len() > most { " and more" } else { "" };
            let named: Vec<String> = found.iter().take(most).map(|it| format!("{} ({})", it.name, it.email)).collect();
            Err(Failure::mistake(
                format!("Several members are called that: {}{more}.", named.join(", ")),
                "Name the one you mean by address.",
            ))
        }
    }
}

fn nobody(said: &str) -> Failure {
    Failure::mistake(
        format!("No member goes by {said}."),
        Text::plain("Look for them with ").command("member list --find …").then("."),
    )
}
