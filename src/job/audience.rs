//! Who is told what no single request is about: the approvers' channel, or without one each admin.

use std::sync::Arc;

use crate::change::{Asker, Failure};
use crate::chat::{Account, Message, Roster, Target};
use crate::clock::{Clock, Moment};
use crate::domain::{LiveRules, Role, RoleMapFrom};
use crate::store::{Parcel, Store, Tx};

/// Knows whom to tell.
#[derive(Clone)]
pub struct Audience {
    store: Store,
    rules: Arc<LiveRules>,
    roster: Arc<dyn Roster>,
    clock: Clock,
}

impl Audience {
    /// The audience that `rules` name.
    #[must_use]
    pub fn new(store: Store, rules: Arc<LiveRules>, roster: Arc<dyn Roster>, clock: Clock) -> Self {
        Self { store, rules, roster, clock }
    }

    /// Where to tell it. This may ask the platforms, so it is done before a transaction begins.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] of the database.
    pub async fn targets(&self) -> Result<Vec<Target>, Failure> {
        if let Some(channel) = &self.rules.now().approvers_channel {
            return Ok(vec![Target::Channel(channel.clone())]);
        }
        self.admins().await
    }

    /// Each admin, by direct message. This may ask the platforms, too.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] of the database.
    pub async fn admins(&self) -> Result<Vec<Target>, Failure> {
        let (mut admins, now) = (Vec::new(), self.clock.now());
        for account in self.accounts().await? {
            let asker = Asker::fresh(&self.store, &self.rules.now(), &*self.roster, &account, now).await?;
            if asker.is_some_and(|it| it.rights.has(&Role::Admin)) {
                admins.push(Target::Direct(account));
            }
        }
        Ok(admins)
    }

    /// Puts a message into the outbox for each of them, in the caller's transaction.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] of the database.
    pub async fn tell(
        &self,
        tx: &mut Tx<'_>,
        targets: &[Target],
        (about, message): (&str, &Message),
        at: Moment,
    ) -> Result<(), Failure> {
        for to in targets {
            let parcel = Parcel::Message { to: to.clone(), message: Box::new(message.clone()) };
            self.store.post(tx, about, &parcel, at).await?;
        }
        Ok(())
    }

    /// Everybody who could be an admin: whom the configuration names, and whoever is linked.
    async fn accounts(&self) -> Result<Vec<Account>, Failure> {
        let rules = self.rules.now();
        let map = &rules.role_map;
        let named = map.entries.iter().filter_map(|entry| match &entry.from {
            RoleMapFrom::Account(account) => Some(account.clone()),
            _ => None,
        });
        let mut accounts: Vec<Account> = map.first_admins.iter().cloned().chain(named).collect();
        accounts.extend(self.store.linked_accounts().await?);
        accounts.sort();
        accounts.dedup();
        Ok(accounts)
    }
}
