//! The stamp on what goes out to a webhook, so that its receiver can tell ours from anybody else's.

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac as _};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use super::master::MasterKey;

/// The header that carries a stamp.
pub const STAMP_HEADER: &str = "x-steward-signature";

/// How old, or how early, a stamp may be.
const FRESH_SECONDS: i64 = 300;

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

    /// A secret that the operator shares with whoever calls us.
    #[must_use]
    pub fn shared(secret: SecretString) -> Self {
        Self(secret)
    }

    /// Whether `stamp` is this key's on `body`, and at most five minutes old or early at `now_seconds`. Takes the same time wherever
    /// stamps differ.
    #[must_use]
    pub fn verifies(&self, stamp: &str, body: &[u8], now_seconds: i64) -> bool {
        let Some((at, claimed)) = stamp.strip_prefix("t=").and_then(|it| it.split_once(",v1=")) else { return false };
        let is_plain = !at.is_empty() && at.len() <= 12 && at.bytes().all(|it| it.is_ascii_digit());
        let Some(seconds) = at.parse::<i64>().ok().filter(|_| is_plain) else { return false };
        let Ok(claimed) = HEXLOWER.decode(claimed.as_bytes()) else { return false };
        let mac = self.mac().chain_update(format!("{at}.")).chain_update(body);
        mac.verify_slice(&claimed).is_ok() && (now_seconds - seconds).abs() <= FRESH_SECONDS
    }

    fn mac(&self) -> Hmac<Sha256> {
        Hmac::<Sha256>::new_from_slice(self.0.expose_secret().as_bytes()).expect("HMAC takes keys of every length")
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
        let mac = self.mac().chain_update(format!("{unix_seconds}.")).chain_update(body);
        format!("t={unix_seconds},v1={}", HEXLOWER.encode(&mac.finalize().into_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_passes_and_nothing_near_it() {
        let key = HookKey::shared("a-shared-secret".to_owned().into());
        let (now, body) = (1_796_000_000, b"{\"hint\":\"x\"}");
        let stamp = key.stamp(now, body);
        for (at, is_good) in [(0, true), (300, true), (-300, true), (301, false), (-301, false)] {
            assert_eq!(key.verifies(&stamp, body, now + at), is_good, "{at}");
        }
        assert!(!key.verifies(&stamp, &body[1..], now));
        assert!(!HookKey::shared("another".to_owned().into()).verifies(&stamp, body, now));
        for wrong in
            ["", "t=", "t=1796000000", &stamp[2..], &stamp.to_uppercase(), &stamp[..60], &stamp.replace("t=", "t=0")]
        {
            assert!(!key.verifies(wrong, body, now), "{wrong}");
        }
    }
}
