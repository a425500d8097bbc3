//! The vault: opens a key's secret for the one person that it is for, as long as they may look.

use futures_util::future::BoxFuture;

use super::{Error, StockState, Store};
use crate::chat::{Account, Revealed, SecretHandle, Vault, VaultError};
use crate::clock::Clock;
use crate::domain::{ChangeId, LinkState, PersonId};

impl Store {
    /// Whom an account speaks for: none while it is held back, or its person is no member.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn speaks_for(&self, account: &Account) -> Result<Option<PersonId>, Error> {
        let known = self.known(account).await?;
        let counts = known.filter(|it| it.state == LinkState::Active && !it.member_gone && it.held.is_none());
        Ok(counts.map(|it| it.person.id))
    }
}

/// The secrets of a database.
pub struct StoreVault {
    store: Store,
    clock: Clock,
}

impl StoreVault {
    /// Those of `store`.
    #[must_use]
    pub fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock }
    }

    async fn opened(&self, handle: &SecretHandle, account: &Account) -> Result<Revealed, VaultError> {
        let id: ChangeId = handle.0.parse().map_err(|_| VaultError::Gone)?;
        let unavailable = |_| VaultError::Unavailable;
        let change = self.store.change(&id).await.map_err(unavailable)?.ok_or(VaultError::Gone)?;
        let row = self.store.stock_of(change.id.number()).await.map_err(unavailable)?.ok_or(VaultError::Gone)?;
        let person = self.store.speaks_for(account).await.map_err(unavailable)?;
        if person.is_none() || person != row.owner || !row.is_genuine {
            return Err(VaultError::NotYours);
        }
        let until = row.look_until.filter(|until| row.state == StockState::Revealed && *until > self.clock.now());
        let until = until.ok_or(VaultError::Gone)?;
        let secret = self.store.open_stock(&row).await.map_err(unavailable)?.ok_or(VaultError::Gone)?;
        Ok(Revealed { secret, until: Some(until) })
    }
}

impl Vault for StoreVault {
    fn open<'a>(
        &'a self,
        handle: &'a SecretHandle,
        account: &'a Account,
    ) -> BoxFuture<'a, Result<Revealed, VaultError>> {
        Box::pin(self.opened(handle, account))
    }
}
