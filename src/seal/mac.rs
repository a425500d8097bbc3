//! Keyed fingerprints: who does not have the master key can neither make one nor alter what it covers.

use hmac::{Hmac, KeyInit, Mac as _};
use secrecy::ExposeSecret;
use sha2::Sha256;

use super::key_id::KeyId;
use super::master::{MasterKey, SecretKey};

/// The length of a fingerprint, in bytes.
const MAC_BYTES: usize = 32;

/// HMAC-SHA256 under a key of its own use. The caller makes one unambiguous byte string of what it covers.
pub struct Mac {
    key: SecretKey,
    key_id: KeyId,
}

impl Mac {
    /// For the chain of audit records.
    #[must_use]
    pub fn audit(master: &MasterKey) -> Self {
        Self::labelled(master, "steward/v1/mac/audit")
    }

    /// For rows whose meaning must not be edited in the database: changes, approvals, links.
    #[must_use]
    pub fn rows(master: &MasterKey) -> Self {
        Self::labelled(master, "steward/v1/mac/rows")
    }

    /// For finding the same secret twice without storing it: equal secrets have equal fingerprints.
    #[must_use]
    pub fn duplicates(master: &MasterKey) -> Self {
        Self::labelled(master, "steward/v1/mac/duplicates")
    }

    /// For the short codes that join accounts: what is stored says nothing about the code.
    #[must_use]
    pub fn codes(master: &MasterKey) -> Self {
        Self::labelled(master, "steward/v1/mac/codes")
    }

    /// Which master key its key comes from; stored beside a fingerprint, it tells after a rotation which one to check with.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// The fingerprint of `covered`.
    #[must_use]
    pub fn sign(&self, covered: &[u8]) -> [u8; MAC_BYTES] {
        self.over(covered).finalize().into_bytes().into()
    }

    /// Whether `claimed` is the fingerprint of `covered`. Takes the same time wherever they differ.
    #[must_use]
    pub fn verify(&self, covered: &[u8], claimed: &[u8]) -> bool {
        self.over(covered).verify_slice(claimed).is_ok()
    }

    fn labelled(master: &MasterKey, label: &str) -> Self {
        Self { key: master.derive(label), key_id: master.id() }
    }

    fn over(&self, covered: &[u8]) -> Hmac<Sha256> {
        Hmac::<Sha256>::new_from_slice(self.key.expose_secret())
            .expect("HMAC takes keys of every length")
            .chain_update(covered)
    }
}
