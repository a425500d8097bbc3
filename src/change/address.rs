//! A link made by an address is worth as much as the address: when the chat says another one, the account is held back.

use super::asker::Asker;
use super::concerned::Concerned;
use super::failure::Failure;
use super::link_news::{tell, tell_person};
use super::pipeline::Pipeline;
use crate::chat::{Account, Message, Standing, Target, Text, Tone};
use crate::domain::{Decision, Held};
use crate::store::{Act, Parcel};

impl Pipeline {
    /// Holds the account of `asker` back if its address is another one than it was linked with. Answers whether this very call
    /// did: those concerned are told once.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] of the database.
    pub async fn watch_address(&self, asker: &Asker) -> Result<bool, Failure> {
        if asker.held != Some(Held::Address) {
            return Ok(false);
        }
        let Some(person) = &asker.person else { return Ok(false) };
        if self.store.known(&asker.account).await?.is_some_and(|it| it.held.is_some()) {
            return Ok(false);
        }
        let member = match person.member_id.as_deref() {
            Some(id) => self.store.member(id).await?.map(|it| it.email),
            None => None,
        };
        let admins = self.card_targets(&Decision::one_admin(), &Concerned::default()).await?;
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        if !self.store.hold_link(&mut tx, &asker.account, Held::Address).await? {
            return Ok(false);
        }
        let account = asker.account.to_string();
        let detail = serde_json::json!({ "why": Held::Address.as_str(), "person": person.id });
        self.store
            .append(&mut tx, &Act { at: now, actor: "steward", action: "link.suspended", about: &account, detail })
            .await?;
        let for_admins = for_admins(asker, &person.name, member.as_deref());
        // An admin whose own account it is reads it as well, if there is nobody else: better twice than never.
        for to in admins.into_iter().filter(|it| *it != Target::Direct(asker.account.clone())) {
            let parcel = Parcel::Message { to, message: Box::new(for_admins.clone()) };
            self.store.post(&mut tx, &format!("link {account}"), &parcel, now).await?;
        }
        let message = for_person(asker);
        tell(&self.store, &mut tx, asker.account.clone(), &message, now).await?;
        tell_person(&self.store, &mut tx, (&person.id, Some(&asker.account)), &message, now).await?;
        self.store.commit(tx).await?;
        Ok(true)
    }

    /// What a platform just said of an account, asked by itself: another address than it was linked with holds it back.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] of the database.
    pub async fn heard_of(&self, account: &Account, standing: Standing) -> Result<bool, Failure> {
        let asker = Asker::meet(&self.store, &self.rules.now(), account, standing, self.clock.now()).await?;
        self.watch_address(&asker).await
    }
}

fn for_admins(asker: &Asker, name: &str, member: Option<&str>) -> Message {
    let account = asker.account.to_string();
    let says = asker.standing.email.clone().unwrap_or_default();
    let attest = format!("link --attest {account} --as {}", member.unwrap_or("…"));
    Message::new(
        Text::plain("The address in the chat profile of ")
            .mention(&asker.account)
            .then(" changed, so the account is held back: it has no right any more."),
    )
    .badge("held back", Tone::Warning)
    .tone(Tone::Warning)
    .fields([
        ("Account", Text::new().code(account)),
        ("Linked to", Text::plain(member.map_or_else(|| name.to_owned(), |it| format!("{name}, {it}")))),
        ("Linked with", Text::plain(asker.email.clone().unwrap_or_default())),
        ("The chat says now", Text::plain(says)),
    ])
    .hint(
        Text::plain("If it is still them, they say ")
            .command("link")
            .then(" once the member has the new address, or you say ")
            .command(attest)
            .then("."),
    )
}

fn for_person(asker: &Asker) -> Message {
    Message::new(
        Text::plain("The address in the chat profile of ").mention(&asker.account).then(
            " is no longer the one that it was linked with, so the account is held back: it has no right any more.",
        ),
    )
    .badge("held back", Tone::Warning)
    .tone(Tone::Warning)
    .hint(
        Text::plain("If your address changed in the Claude organization as well, say ")
            .command("link")
            .then(". Otherwise ask an admin, who can attest that it is you."),
    )
}
