//! Linking one's own chat account to a member: by the address in its profile, or by a code that is entered from an account
//! that is known already.
//!
//! Either makes its owner a plain member, at once. Where it would make them more, it becomes a request that an admin decides.

use super::asker::Asker;
use super::failure::Failure;
use super::link_account::LinkAccount;
use super::link_news::{joined, tell_person};
use super::pipeline::{Pipeline, Proposed, Request};
use super::proposal::Proposal;
use crate::chat::{Account, Message, Text, Tone};
use crate::clock::Moment;
use crate::domain::{Held, LinkCode, PersonId};
use crate::store::{Act, Joining, MemberRow, Resource, Tx};

/// How somebody wants to link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Linking {
    /// The account they speak from.
    Own,
    /// The account that asked for this code.
    Code(LinkCode),
    /// The account whose code they entered, now that they have seen which one it is.
    Join(Account),
}

/// What became of linking.
#[derive(Debug)]
pub enum Linked {
    /// An answer.
    Says(Box<Message>),
    /// It gives more than a plain member has: a request.
    Asked(Box<Proposed>),
}

impl Pipeline {
    /// Links an account, or says how to go on.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] or [`Failure::Refused`] with the reason; nothing was linked then.
    pub async fn link(&self, linking: Linking, asker: &Asker) -> Result<Linked, Failure> {
        match linking {
            Linking::Own => self.link_own(asker).await,
            Linking::Code(code) => Ok(Linked::Says(Box::new(self.enter_code(&code, asker).await?))),
            Linking::Join(account) => self.join(&account, asker).await,
        }
    }

    /// Links the asker's account to the one member that has its profile's address, or shows a code.
    async fn link_own(&self, asker: &Asker) -> Result<Linked, Failure> {
        if let Some(person) = asker.person.as_ref().filter(|it| asker.linked && it.member_id.is_some()) {
            return Ok(says(
                Message::plain(format!("This account is linked already, to {}.", person.name)).hint(see_whoami()),
            ));
        }
        if let Some(held) = asker.held.filter(|it| *it != Held::Address) {
            return Err(held_back(held));
        }
        let Some(email) = asker.standing.email.as_deref() else {
            return self.show_code(asker, "Your chat profile shows me no address to link by.").await;
        };
        if !self.rules.now().is_verified(email) {
            let why = "The address in your chat profile is not on one of the company's verified domains.";
            return self.show_code(asker, why).await;
        }
        let member = self.member_to_link(email).await?;
        let own = asker.person.as_ref().and_then(|it| it.member_id.as_ref()) == Some(&member.id);
        if asker.held.is_some() && !own {
            return Err(held_back(Held::Address));
        }
        if let Some(person) = self.store.person_of_member(&member.id).await?.filter(|_| !own) {
            let platform = asker.account.platform();
            if self.store.links(&person.id).await?.iter().any(|it| it.account.platform() == platform) {
                return Err(Failure::refused(
                    format!("Another chat account is linked to {} already.", member.email),
                    "Nothing was linked. If that was not you, tell an admin now.",
                ));
            }
            return self.show_code(asker, "You are known on another platform already.").await;
        }
        let email = Some(email.trim().to_lowercase());
        let how = LinkAccount { email, ..LinkAccount::new(asker.account.clone(), member.id.clone(), "email") };
        if self.powers((&asker.account, &asker.standing), &member.id).await?.is_empty() {
            let now = self.clock.now();
            let tx = self.store.begin().await?;
            self.link_at_once(tx, (&how, &member), asker, now).await?;
            return Ok(says(
                Message::plain(format!("Linked: you are {} ({}).", member.name, member.email))
                    .hint(see_whoami())
                    .tone(Tone::Good),
            ));
        }
        Ok(asked(self.propose(Request::of(Proposal::Link(how)), asker).await?))
    }

    /// Joins the account whose code the asker entered to them.
    async fn join(&self, account: &Account, asker: &Asker) -> Result<Linked, Failure> {
        let member = self.own_member(asker).await?;
        let now = self.clock.now();
        let entered = self.store.open_code(account, now).await?.and_then(|it| it.entered_by);
        if entered.as_ref() != Some(&asker.account) {
            return Err(code_is_over());
        }
        if *account == asker.account {
            return Err(joins_itself());
        }
        let standing = self.standing_of_a_colleague(account).await?;
        let how = LinkAccount::new(account.clone(), member.id.clone(), "code");
        let powers = self.powers((account, &standing), &member.id).await?;
        let mut tx = self.store.begin().await?;
        if !self.store.use_code(&mut tx, account, &asker.account, now).await? {
            return Err(code_is_over());
        }
        if powers.is_empty() {
            self.link_at_once(tx, (&how, &member), asker, now).await?;
            return Ok(says(
                Message::new(
                    Text::plain("Joined: ")
                        .mention(account)
                        .then(format!(" is linked to {} now, as this account is.", member.name)),
                )
                .hint(see_whoami())
                .tone(Tone::Good),
            ));
        }
        self.store.commit(tx).await?;
        Ok(asked(self.propose(Request::of(Proposal::Link(how)), asker).await?))
    }

