//! A sealed value as it lies in a `TEXT` column: `v1.<key id>.<wrapped data key>.<nonce>.<ciphertext>`, each base64url.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;

use super::error::Error;
use super::key_id::KeyId;
use super::master::KEY_BYTES;

/// The random number of `XChaCha20`: 192 bits, enough to be drawn blindly.
pub(super) const NONCE_BYTES: usize = 24;

/// What `Poly1305` adds to a ciphertext.
pub(super) const TAG_BYTES: usize = 16;

/// A data key under the key-encryption key: its own nonce, then the key, then the tag.
pub(super) const WRAPPED_BYTES: usize = NONCE_BYTES + KEY_BYTES + TAG_BYTES;

/// The version that this program writes. It is part of the associated data too, so it cannot be exchanged.
const VERSION: &str = "v1";

/// A value that only its [`super::Seal`], with the same [`super::Context`], can open. Safe to store, to back up, to lose.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    pub(super) key_id: KeyId,
    pub(super) wrapped: [u8; WRAPPED_BYTES],
    pub(super) nonce: [u8; NONCE_BYTES],
    pub(super) ciphertext: Vec<u8>,
}

impl Sealed {
    /// The text that [`Sealed::parse`] reads.
    #[must_use]
    pub fn to_text(&self) -> String {
        let encode = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
        let (wrapped, nonce, ciphertext) = (encode(&self.wrapped), encode(&self.nonce), encode(&self.ciphertext));
        format!("{VERSION}.{}.{wrapped}.{nonce}.{ciphertext}", self.key_id)
    }

    /// Reads a stored text. There is one text only for each value: what is not exactly that is refused.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        let parts: Vec<&str> = text.split('.').collect();
        let [VERSION, key_id, wrapped, nonce, ciphertext] = parts[..] else {
            return Err(Error::Malformed);
        };
        let ciphertext = decode(ciphertext)?;
        if ciphertext.len() < TAG_BYTES {
            return Err(Error::Malformed);
        }
        Ok(Self {
            key_id: KeyId(decode_exactly(key_id)?),
            wrapped: decode_exactly(wrapped)?,
            nonce: decode_exactly(nonce)?,
            ciphertext,
        })
    }

    /// Which master key it was sealed, or last re-wrapped, under.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        self.key_id
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealed").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

fn decode(text: &str) -> Result<Vec<u8>, Error> {
    BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| Error::Malformed)
}

fn decode_exactly<const N: usize>(text: &str) -> Result<[u8; N], Error> {
    decode(text)?.try_into().map_err(|_| Error::Malformed)
}
