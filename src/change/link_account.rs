//! Giving a chat account to a member: by its address, by a code, or by an admin's word. No call; Steward's own books.

use serde::{Deserialize, Serialize};

use super::asker::Asker;
use super::draft::{Draft, no_such_member};
use super::effect::Effect;
use super::failure::Failure;
use super::local::Local;
use super::world::{SeenLink, World};
use crate::chat::{Account, Kind, Text};
use crate::domain::{Fact, Held, LinkState, PersonId, Plan, Step};

/// Where a change of Steward's own books happens.
pub(super) const OWN_BOOKS: &str = "in Steward's own books";

/// An account and the member whose it is to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkAccount {
    /// The account.
    pub account: Account,
    /// The member: `user_…`.
    pub member_id: String,
    /// The address that proves it, if that is what does.
    pub email: Option<String>,
    /// What proves it: `email`, `code`, `attested`.
    pub how: String,
    /// The id of the person, should there be none yet; filled in when it is asked for.
    pub new_person: Option<PersonId>,
    /// What it gives beyond a plain member's rights; filled in when it is asked for.
    pub gives: Vec<String>,
}

impl LinkAccount {
    /// An account for a member, not looked at yet.
    #[must_use]
    pub fn new(account: Account, member_id: String, how: &str) -> Self {
        Self { account, member_id, email: None, how: how.to_owned(), new_person: None, gives: Vec::new() }
    }

    /// May this one ask for it? By an address, whose profile has it now; by a code, the member themselves.
    pub(super) fn is_askers_own(&self, asker: &Asker) -> bool {
        let is_person = asker.standing.kind == Kind::Person;
        let member = asker.person.as_ref().and_then(|it| it.member_id.as_ref());
        is_person
            && match self.how.as_str() {
                "email" => {
                    let says = asker.standing.email.as_deref().map(|it| it.trim().to_lowercase());
                    asker.account == self.account && says.is_some() && says == self.email
                }
                "code" => asker.linked && member == Some(&self.member_id),
                _ => false,
            }
    }

    /// Is this about the asker themselves? Nobody attests that.
    pub(super) fn concerns(&self, asker: &Asker, world: &World) -> bool {
        let person = asker.person.as_ref();
        let own_account = world.link.as_ref().and_then(|it| it.known.as_ref()).map(|it| &it.person.id);
        asker.account == self.account
            || person.and_then(|it| it.member_id.as_ref()) == Some(&self.member_id)
            || (own_account.is_some() && own_account == person.map(|it| &it.id))
    }

    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        let Some(member) = world.members.iter().find(|it| it.id == self.member_id) else {
            return Err(no_such_member());
        };
        let seen = world.link.as_ref().ok_or_else(|| Failure::internal("an account was not looked at"))?;
        self.fits(seen, &member.email)?;
        let new_person = self.new_person.clone().unwrap_or_else(|| PersonId(String::new()));
        let effect = Local::LinkAccount {
            account: self.account.clone(),
            member_id: member.id.clone(),
            name: member.name.clone(),
            email: self.email.clone(),
            how: self.how.clone(),
            new_person,
        };
        let whose = |it: &SeenLink| match &it.known {
            None => "nobody's yet".to_owned(),
            Some(known) => match (known.held, &known.person.member_id) {
                (Some(held), _) => format!("held back, because {}", held.because()),
                (None, None) => "nobody's yet".to_owned(),
                (None, Some(_)) => format!("{}'s, who left", known.person.name),
            },
        };
        let gives = if self.gives.is_empty() { "no more than a member's".to_owned() } else { self.gives.join(", ") };
        let plan = Plan {
            summary: format!("link {} to {}", self.account, member.email),
            steps: vec![Step {
                call: OWN_BOOKS.into(),
                does: format!("{} speaks for {} ({}) from then on", self.account, member.name, member.email),
                exact: String::new(),
            }],
            before: vec![Fact::new("Account", whose(seen))],
            after: vec![
                Fact::new("Account", format!("{}'s", member.name)),
                Fact::new("Shown by", proof(&self.how)),
                Fact::new("Rights that come with it", gives),
            ],
            cost: None,
            undo: Some(format!("take {} away from {} and hold it back", self.account, member.email)),
        };
        Ok(Draft { plan, effects: vec![Effect::Local(effect)] })
    }

    /// Can the account become the member's, as things stand?
    fn fits(&self, seen: &SeenLink, email: &str) -> Result<(), Failure> {
        if let Some(known) = &seen.known {
            let theirs = known.person.member_id.as_deref() == Some(self.member_id.as_str());
            if theirs && known.state == LinkState::Active {
                return Err(Failure::mistake(
                    Text::new().mention(&self.account).then(format!(" is linked to {email} already.")),
                    "Nothing was changed.",
                ));
            }
            if !theirs && known.person.member_id.is_some() && !known.member_gone {
                return Err(Failure::mistake(
                    Text::new()
                        .mention(&self.account)
                        .then(format!(" is linked to another member already, {}.", known.person.name)),
                    Text::plain("Nothing was changed. Take it away from them first: ")
                        .command(format!("link --remove {}", self.account))
                        .then("."),
                ));
            }
            let lifted = self.how == "attested" || (known.held == Some(Held::Address) && theirs);
            if let Some(held) = known.held.filter(|_| !lifted) {
                return Err(Failure::refused(
                    format!("This account is held back: {}.", held.because()),
                    "Nothing was linked. An admin can look at it and attest whose it is.",
                ));
            }
        }
        let platform = self.account.platform();
        let taken =
            seen.ties.iter().find(|it| it.link.account.platform() == platform && it.link.account != self.account);
        match taken {
            Some(taken) => Err(Failure::mistake(
                Text::plain(format!("{email} has an account on this platform already: "))
                    .mention(&taken.link.account)
                    .then("."),
                Text::plain("Nothing was changed. A person has one on each. Take that one away first: ")
                    .command(format!("link --remove {}", taken.link.account))
                    .then("."),
            )),
            None => Ok(()),
        }
    }
}

/// What proves a link, for people.
#[must_use]
pub(super) fn proof(how: &str) -> String {
    match how {
        "email" => "the address in the chat profile".into(),
        "code" => "a code, entered from an account of theirs".into(),
        "attested" => "the word of whoever asks".into(),
        other => other.to_owned(),
    }
}
