//! Sealing and opening what must not lie readable at rest, and the MACs that show whether a row was touched.
//!
//! Everything hangs on one root, the [`MasterKey`]. From it come, by HKDF-SHA256 with a label each, the key-encryption
//! key of the [`Seal`], the keys of the three [`Mac`]s, of the [`Signer`] and of the [`HookKey`], so that no two uses share a
//! key. Only the [`AssertionKey`] is drawn by itself and lies sealed in the database: it is registered with Anthropic, and has to
//! outlive a change of the root. Nothing here reads a clock, a file or the environment; randomness is handed in, but to the
//! `AssertionKey`, whose crate takes none.

mod assertion;
mod envelope;
mod error;
mod hook;
mod key_id;
mod mac;
mod master;
mod sealed;
mod signer;

pub use assertion::AssertionKey;
pub use envelope::{Context, Seal};
pub use error::Error;
pub use hook::{HookKey, STAMP_HEADER};
pub use key_id::KeyId;
pub use mac::Mac;
pub use master::MasterKey;
pub use sealed::Sealed;
pub use signer::{BadPublicKey, PublicKey, SIGNATURE_BYTES, Signer};
