//! Linking a chat account to a member, by the address in its profile. It can only make its owner a plain member.

use super::asker::Asker;
use super::failure::Failure;
use super::pipeline::Pipeline;
use crate::chat::{Message, Text, Tone};
use crate::domain::{LinkState, Person, PersonId, Role};
use crate::store::{Act, LinkRow, MemberRow};

impl Pipeline {
    /// Links the asker's account to the one member that has its profile's address.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] or [`Failure::Refused`] with the reason; nothing was linked then.
    pub async fn link(&self, asker: &Asker) -> Result<Message, Failure> {
        if let Some(person) = asker.person.as_ref().filter(|it| asker.linked && it.member_id.is_some()) {
            return Ok(
                Message::plain(format!("This account is linked already, to {}.", person.name)).hint(see_whoami())
            );
        }
        let member = self.member_to_link(asker).await?;
        if self.store.person_of_member(&member.id).await?.is_some() {
            return Err(Failure::refused(
                format!("Another chat account is linked to {} already.", member.email),
                "Nothing was linked. If that was not you, tell an admin now.",
            ));
        }
        let rights = self.rules.now().role_map.rights(&asker.account, &asker.standing, true, Some(&member.role));
        let gains = |role: &Role| rights.has(role) && !asker.rights.has(role);
        if gains(&Role::Admin) || gains(&Role::Billing) {
            return Err(Failure::refused(
                "This link would make you more than a plain member, so an address alone is not enough.",
                "Nothing was linked. Ask an admin to name your account in the role map of the configuration.",
            ));
        }
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        if asker.person.is_some() {
            if !self.store.settle_link(&mut tx, &asker.account, Some(&member.id)).await? {
                return Err(Failure::internal("a link was settled while it was looked at"));
            }
        } else {
            let person = Person {
                id: PersonId(self.random.id("person")),
                name: member.name.clone(),
                member_id: Some(member.id.clone()),
            };
            let link = LinkRow {
                account: asker.account.clone(),
                state: LinkState::Active,
                email: Some(member.email.clone()),
                how: "email".into(),
            };
            if !self.store.create_person(&mut tx, &person, &link, now).await? {
                return Err(Failure::internal("an account was linked while it was looked at"));
            }
        }
        let detail = serde_json::json!({ "member": member.id, "how": "email" });
        let account = asker.account.to_string();
        self.store
            .append(&mut tx, &Act { at: now, actor: &account, action: "link.made", about: &account, detail })
            .await?;
        self.store.commit(tx).await?;
        Ok(Message::plain(format!("Linked: you are {} ({}).", member.name, member.email))
            .hint(see_whoami())
            .tone(Tone::Good))
    }

    async fn member_to_link(&self, asker: &Asker) -> Result<MemberRow, Failure> {
        let Some(email) = asker.standing.email.as_deref() else {
            return Err(Failure::refused(
                "Your chat profile shows me no address to link by.",
                "Nothing was linked. Ask an admin.",
            ));
        };
        if !self.rules.now().is_verified(email) {
            return Err(Failure::refused(
                "The address in your chat profile is not on one of the company's verified domains.",
                "Nothing was linked. Ask an admin.",
            ));
        }
        let mut found = self.store.members_at(email).await?;
        match found.len() {
            1 => Ok(found.remove(0)),
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

fn see_whoami() -> Text {
    Text::new().command("whoami").then(" shows what you may.")
}
