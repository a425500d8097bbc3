//! Signatures that anybody can check, under a key of its own use: ed25519.
//!
//! What a [`super::Mac`] shows, only the holder of the master key can see. What is signed here can be checked by whoever
//! has the public key, which is no secret and is meant to be handed out.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE64;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use secrecy::ExposeSecret;

use super::master::{KEY_BYTES, MasterKey};

/// The length of a signature, in bytes.
pub const SIGNATURE_BYTES: usize = 64;

/// What stands before the 32 bytes of an ed25519 key where a standard tool expects one (RFC 8410).
const PEM_HEAD: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// Signs. It has no `Debug`: it holds a private key, which is wiped when it goes.
pub struct Signer(SigningKey);

impl Signer {
    /// For the heads of the audit trail.
    #[must_use]
    pub fn audit_head(master: &MasterKey) -> Self {
        Self(SigningKey::from_bytes(master.derive("steward/v1/sign/audit-head").expose_secret()))
    }

    /// The signature of `text`.
    #[must_use]
    pub fn sign(&self, text: &[u8]) -> [u8; SIGNATURE_BYTES] {
        self.0.sign(text).to_bytes()
    }

    /// What the signatures are checked with.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }
}

/// What signatures are checked with. No secret; written in base64, 44 characters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

/// A text that is no public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a public key is 32 bytes in base64: 44 characters, the last of them `=`")]
pub struct BadPublicKey;

impl PublicKey {
    /// Whether `claimed` is the signature of `text` by the one key that belongs to this.
    #[must_use]
    pub fn verify(&self, text: &[u8], claimed: &[u8]) -> bool {
        Signature::from_slice(claimed).is_ok_and(|it| self.0.verify_strict(text, &it).is_ok())
    }

    /// The same as other programs read it, such as `openssl pkeyutl`.
    #[must_use]
    pub fn to_pem(&self) -> String {
        let inside = [&PEM_HEAD[..], self.0.as_bytes()].concat();
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", BASE64.encode(&inside))
    }
}

impl FromStr for PublicKey {
    type Err = BadPublicKey;

    fn from_str(text: &str) -> Result<Self, BadPublicKey> {
        let raw = BASE64.decode(text.trim().as_bytes()).map_err(|_| BadPublicKey)?;
        let raw: [u8; KEY_BYTES] = raw.try_into().map_err(|_| BadPublicKey)?;
        VerifyingKey::from_bytes(&raw).map(Self).map_err(|_| BadPublicKey)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64.encode(self.0.as_bytes()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}
