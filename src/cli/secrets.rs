//! The vault of a version that issues no secrets.

use futures_util::future::BoxFuture;

use crate::chat::{Account, Revealed, SecretHandle, Vault, VaultError};

/// Nothing in this version issues secrets, so there is none to open.
pub(super) struct NoSecrets;

impl Vault for NoSecrets {
    fn open<'a>(&'a self, _: &'a SecretHandle, _: &'a Account) -> BoxFuture<'a, Result<Revealed, VaultError>> {
        Box::pin(std::future::ready(Err(VaultError::Gone)))
    }
}
