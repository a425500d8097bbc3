//! Discord's signature over what it sends: Ed25519 of the timestamp and the raw body, at most five minutes old.

use data_encoding::HEXLOWER;
use ed25519_dalek::{Signature, VerifyingKey};

use super::limits::FRESH_SECONDS;

/// Verifies signatures.
pub(super) struct Verifier(VerifyingKey);

/// A request as it claims to be signed.
pub(super) struct Claim<'a> {
    /// `x-signature-timestamp`.
    pub(super) timestamp: &'a str,
    /// `x-signature-ed25519`.
    pub(super) signature: &'a str,
    /// The body, byte by byte.
    pub(super) body: &'a [u8],
}

impl Verifier {
    /// Of the application's public key; none if it is no key, or a weak one, which would take anybody's signature.
    pub(super) fn new(key: &[u8; 32]) -> Option<Self> {
        VerifyingKey::from_bytes(key).ok().filter(|it| !it.is_weak()).map(Self)
    }

    /// Whether the claim is true, and fresh at `now_seconds`.
    pub(super) fn verify(&self, claim: &Claim<'_>, now_seconds: i64) -> bool {
        let digits = (1..=12).contains(&claim.timestamp.len()) && claim.timestamp.bytes().all(|it| it.is_ascii_digit());
        let Some(at) = claim.timestamp.parse::<i64>().ok().filter(|_| digits) else { return false };
        let fresh = (now_seconds - at).abs() <= FRESH_SECONDS;
        let Some(signature) = HEXLOWER.decode(claim.signature.as_bytes()).ok() else { return false };
        let Ok(signature) = Signature::from_slice(&signature) else { return false };
        let signed = [claim.timestamp.as_bytes(), claim.body].concat();
        fresh && self.0.verify_strict(&signed, &signature).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer as _, SigningKey};

    use super::*;

    #[test]
    fn only_what_is_signed_fresh_and_whole_passes() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let verifier = Verifier::new(key.verifying_key().as_bytes()).unwrap();
        let (at, now, body) = ("1531420618", 1_531_420_618, b"{\"type\":1}".as_slice());
        let signature = HEXLOWER.encode(&key.sign(&[at.as_bytes(), body].concat()).to_bytes());
        let passes = |timestamp: &str, signature: &str, body: &[u8], now: i64| {
            verifier.verify(&Claim { timestamp, signature, body }, now)
        };
        assert!(passes(at, &signature, body, now) && passes(at, &signature, body, now + FRESH_SECONDS));
        assert!(!passes(at, &signature, body, now + FRESH_SECONDS + 1));
        assert!(!passes(at, &signature, body, now - FRESH_SECONDS - 1));
        assert!(!passes(at, &signature, &body[1..], now));
        for timestamp in ["", "+1531420618", " 1531420618", "01531420618", "1531420619", "99999999999999999999"] {
            assert!(!passes(timestamp, &signature, body, now), "{timestamp}");
        }
        for signature in ["", &signature[1..], &signature.to_uppercase(), &signature[..126], &"0".repeat(128)] {
            assert!(!passes(at, signature, body, now), "{signature}");
        }
        assert!(Verifier::new(&[0; 32]).is_none(), "a weak key");
    }
}
