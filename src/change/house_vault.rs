//! The vault as the messengers know it: keys out of the database, tokens out of the tray.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::minting::TOKEN_HANDLE;
use super::pipeline::Pipeline;
use super::tray::Taken;
use crate::chat::{Account, Revealed, SecretHandle, Vault, VaultError};
use crate::store::StoreVault;

/// Opens what is for somebody, whichever it is.
pub struct HouseVault {
    pipeline: Arc<Pipeline>,
    stored: StoreVault,
}

impl HouseVault {
    /// The vault of a pipeline, and of its database.
    #[must_use]
    pub fn new(pipeline: Arc<Pipeline>) -> Self {
        let stored = StoreVault::new(pipeline.store.clone(), pipeline.clock.clone());
        Self { pipeline, stored }
    }

    /// A token that was made a moment ago, for an account that still speaks for whom it was made.
    async fn taken(&self, handle: &SecretHandle, account: &Account) -> Result<Revealed, VaultError> {
        let person = self.pipeline.store.speaks_for(account).await.map_err(|_| VaultError::Unavailable)?;
        match self.pipeline.tray.take(&handle.0, (account, person.as_ref()), self.pipeline.clock.now()) {
            Taken::Here(secret) => Ok(Revealed { secret, until: None }),
            Taken::NotYours => Err(VaultError::NotYours),
            Taken::Gone => Err(VaultError::Gone),
        }
    }
}

impl Pipeline {
    /// Forgets the tokens that nobody took in time.
    pub fn forget_tokens(&self) {
        self.tray.forget(self.clock.now());
    }
}

impl Vault for HouseVault {
    fn open<'a>(
        &'a self,
        handle: &'a SecretHandle,
        account: &'a Account,
    ) -> BoxFuture<'a, Result<Revealed, VaultError>> {
        if handle.0.starts_with(TOKEN_HANDLE) {
            return Box::pin(self.taken(handle, account));
        }
        self.stored.open(handle, account)
    }
}
