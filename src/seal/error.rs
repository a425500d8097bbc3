//! What can go wrong with a seal. No variant carries a byte of what was sealed, nor of a key.

use super::key_id::KeyId;

/// Why something could not be sealed, opened or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A master key is not what it should be.
    #[error("a master key is 32 random bytes in base64: 44 characters, the last of them `=`")]
    BadMasterKey,
    /// A stored text is no sealed value of a version that this program writes.
    #[error("the stored text is no sealed value")]
    Malformed,
    /// It was sealed under a master key that is neither the current one nor a previous one.
    #[error("sealed under the master key {0}, which is not at hand")]
    UnknownKey(KeyId),
    /// The value, its place or its key is not the one that it was sealed with.
    #[error("the sealed value does not open: it was changed, or moved to another place")]
    DoesNotOpen,
    /// What was opened is no private key of the sort that signs assertions.
    #[error("this is no key that assertions can be signed with")]
    BadAssertionKey,
}
