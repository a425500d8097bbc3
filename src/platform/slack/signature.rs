//! Slack's signature over what it sends: HMAC-SHA256 of `v0:<timestamp>:<raw body>`, at most five minutes old.

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac as _};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use super::limits::FRESH_SECONDS;

/// Verifies signatures. No `Debug`: it holds the signing secret.
pub(super) struct Verifier(Hmac<Sha256>);

/// A request as it claims to be signed.
pub(super) struct Claim<'a> {
    /// `x-slack-request-timestamp`.
    pub(super) timestamp: &'a str,
    /// `x-slack-signature`.
    pub(super) signature: &'a str,
    /// The body, byte by byte.
    pub(super) body: &'a [u8],
}

impl Verifier {
    pub(super) fn new(secret: &SecretString) -> Self {
        let key = secret.expose_secret().as_bytes();
        Self(Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of every length"))
    }

    /// Whether the claim is true, and fresh at `now_seconds`. Takes the same time wherever signatures differ.
    pub(super) fn verify(&self, claim: &Claim<'_>, now_seconds: i64) -> bool {
        let digits = !claim.timestamp.is_empty()
            && claim.timestamp.len() <= 12
            && claim.timestamp.bytes().all(|it| it.is_ascii_digit());
        let Some(at) = claim.timestamp.parse::<i64>().ok().filter(|_| digits) else { return false };
        let fresh = (now_seconds - at).abs() <= FRESH_SECONDS;
        let Some(claimed) = claim.signature.strip_prefix("v0=") else { return false };
        let Ok(claimed) = HEXLOWER.decode(claimed.as_bytes()) else { return false };
        let mac = self.0.clone().chain_update("v0:").chain_update(claim.timestamp).chain_update(":");
        fresh && mac.chain_update(claim.body).verify_slice(&claimed).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Slack's own page. <https://docs.slack.dev/authentication/verifying-requests-from-slack>
    const BODY: &str = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    const SIGNATURE: &str = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";

    #[test]
    fn slacks_own_example_passes_and_nothing_near_it() {
        let verifier = Verifier::new(&"8f742231b10e8888abcd99yyyzzz85a5".to_owned().into());
        let passes = |timestamp: &str, signature: &str, body: &[u8], now: i64| {
            verifier.verify(&Claim { timestamp, signature, body }, now)
        };
        let (at, now) = ("1531420618", 1_531_420_618);
        assert!(passes(at, SIGNATURE, BODY.as_bytes(), now));
        assert!(passes(at, SIGNATURE, BODY.as_bytes(), now + FRESH_SECONDS));
        assert!(!passes(at, SIGNATURE, BODY.as_bytes(), now + FRESH_SECONDS + 1));
        assert!(!passes(at, SIGNATURE, BODY.as_bytes(), now - FRESH_SECONDS - 1));
        assert!(!passes(at, SIGNATURE, &BODY.as_bytes()[1..], now));
        for timestamp in ["", "+1531420618", " 1531420618", "1531420618.0", "01531420618", "99999999999999999999"] {
            assert!(!passes(timestamp, SIGNATURE, BODY.as_bytes(), now), "{timestamp}");
        }
        for signature in ["", "v0=", &SIGNATURE[3..], &SIGNATURE.to_uppercase(), &SIGNATURE[..65], "v1=00"] {
            assert!(!passes(at, signature, BODY.as_bytes(), now), "{signature}");
        }
    }
}
