//! The key by which Steward is an issuer: it signs assertions (ES256) that Anthropic exchanges for tokens.
//!
//! Made by ring, which is the one provider of TLS here as well; it draws from the operating system and takes no other source.

use data_encoding::BASE64URL_NOPAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use sha2::{Digest, Sha256};

use super::error::Error;

/// An uncompressed point: a leading 4, then both coordinates.
const POINT_BYTES: usize = 65;
const COORDINATE_BYTES: usize = 32;

/// Signs assertions. It has no `Debug`: it holds a private key, on the heap, where what is freed is wiped.
pub struct AssertionKey {
    pair: Box<EcdsaKeyPair>,
    x: String,
    y: String,
    kid: String,
}

impl AssertionKey {
    /// A new private key, to be sealed: PKCS #8.
    ///
    /// # Errors
    ///
    /// [`Error::BadAssertionKey`] if the operating system has no randomness.
    pub fn generate() -> Result<SecretSlice<u8>, Error> {
        let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        Ok(made.map_err(|_| Error::BadAssertionKey)?.as_ref().to_vec().into())
    }

    /// Takes up a private key that [`AssertionKey::generate`] has made.
    ///
    /// # Errors
    ///
    /// [`Error::BadAssertionKey`] if it is none.
    pub fn open(private: &SecretSlice<u8>) -> Result<Self, Error> {
        let (algorithm, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, private.expose_secret(), &random);
        let pair = Box::new(pair.map_err(|_| Error::BadAssertionKey)?);
        let point: [u8; POINT_BYTES] = pair.public_key().as_ref().try_into().map_err(|_| Error::BadAssertionKey)?;
        let (x, y) = point[1..].split_at(COORDINATE_BYTES);
        let (x, y) = (BASE64URL_NOPAD.encode(x), BASE64URL_NOPAD.encode(y));
        let kid = thumbprint(&x, &y);
        Ok(Self { pair, x, y, kid })
    }

    /// What the public key goes by: its thumbprint.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The public key as a JWK, in JSON. No secret; meant to be handed out.
    #[must_use]
    pub fn jwk(&self) -> String {
        let Self { x, y, kid, .. } = self;
        format!(
            "{{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"{x}\",\"y\":\"{y}\",\"kid\":\"{kid}\",\"use\":\"sig\",\"alg\":\"ES256\"}}"
        )
    }

    /// The assertion that says `claims`, which is a JSON object.
    ///
    /// # Errors
    ///
    /// [`Error::BadAssertionKey`] if the operating system has no randomness.
    pub fn sign(&self, claims: &str) -> Result<SecretString, Error> {
        let header = format!("{{\"alg\":\"ES256\",\"typ\":\"JWT\",\"kid\":\"{}\"}}", self.kid);
        let encode = |part: &[u8]| BASE64URL_NOPAD.encode(part);
        let said = format!("{}.{}", encode(header.as_bytes()), encode(claims.as_bytes()));
        let signature = self.pair.sign(&SystemRandom::new(), said.as_bytes()).map_err(|_| Error::BadAssertionKey)?;
        Ok(format!("{said}.{}", encode(signature.as_ref())).into())
    }
}

/// RFC 7638: the digest of exactly this text names the key.
fn thumbprint(x: &str, y: &str) -> String {
    let named = format!("{{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"{x}\",\"y\":\"{y}\"}}");
    BASE64URL_NOPAD.encode(&Sha256::digest(named.as_bytes()))
}

#[cfg(test)]
mod tests {
    use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    use super::*;

    #[test]
    fn an_assertion_is_checked_with_what_is_handed_out() {
        let private = AssertionKey::generate().unwrap();
        let key = AssertionKey::open(&private).unwrap();
        assert_eq!(key.kid(), AssertionKey::open(&private).unwrap().kid(), "the same key goes by the same name");
        assert_eq!(key.kid().len(), 43);
        let other = AssertionKey::open(&AssertionKey::generate().unwrap()).unwrap();
        assert_ne!(key.kid(), other.kid());

        let jwk: serde_json::Value = serde_json::from_str(&key.jwk()).unwrap();
        let part = |name: &str| BASE64URL_NOPAD.decode(jwk[name].as_str().unwrap().as_bytes()).unwrap();
        let point = [vec![4], part("x"), part("y")].concat();
        let signed = key.sign("{\"sub\":\"x\"}").unwrap();
        let (said, signature) = signed.expose_secret().rsplit_once('.').unwrap();
        let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap();
        let verifier = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
        assert!(verifier.verify(said.as_bytes(), &signature).is_ok());
        assert!(verifier.verify(b"something else", &signature).is_err());
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for bad in [Vec::new(), vec![0; 138], b"-----BEGIN PRIVATE KEY-----".to_vec()] {
            assert!(matches!(AssertionKey::open(&bad.into()), Err(Error::BadAssertionKey)));
        }
    }

    /// The key is the example of RFC 7517 (appendix A.1); its thumbprint was worked out with another program.
    #[test]
    fn the_name_is_the_thumbprint() {
        let (x, y) = ("MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM");
        assert_eq!(thumbprint(x, y), "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s");
    }
}
