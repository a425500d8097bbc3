//! The stamp on what goes out to a webhook, so that its receiver can tell ours from anybody else's.

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac as _};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use super::master::MasterKey;

/// The header that carries a stamp.
pub const STAMP_HEADER: &str = "x-steward-signature";

/// Stamps bodies with `t=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>">`, the form that `POST /hooks/leak` takes, too.
///
/// The key is a text that the operator hands to the receiver. It is derived from the master key, so there is nothing more to
/// keep; whoever has it can forge deliveries, and nothing else. No `Debug`.
pub struct HookKey(SecretString);

impl HookKey {
    /// For the entries of the audit trail.
    #[must_use]
    pub fn audit(master: &MasterKey) -> Self {
        let raw = master.derive("steward/v1/hook/audit");
        Self(format!("whsec_{}", HEXLOWER.encode(raw.expose_secret())).into())
    }

    /// The text that the receiver has to know. The text itself, as it stands, is the key of the HMAC.
    #[must_use]
    pub fn secret(&self) -> &SecretString {
        &self.0
    }

    /// The stamp of `body`, sent at `unix_seconds`.
    ///
    /// # Panics
    ///
    /// Never: HMAC takes keys of every length.
    #[must_use]
    pub fn stamp(&self, unix_seconds: i64, body: &[u8]) -> String {
        let mac = Hmac::<Sha256>::new_from_slice(self.0.expose_secret().as_bytes())
            .expect("HMAC takes keys of every length")
            .chain_update(format!("{unix_seconds}."))
            .chain_update(body);
        format!("t={unix_seconds},v1={}", HEXLOWER.encode(&mac.finalize().into_bytes()))
    }
}
