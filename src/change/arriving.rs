//! Strangers whose invitation was accepted: the address they asked with is a member's now.

use super::asker::Asker;
use super::failure::Failure;
use super::link_account::LinkAccount;
use super::link_news::tell;
use super::pipeline::{Pipeline, Request};
use super::proposal::Proposal;
use crate::chat::{Account, Kind as Sort, Message, Text, Tone};
use crate::domain::Kind;
use crate::store::Act;

impl Pipeline {
    /// Links everybody who arrived, and greets them. Whom that would make more than a plain member waits for an admin's word.
    /// Answers how many were linked.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] of the database.
    pub async fn settle_arrivals(&self) -> Result<usize, Failure> {
        let mut settled = 0;
        for (account, member_id) in self.store.arrived().await? {
            settled += usize::from(self.arrive(&account, &member_id).await?);
        }
        Ok(settled)
    }

    async fn arrive(&self, account: &Account, member_id: &str) -> Result<bool, Failure> {
        let asker = Asker::fresh(&self.store, &self.rules.now(), &*self.roster, account, self.clock.now()).await?;
        let Some(asker) = asker.filter(|it| it.standing.kind == Sort::Person) else { return Ok(false) };
        let Some(email) = asker.email.clone() else { return Ok(false) };
        if asker.standing.email.as_ref().is_some_and(|it| !it.trim().eq_ignore_ascii_case(&email)) {
            // They asked with one address and have another now: which of them is theirs, an admin can say.
            return Ok(false);
        }
        if !self.powers((account, &asker.standing), member_id).await?.is_empty() {
            if self.store.was_asked(Kind::Link, &account.to_string()).await? {
                return Ok(false);
            }
            let how = LinkAccount::new(account.clone(), member_id.to_owned(), "email");
            let proposal = Proposal::Link(LinkAccount { email: Some(email), ..how });
            return match self.propose(Request::of(proposal), &asker).await {
                Ok(_) | Err(Failure::Refused { .. } | Failure::Mistake { .. } | Failure::Stranger) => Ok(false),
                Err(failure) => Err(failure),
            };
        }
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        if !self.store.settle_link(&mut tx, account, Some(member_id)).await? {
            return Ok(false);
        }
        let detail = serde_json::json!({ "member": member_id, "how": "accepted invitation" });
        let act = Act { at: now, actor: "steward", action: "link.made", about: &account.to_string(), detail };
        self.store.append(&mut tx, &act).await?;
        tell(&self.store, &mut tx, account.clone(), &welcome(), now).await?;
        self.store.commit(tx).await?;
        Ok(true)
    }
}

fn welcome() -> Message {
    Message::plain("Welcome: you are a member of the Claude organization now, and I know you.")
        .hint(Text::plain("See what you can do with ").command("home").then("."))
        .tone(Tone::Good)
}
