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
}

impl Vault for HouseVault {
    fn open<'a>(
        &'a self,
        handle: &'a SecretHandle,
        account: &'a Account,
    ) -> BoxFuture<'a, Result<Revealed, VaultError>> {
        if !handle.0.starts_with(TOKEN_HANDLE) {
            return self.stored.open(handle, account);
        }
        let taken = self.pipeline.tray.take(&handle.0, account, self.pipeline.clock.now());
        Box::pin(std::future::ready(match taken {
            Taken::Here(secret) => Ok(Revealed { secret, until: None }),
            Taken::NotYours => Err(VaultError::NotYours),
            Taken::Gone => Err(VaultError::Gone),
        }))
    }
}
