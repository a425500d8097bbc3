//! Lines of Steward's own books about rights that were given: written, told to whom they concern, and noted in the trail, in one
//! transaction.

use super::applied::Applied;
use crate::chat::{Account, Message, Target};
use crate::clock::Moment;
use crate::domain::{Change, Decision, DelegationTerms, GrantTerms, PersonId};
use crate::store::{self, Act, Ended, Parcel, Store, Tx};
use crate::view;

/// Writes into the books for one change.
pub(super) struct Books<'a, 'tx> {
    pub(super) store: &'a Store,
    pub(super) tx: &'a mut Tx<'tx>,
    pub(super) change: &'a Change,
    pub(super) now: Moment,
}

/// What was written, or the sentence why nothing was.
type Written = Result<Result<Applied, String>, store::Error>;

impl Books<'_, '_> {
    pub(super) async fn give_grant(mut self, terms: &GrantTerms) -> Written {
        if let Some(until) = terms.until.filter(|it| it.at <= self.now) {
            return Ok(Err(format!("{until} is over.")));
        }
        let by = (&self.change.id, &self.change.asked.asker_account);
        let number = self.store.give_grant(self.tx, terms, by, self.now).await?;
        let id = format!("G{number}");
        let detail = serde_json::json!({
            "person": terms.holder.id, "permission": terms.permission, "workspace": terms.within.as_ref().map(|it| &it.name),
            "until": terms.until.map(|it| it.day), "change": self.change.id,
        });
        self.note("grant.given", &id, detail).await?;
        let told = view::given::granted(terms, &id, &self.change.asked.asker_account);
        self.tell(&terms.holder.id, &id, &told).await?;
        Ok(Ok(applied(&id, format!("{} was granted {} ({id})", terms.holder.name, terms.words()))))
    }

    pub(super) async fn revoke_grant(mut self, number: i64, terms: &GrantTerms) -> Written {
        let id = format!("G{number}");
        if !self.store.end_grant(self.tx, number, Ended::Revoked, self.now).await? {
            return Ok(Err(format!("The grant {id} had ended already.")));
        }
        let detail = serde_json::json!({ "how": "revoked", "change": self.change.id });
        self.note("grant.ended", &id, detail).await?;
        let told = view::given::revoked(terms, &id, &self.change.asked.asker_account);
        self.tell(&terms.holder.id, &id, &told).await?;
        Ok(Ok(applied(&id, format!("{} has {} no more ({id})", terms.holder.name, terms.words()))))
    }

    pub(super) async fn delegate(mut self, terms: &DelegationTerms) -> Written {
        if terms.until.at <= self.now {
            return Ok(Err(format!("{} is over.", terms.until)));
        }
        let agreed = self.change.asked.decision != Decision::AtOnce;
        let by = (&self.change.id, &self.change.asked.asker_account, agreed);
        let number = self.store.delegate(self.tx, terms, by, self.now).await?;
        let id = format!("D{number}");
        let detail = serde_json::json!({
            "from": terms.from.id, "to": terms.to.id, "workspace": terms.within.as_ref().map(|it| &it.name),
            "since": terms.since.day, "until": terms.until.day, "change": self.change.id,
        });
        self.note("delegation.given", &id, detail).await?;
        let (from, to) = (&terms.from.name, &terms.to.name);
        Ok(Ok(applied(&id, format!("{to} stands in for {from}{} ({id})", terms.span()))))
    }

    pub(super) async fn undelegate(mut self, number: i64, terms: &DelegationTerms) -> Written {
        let id = format!("D{number}");
        if !self.store.end_delegation(self.tx, number, Ended::Revoked, self.now).await? {
            return Ok(Err(format!("The delegation {id} had ended already.")));
        }
        let detail = serde_json::json!({ "how": "revoked", "change": self.change.id });
        self.note("delegation.ended", &id, detail).await?;
        let (from, to) = (&terms.from.id, &terms.to.id);
        let accounts = [self.store.reachable_in(self.tx, from).await?, self.store.reachable_in(self.tx, to).await?];
        let [first, second] = [&accounts[0], &accounts[1]].map(|it| it.first());
        let told = view::given::delegation_ended(terms, &id, (first, second), true);
        self.tell(from, &id, &told.0).await?;
        self.tell(to, &id, &told.1).await?;
        Ok(Ok(applied(&id, format!("{} stands in for {} no more ({id})", terms.to.name, terms.from.name))))
    }

    async fn note(&mut self, action: &str, about: &str, detail: serde_json::Value) -> Result<(), store::Error> {
        let actor = self.change.asked.asker_account.to_string();
        self.store.append(self.tx, &Act { at: self.now, actor: &actor, action, about, detail }).await?;
        Ok(())
    }

    /// By direct message, to every account of theirs but the asker's own, which has its answer.
    async fn tell(&mut self, person: &PersonId, about: &str, message: &Message) -> Result<(), store::Error> {
        let asker: &Account = &self.change.asked.asker_account;
        for account in self.store.reachable_in(self.tx, person).await?.into_iter().filter(|it| it != asker) {
            let parcel = Parcel::Message { to: Target::Direct(account), message: Box::new(message.clone()) };
            self.store.post(self.tx, about, &parcel, self.now).await?;
        }
        Ok(())
    }
}

fn applied(id: &str, done: String) -> Applied {
    Applied { id: id.to_owned(), done, was: None }
}
