//! Who hears what when something becomes of a change. Everything goes through the outbox, in the transaction that caused it.

use super::asker::Asker;
use super::concerned::Concerned;
use super::failure::Failure;
use super::pipeline::Pipeline;
use crate::chat::{Account, Message, Platform, Target};
use crate::clock::moment;
use crate::domain::{Change, Decision, PersonId, RoleMapFrom, Rules, State};
use crate::store::{Parcel, Tx};
use crate::view;

/// When somebody broke the glass, it is brought up again after so long.
const REVIEW_AFTER_MS: i64 = 24 * 3_600_000;

impl Pipeline {
    /// Where the card of a request goes: the approvers' channel, or, without one, each of them. This may ask the platforms,
    /// so it is done before a transaction begins.
    pub(super) async fn card_targets(
        &self,
        decision: &Decision,
        concerned: &Concerned,
    ) -> Result<Vec<Target>, Failure> {
        let rules = self.rules.now();
        let workspace = if let Decision::Approvals(asked) = decision { asked.workspace.as_deref() } else { None };
        let own = workspace.and_then(|it| rules.place(it).approvers_channel);
        Ok(match own.or_else(|| rules.approvers_channel.clone()) {
            Some(channel) => vec![Target::Channel(channel)],
            None => self.approvers(decision, concerned).await?.into_iter().map(Target::Direct).collect(),
        })
    }

