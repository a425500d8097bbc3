//! Envelope encryption: each value under a data key of its own, each data key under the key-encryption key.
//!
//! XChaCha20-Poly1305 for both. The place of the value (organization, table, row, column) and the version are bound into
//! both ciphertexts as associated data, the id of the key-encryption key into the wrapped data key: a value that was moved
//! to another row, or whose parts were exchanged, does not open. Because the value itself does not name the
//! key-encryption key, a change of the master key re-wraps the data key and leaves the value as it lies.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use secrecy::{ExposeSecret, SecretBox, SecretSlice, SecretString};
use zeroize::Zeroizing;

use super::error::Error;
use super::key_id::KeyId;
use super::master::{KEY_BYTES, MasterKey, SecretKey};
use super::sealed::{NONCE_BYTES, Sealed, WRAPPED_BYTES};
use crate::random::Random;

const VALUE: &[u8] = b"steward/v1/value";
const DATA_KEY: &[u8] = b"steward/v1/data-key";
const KEY_ENCRYPTION_KEY: &str = "steward/v1/key-encryption-key";

/// Where a sealed value lies. It opens there and nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context<'a> {
    /// The organization's id.
    pub org: &'a str,
    /// The table.
    pub table: &'a str,
    /// The row's id.
    pub row: &'a str,
    /// The column.
    pub column: &'a str,
}

impl Context<'_> {
    /// `purpose` and the four parts, each behind its length, so that no two contexts give the same bytes.
    fn bound_to(&self, purpose: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for part in [purpose, self.org.as_bytes(), self.table.as_bytes(), self.row.as_bytes(), self.column.as_bytes()] {
            bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
            bytes.extend_from_slice(part);
        }
        bytes
    }

    fn bound_to_key(&self, key_id: KeyId) -> Vec<u8> {
        let mut bytes = self.bound_to(DATA_KEY);
        bytes.extend_from_slice(&key_id.0);
        bytes
    }
}

/// Closes values under the current master key, opens what the current or a previous one closed.
pub struct Seal {
    current: Wrapper,
    previous: Vec<Wrapper>,
}

impl Seal {
    /// A seal that closes under `current`. `previous` keys only open, until everything was re-wrapped.
    #[must_use]
    pub fn new(current: &MasterKey, previous: &[MasterKey]) -> Self {
        Self { current: Wrapper::from(current), previous: previous.iter().map(Wrapper::from).collect() }
    }

