//! Who hears what when something becomes of a change. Everything goes through the outbox, in the transaction that caused it.

use super::asker::Asker;
use super::failure::Failure;
use super::pipeline::Pipeline;
use crate::chat::{Account, Message, Platform, Target};
use crate::domain::{Change, Decision, RoleMapFrom, State};
use crate::store::{Parcel, Tx};
use crate::view;

impl Pipeline {
    /// Puts the card where approvers look; without a channel, to each of them.
    pub(super) async fn post_card(&self, tx: &mut Tx<'_>, change: &Change) -> Result<(), Failure> {
        let number = change.id.number();
        let targets = match &self.rules.approvers_channel {
            Some(channel) => vec![Target::Channel(channel.clone())],
            None => self.approvers(change).await?.into_iter().map(Target::Direct).collect(),
        };
        for to in targets {
            self.store.post(tx, &about(number), &Parcel::Card { number, to }, self.clock.now()).await?;
        }
        Ok(())
    }

    /// Has every card of a change shown anew.
    pub(super) async fn refresh_card(&self, tx: &mut Tx<'_>, number: i64) -> Result<(), Failure> {
        Ok(self.store.post(tx, &about(number), &Parcel::Refresh { number }, self.clock.now()).await?)
    }

    /// Tells the asker and changes the cards. Whoever made their own change at once has the answer already.
    pub(super) async fn tell(&self, tx: &mut Tx<'_>, change: &Change, step: &str) -> Result<(), Failure> {
        let number = change.id.number();
        if step == "parked" {
            self.tell_approvers(tx, change, &view::answer(change)).await?;
        }
        if change.asked.decision != Decision::AtOnce {
            self.refresh_card(tx, number).await?;
        }
        let withdrawn = change.state == State::Withdrawn;
        let seen_it = change.asked.decision == Decision::AtOnce
            || withdrawn
            || change.asked.asker_account.platform() == Platform::Operator;
        if change.state.is_open() || seen_it {
            return Ok(());
        }
        let parcel = Parcel::Message {
            to: Target::Direct(change.asked.asker_account.clone()),
            message: Box::new(view::news(change)),
        };
        Ok(self.store.post(tx, &format!("news {number}"), &parcel, self.clock.now()).await?)
    }

    /// A message to the approvers' channel, or to each of them.
    pub(super) async fn tell_approvers(
        &self,
        tx: &mut Tx<'_>,
        change: &Change,
        message: &Message,
    ) -> Result<(), Failure> {
        let targets = match &self.rules.approvers_channel {
            Some(channel) => vec![Target::Channel(channel.clone())],
            None => self.approvers(change).await?.into_iter().map(Target::Direct).collect(),
        };
        for to in targets {
            let about = format!("{} to approvers", change.id);
            self.store
                .post(tx, &about, &Parcel::Message { to, message: Box::new(message.clone()) }, self.clock.now())
                .await?;
        }
        Ok(())
    }

    /// Accounts that could decide this change now, by what their platforms say. Never the asker's own.
    pub(super) async fn approvers(&self, change: &Change) -> Result<Vec<Account>, Failure> {
        let named = self.rules.role_map.entries.iter().filter_map(|entry| match &entry.from {
            RoleMapFrom::Account(account) => Some(account.clone()),
            _ => None,
        });
        let mut accounts: Vec<Account> = self.rules.role_map.first_admins.iter().cloned().chain(named).collect();
        accounts.extend(self.store.linked_accounts().await?);
        accounts.sort();
        accounts.dedup();
        let mut approvers = Vec::new();
        for account in accounts {
            let Some(mut one) = Asker::fresh(&self.store, &self.rules, &*self.roster, &account).await? else {
                continue;
            };
            let person = one.person.as_ref().map(|it| it.id.clone());
            let concerned = person.as_ref() == Some(&change.asked.asked_by)
                || (person.is_some() && person == change.asked.for_person);
            // Somebody whom only the configuration names becomes a person with their first press.
            one.person = one.person.or_else(|| Some(nobody_yet()));
            if !concerned && one.may_approve(&change.asked.decision) {
                approvers.push(account);
            }
        }
        Ok(approvers)
    }
}

fn nobody_yet() -> crate::domain::Person {
    crate::domain::Person { id: crate::domain::PersonId(String::new()), name: String::new(), member_id: None }
}

fn about(number: i64) -> String {
    format!("card {number}")
}
