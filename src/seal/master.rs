//! The root of all keys: 32 bytes that the operator keeps outside the database.

use data_encoding::BASE64;
use hkdf::Hkdf;
use secrecy::{ExposeSecret, SecretBox, SecretString};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::error::Error;
use super::key_id::KeyId;
use crate::random::Random;

/// The length of the master key and of every key that is derived from it, in bytes.
pub(super) const KEY_BYTES: usize = 32;

/// The length of a master key as text.
const TEXT_LENGTH: usize = 44;

/// Sets these keys apart from those of any other program that was given the same root by mistake.
const SALT: &[u8] = b"steward";

/// A key of 32 bytes on the heap, wiped when it goes.
pub(super) type SecretKey = SecretBox<[u8; KEY_BYTES]>;

/// The root key, `STEWARD_MASTER_KEY`. It has no `Debug` on purpose, and is wiped when it goes.
pub struct MasterKey(SecretKey);

impl MasterKey {
    /// Reads a key from its base64 text; white space around it does not matter.
    ///
    /// # Errors
    ///
    /// [`Error::BadMasterKey`], which does not quote the text.
    pub fn parse(text: &SecretString) -> Result<Self, Error> {
        let text = text.expose_secret().trim().as_bytes();
        if text.len() != TEXT_LENGTH {
            return Err(Error::BadMasterKey);
        }
        let mut raw = Zeroizing::new([0_u8; KEY_BYTES + 1]);
        let length = BASE64.decode_mut(text, &mut *raw).map_err(|_| Error::BadMasterKey)?;
        if length != KEY_BYTES {
            return Err(Error::BadMasterKey);
        }
        Ok(Self(SecretBox::init_with_mut(|key: &mut [u8; KEY_BYTES]| key.copy_from_slice(&raw[..KEY_BYTES]))))
    }

    /// A new random key, for `steward init`.
    #[must_use]
    pub fn generate(random: &Random) -> Self {
        Self(SecretBox::init_with_mut(|key: &mut [u8; KEY_BYTES]| random.fill(key)))
    }

    /// The text that [`MasterKey::parse`] reads, to be written to the secrets folder.
    #[must_use]
    pub fn to_base64(&self) -> SecretString {
        BASE64.encode(self.0.expose_secret()).into()
    }

    /// The name of this key, safe to show: which key a value needs, without a hint at the key itself.
    #[must_use]
    pub fn id(&self) -> KeyId {
        let mut id = [0; KeyId::BYTES];
        self.expand("steward/v1/key-id", &mut id);
        KeyId(id)
    }

    /// The key for one use, named by `label`.
    pub(super) fn derive(&self, label: &str) -> SecretKey {
        SecretBox::init_with_mut(|key: &mut [u8; KEY_BYTES]| self.expand(label, key))
    }

    fn expand(&self, label: &str, out: &mut [u8]) {
        Hkdf::<Sha256>::new(Some(SALT), self.0.expose_secret())
            .expand(label.as_bytes(), out)
            .expect("HKDF-SHA256 gives up to 8,160 bytes, and at most 32 are asked for");
    }
}