    /// The master key that new values are closed under.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        self.current.key_id
    }

    /// Closes `secret` for one place.
    #[must_use]
    pub fn close(&self, context: &Context<'_>, secret: &[u8], random: &Random) -> Sealed {
        let data_key: SecretKey = SecretBox::init_with_mut(|key: &mut [u8; KEY_BYTES]| random.fill(key));
        let nonce = random.bytes::<NONCE_BYTES>();
        let ciphertext = encrypt(&data_key, &nonce, secret, &context.bound_to(VALUE));
        let wrapped = self.current.wrap(context, &data_key, random);
        Sealed { key_id: self.current.key_id, wrapped, nonce, ciphertext }
    }

    /// Closes a secret text for one place.
    #[must_use]
    pub fn close_text(&self, context: &Context<'_>, secret: &SecretString, random: &Random) -> Sealed {
        self.close(context, secret.expose_secret().as_bytes(), random)
    }

    /// Opens what was closed for this place. The answer is wiped when it goes.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownKey`] if it was closed under a master key that is not at hand; [`Error::DoesNotOpen`] if a bit of
    /// it, or its place, is another.
    pub fn open(&self, context: &Context<'_>, sealed: &Sealed) -> Result<SecretSlice<u8>, Error> {
        let bytes = self.open_bytes(context, sealed)?;
        // Copied at its exact length: shrinking in place could leave a copy behind.
        Ok(bytes.to_vec().into())
    }

    /// Opens a secret text.
    ///
    /// # Errors
    ///
    /// As [`Seal::open`]; [`Error::DoesNotOpen`] also if what was closed is no text.
    pub fn open_text(&self, context: &Context<'_>, sealed: &Sealed) -> Result<SecretString, Error> {
        let bytes = self.open_bytes(context, sealed)?;
        std::str::from_utf8(&bytes).map(SecretString::from).map_err(|_| Error::DoesNotOpen)
    }

    /// The same value with its data key under the current master key; `None` if it is already. The value itself is
    /// neither opened nor changed, so that a rotation stays cheap and can stop and go on at any row.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownKey`] and [`Error::DoesNotOpen`], as [`Seal::open`], for the data key alone.
    pub fn rewrap(&self, context: &Context<'_>, sealed: &Sealed, random: &Random) -> Result<Option<Sealed>, Error> {
        if sealed.key_id == self.current.key_id {
            return Ok(None);
        }
        let data_key = self.wrapper(sealed.key_id)?.unwrap(context, &sealed.wrapped)?;
        let wrapped = self.current.wrap(context, &data_key, random);
        Ok(Some(Sealed { key_id: self.current.key_id, wrapped, ..sealed.clone() }))
    }

    fn open_bytes(&self, context: &Context<'_>, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, Error> {
        let data_key = self.wrapper(sealed.key_id)?.unwrap(context, &sealed.wrapped)?;
        decrypt(&data_key, &sealed.nonce, &sealed.ciphertext, &context.bound_to(VALUE))
    }

    fn wrapper(&self, key_id: KeyId) -> Result<&Wrapper, Error> {
        std::iter::once(&self.current)
            .chain(&self.previous)
            .find(|it| it.key_id == key_id)
            .ok_or(Error::UnknownKey(key_id))
    }
}

/// A key-encryption key: it wraps data keys and nothing else.
struct Wrapper {
    key_id: KeyId,
    key: SecretKey,
}

impl From<&MasterKey> for Wrapper {
    fn from(master: &MasterKey) -> Self {
        Self { key_id: master.id(), key: master.derive(KEY_ENCRYPTION_KEY) }
    }
}

impl Wrapper {
    fn wrap(&self, context: &Context<'_>, data_key: &SecretKey, random: &Random) -> [u8; WRAPPED_BYTES] {
        let nonce = random.bytes::<NONCE_BYTES>();
        let ciphertext = encrypt(&self.key, &nonce, data_key.expose_secret(), &context.bound_to_key(self.key_id));
        let mut wrapped = [0; WRAPPED_BYTES];
        wrapped[..NONCE_BYTES].copy_from_slice(&nonce);
        wrapped[NONCE_BYTES..].copy_from_slice(&ciphertext);
        wrapped
    }

    fn unwrap(&self, context: &Context<'_>, wrapped: &[u8; WRAPPED_BYTES]) -> Result<SecretKey, Error> {
        let (nonce, ciphertext) = wrapped.split_first_chunk().expect("it is longer than a nonce");
        let raw = decrypt(&self.key, nonce, ciphertext, &context.bound_to_key(self.key_id))?;
        Ok(SecretBox::init_with_mut(|key: &mut [u8; KEY_BYTES]| key.copy_from_slice(&raw)))
    }
}

fn encrypt(key: &SecretKey, nonce: &[u8; NONCE_BYTES], plain: &[u8], bound: &[u8]) -> Vec<u8> {
    XChaCha20Poly1305::new(key.expose_secret().into())
        .encrypt(&XNonce::from(*nonce), Payload { msg: plain, aad: bound })
        .expect("it takes up to 256 GiB, which no secret has")
}

fn decrypt(
    key: &SecretKey,
    nonce: &[u8; NONCE_BYTES],
    ciphertext: &[u8],
    bound: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Error> {
    XChaCha20Poly1305::new(key.expose_secret().into())
        .decrypt(&XNonce::from(*nonce), Payload { msg: ciphertext, aad: bound })
        .map(Zeroizing::new)
        .map_err(|_| Error::DoesNotOpen)
}