    /// Makes a link that gives no more than a plain member has, in one transaction, and tells everybody concerned.
    async fn link_at_once(
        &self,
        mut tx: Tx<'_>,
        (how, member): (&LinkAccount, &MemberRow),
        asker: &Asker,
        now: Moment,
    ) -> Result<(), Failure> {
        let new_person = PersonId(self.random.id("person"));
        let new = Joining {
            account: &how.account,
            member_id: &member.id,
            name: &member.name,
            email: how.email.as_deref(),
            how: &how.how,
            new_person: &new_person,
        };
        let Some(person) = self.store.join_account(&mut tx, &new, now).await? else {
            return Err(Failure::refused(
                "That account, or your place on its platform, belongs to somebody already.",
                "Nothing was linked. Ask an admin.",
            ));
        };
        let detail = serde_json::json!({ "member": member.id, "how": how.how });
        let (actor, about) = (asker.account.to_string(), how.account.to_string());
        self.store.append(&mut tx, &Act { at: now, actor: &actor, action: "link.made", about: &about, detail }).await?;
        let message = joined(&how.account, &member.name);
        tell_person(&self.store, &mut tx, (&person, Some(&asker.account)), &message, now).await?;
        self.store.commit(tx).await?;
        Ok(())
    }

    /// The member whom the asker is, beyond doubt and at this moment.
    pub(super) async fn own_member(&self, asker: &Asker) -> Result<MemberRow, Failure> {
        let member_id = asker.person.as_ref().filter(|_| asker.linked).and_then(|it| it.member_id.as_deref());
        let member = match member_id {
            Some(id) => self.store.member(id).await?,
            None => None,
        };
        member.ok_or_else(|| {
            Failure::refused(
                "I do not know from this account either who you are.",
                Text::plain("Nothing was linked. A code is entered where you are known already; here, say ")
                    .command("link")
                    .then(" first."),
            )
        })
    }

    /// Whether the list of members was ever read to its end: before that, nobody is known.
    async fn has_read_members(&self) -> Result<bool, Failure> {
        let lists = self.store.freshness().await?;
        Ok(lists.iter().any(|it| it.resource == Resource::Members.as_str() && it.complete_at.is_some()))
    }

    async fn member_to_link(&self, email: &str) -> Result<MemberRow, Failure> {
        let mut found = self.store.members_at(email.trim()).await?;
        match found.len() {
            1 => Ok(found.remove(0)),
            0 if !self.has_read_members().await? => Err(Failure::mistake(
                "The list of the organization's members has not been read yet.",
                Text::plain("Nothing was linked. Try again in a minute; if it stays like this, see ")
                    .command("status")
                    .then("."),
            )),
            0 => Err(Failure::mistake(
                "No member of the organization has the address in your chat profile.",
                Text::plain("Ask for an invitation with ").command("invite me").then("."),
            )),
            _ => Err(Failure::refused(
                "More than one member has the address in your chat profile.",
                "Nothing was linked. Ask an admin.",
            )),
        }
    }
}

pub(super) fn says(message: Message) -> Linked {
    Linked::Says(Box::new(message))
}

fn asked(proposed: Proposed) -> Linked {
    Linked::Asked(Box::new(proposed))
}

/// The account that asked for a code became somebody's in the meantime, and enters it itself: there is nothing to join.
pub(super) fn joins_itself() -> Failure {
    Failure::mistake(
        "This code was shown to this very account, and I know already whose it is.",
        Text::plain("Nothing was linked. ").command("whoami").then(" shows your accounts."),
    )
}

pub(super) fn code_is_over() -> Failure {
    Failure::mistake(
        "There is no such code, or its time is over.",
        Text::plain("Nothing was linked. A code is good for 10 minutes and one entry; ")
            .command("link")
            .then(", said from the other account, shows a new one."),
    )
}

fn held_back(held: Held) -> Failure {
    Failure::refused(
        format!("This account is held back: {}.", held.because()),
        "Nothing was linked. An admin can look at it and attest whose it is.",
    )
}

fn see_whoami() -> Text {
    Text::new().command("whoami").then(" shows what you may.")
}
