//! The vault: opens a key's secret for the one person that it is for, as long as they may look.

use futures_util::future::BoxFuture;

use super::{StockState, Store};
use crate::chat::{Account, Revealed, SecretHandle, Vault, VaultError};
use crate::clock::Clock;
use crate::domain::{ChangeId, LinkState};

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
        let known = self.store.known(account).await.map_err(unavailable)?;
        let person = known
            .filter(|it| it.state == LinkState::Active && !it.member_gone && it.held.is_none())
            .map(|it| it.person.id);
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