    /// Puts the card there.
    pub(super) async fn post_card(&self, tx: &mut Tx<'_>, number: i64, targets: Vec<Target>) -> Result<(), Failure> {
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
    pub(super) async fn tell(&self, tx: &mut Tx<'_>, change: &Change) -> Result<(), Failure> {
        let number = change.id.number();
        // One that is made in several rounds shows its asker how far it is, also where nobody had to agree.
        if change.asked.decision != Decision::AtOnce || change.fence > 1 {
            self.refresh_card(tx, number).await?;
        }
        // Whoever made their own change at once was answered with the end of its first round, and of no later one.
        let answered = change.asked.decision == Decision::AtOnce && change.fence <= 1;
        let seen = change.asked.kind.issues() && self.was_revealed(number).await?;
        if change.state.is_open() || answered || seen || change.state == State::Withdrawn {
            return Ok(());
        }
        self.post_news(tx, change).await
    }

    /// Where nobody had to agree there is no card: whoever asked gets one that shows how far it is.
    pub(super) async fn post_progress(&self, tx: &mut Tx<'_>, change: &Change) -> Result<(), Failure> {
        let asker = &change.asked.asker_account;
        if change.asked.decision != Decision::AtOnce || asker.platform() == Platform::Operator {
            return Ok(());
        }
        self.post_card(tx, change.id.number(), vec![Target::Direct(asker.clone())]).await
    }

    /// Tells the asker what became of their request.
    pub(super) async fn post_news(&self, tx: &mut Tx<'_>, change: &Change) -> Result<(), Failure> {
        if change.asked.asker_account.platform() == Platform::Operator {
            return Ok(());
        }
        let to = Target::Direct(change.asked.asker_account.clone());
        let parcel = Parcel::Message { to, message: Box::new(view::news(change)) };
        let about = format!("news {}", change.id.number());
        Ok(self.store.post(tx, &about, &parcel, self.clock.now()).await?)
    }

    /// Sends a message about a change to each of `targets`.
    pub(super) async fn post_to(
        &self,
        tx: &mut Tx<'_>,
        targets: Vec<Target>,
        change: &Change,
        message: &Message,
    ) -> Result<(), Failure> {
        for to in targets {
            let about = format!("{} to approvers", change.id);
            self.store
                .post(tx, &about, &Parcel::Message { to, message: Box::new(message.clone()) }, self.clock.now())
                .await?;
        }
        Ok(())
    }

    /// When somebody broke the glass: tells everybody who was skipped, and has a review brought up a day later.
    pub(super) async fn tell_skipped(
        &self,
        tx: &mut Tx<'_>,
        change: &Change,
        (by, skipped): (&Account, Vec<Account>),
    ) -> Result<(), Failure> {
        let Some(reason) = change.overridden() else { return Ok(()) };
        let skipped = skipped.into_iter().filter(|it| it != by).map(Target::Direct).collect();
        self.post_to(tx, skipped, change, &view::overridden(change, reason)).await?;
        let due = moment(self.clock.now().as_millisecond() + REVIEW_AFTER_MS);
        let to = match &self.rules.now().approvers_channel {
            Some(channel) => Target::Channel(channel.clone()),
            None => Target::Direct(by.clone()),
        };
        let parcel = Parcel::Message { to, message: Box::new(view::review(change, reason)) };
        Ok(self.store.post(tx, &format!("review {}", change.id), &parcel, due).await?)
    }

    /// Accounts that could decide this now, by what their platforms say. Never of those whom it concerns.
    pub(super) async fn approvers(&self, decision: &Decision, concerned: &Concerned) -> Result<Vec<Account>, Failure> {
        let rules = self.rules.now();
        let (mut approvers, mut people) = (Vec::new(), Vec::new());
        for one in self.everybody(&rules, concerned).await?.into_iter().filter(|it| it.may_approve(decision)) {
            people.extend(one.person.map(|it| it.id));
            approvers.push(one.account);
        }
        approvers.extend(Box::pin(self.stand_ins(decision, (&people, &approvers), concerned)).await?);
        Ok(approvers)
    }

    /// Everybody who could have a say: whom the configuration names, and whoever is linked; but for those whom it concerns.
    pub(super) async fn everybody(&self, rules: &Rules, concerned: &Concerned) -> Result<Vec<Asker>, Failure> {
        let named = rules.role_map.entries.iter().filter_map(|entry| match &entry.from {
            RoleMapFrom::Account(account) => Some(account.clone()),
            _ => None,
        });
        let mut accounts: Vec<Account> = rules.role_map.first_admins.iter().cloned().chain(named).collect();
        accounts.extend(self.store.linked_accounts().await?);
        accounts.sort();
        accounts.dedup();
        let mut everybody = Vec::new();
        for account in accounts {
            let fresh = Asker::fresh(&self.store, rules, &*self.roster, &account, self.clock.now()).await?;
            let Some(mut one) = fresh.filter(|it| !concerned.is(it)) else { continue };
            // Somebody whom only the configuration names becomes a person with their first press.
            one.person = one.person.or_else(|| Some(nobody_yet()));
            everybody.push(one);
        }
        Ok(everybody)
    }

    /// The accounts of those who stand in for one of `people`, unless they are there already.
    async fn stand_ins(
        &self,
        decision: &Decision,
        (people, there): (&[PersonId], &[Account]),
        concerned: &Concerned,
    ) -> Result<Vec<Account>, Failure> {
        let Decision::Approvals(asked) = decision else { return Ok(Vec::new()) };
        let (rules, now) = (self.rules.now(), self.clock.now());
        let mut found: Vec<Account> = Vec::new();
        for it in self.store.delegations(now).await? {
            let counts = it.agreed && it.counts_at(now) && it.counts_in(asked.workspace.as_deref());
            if !counts || !people.contains(&it.terms.from.id) {
                continue;
            }
            for one in self.standing_in(&rules).askers_of(&it.terms.to.id).await? {
                let is_new = !there.contains(&one.account) && !found.contains(&one.account);
                if is_new && !concerned.is(&one) {
                    found.push(one.account);
                }
            }
        }
        Ok(found)
    }
}

fn nobody_yet() -> crate::domain::Person {
    crate::domain::Person { id: crate::domain::PersonId(String::new()), name: String::new(), member_id: None }
}

fn about(number: i64) -> String {
    format!("card {number}")
}
