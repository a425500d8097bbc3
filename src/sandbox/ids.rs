//! Ids and secrets in the shapes that the real service gives them.

use crate::random::Random;
use sha2::{Digest, Sha256};

const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const SECRET_LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// Characters between the prefix of a secret and its closing `AA`.
const SECRET_LENGTH: usize = 93;
const API_PREFIX: &str = "sk-ant-api03-";
const ADMIN_PREFIX: &str = "sk-ant-admin01-";
const TOKEN_PREFIX: &str = "sk-ant-oat01-";

/// `prefix_01…`, as `user_01WCz1FkmYMm4gnmykNKUu3Q`.
pub(super) fn id(random: &Random, prefix: &str) -> String {
    format!("{prefix}_01{}", letters(random, LETTERS, 22))
}

/// A random UUID, version 4: what an organization is called by.
pub(super) fn uuid(random: &Random) -> String {
    let mut raw = random.bytes::<16>();
    raw[6] = raw[6] & 0x0f | 0x40;
    raw[8] = raw[8] & 0x3f | 0x80;
    let hex = data_encoding::HEXLOWER.encode(&raw);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// The secret of an API key.
pub(super) fn api_secret(random: &Random) -> String {
    format!("{API_PREFIX}{}AA", letters(random, SECRET_LETTERS, SECRET_LENGTH))
}

/// An Admin API key.
pub(super) fn admin_secret(random: &Random) -> String {
    format!("{ADMIN_PREFIX}{}AA", letters(random, SECRET_LETTERS, SECRET_LENGTH))
}

/// A token: of somebody who has signed in, or of a service account.
pub(super) fn token_secret(random: &Random) -> String {
    format!("{TOKEN_PREFIX}{}AA", letters(random, SECRET_LETTERS, SECRET_LENGTH))
}

/// What is kept of a secret.
pub(super) fn hash(secret: &str) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(secret.as_bytes()))
}

/// What people may see of an API key's secret: `sk-ant-api03-R2D...igAA`.
pub(super) fn hint(secret: &str) -> String {
    let start = API_PREFIX.len() + 3;
    format!("{}...{}", &secret[..start], &secret[secret.len() - 4..])
}

fn letters(random: &Random, alphabet: &[u8], length: usize) -> String {
    let mut raw = vec![0_u8; length];
    random.fill(&mut raw);
    raw.into_iter().map(|byte| char::from(alphabet[usize::from(byte) % alphabet.len()])).collect()
}
